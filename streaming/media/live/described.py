"""The tracks of a live stream as an index describes them: without segments for playlists, with them for recordings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from streaming.media.live.packager import Output
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import HeaderChange, PackageIndex, SegmentEntry
from streaming.media.packager import VideoOutput, describe_audio, describe_video
from streaming.media.tracks import Track


class Recorded(NamedTuple):
    """What there is of one track: its first header, where its first segment begins, its segments, other headers."""

    header: Track
    start: int = 0
    segments: tuple[SegmentEntry, ...] = ()
    headers: tuple[HeaderChange, ...] = ()


def build_index(
    outputs: Sequence[Output], timing: LiveTiming, recorded: Callable[[str], Recorded], *, is_whole: bool
) -> PackageIndex:
    """Return the index of a stream; `recorded` tells what there is of the track of a name.

    Raises:
        IndexViolation: a segment is longer than the target duration allows.
        BoxViolation: a header is not that of what was promised.
    """
    video, audio = [], []
    for output in outputs:
        found = recorded(output.name)
        if isinstance(output, VideoOutput):
            one = describe_video(output, found.header, start=found.start, segments=found.segments)
            video.append(replace(one, headers=found.headers))
        else:
            other = describe_audio(output, found.header, start=found.start, segments=found.segments)
            audio.append(replace(other, headers=found.headers))
    return PackageIndex(
        is_whole=is_whole,
        target_duration_s=timing.target_duration_s,
        video=tuple(video),
        audio=tuple(audio),
    )
