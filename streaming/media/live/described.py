"""The tracks of a live stream as an index describes them: without segments for playlists, with them for recordings."""

from collections.abc import Callable, Sequence

from streaming.media.live.packager import Output
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import PackageIndex, SegmentEntry
from streaming.media.packager import VideoOutput, describe_audio, describe_video
from streaming.media.tracks import Track

Recorded = tuple[Track, int, tuple[SegmentEntry, ...]]
"""Of one track: its header, where its first segment begins, and its segments."""


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
        header, start, segments = recorded(output.name)
        if isinstance(output, VideoOutput):
            video.append(describe_video(output, header, start=start, segments=segments))
        else:
            audio.append(describe_audio(output, header, start=start, segments=segments))
    return PackageIndex(
        is_whole=is_whole,
        target_duration_s=timing.target_duration_s,
        video=tuple(video),
        audio=tuple(audio),
    )
