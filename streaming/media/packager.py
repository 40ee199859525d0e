"""The packager: bytes of pipes in, files of a package out.

It knows nothing of processes and storage. Whoever feeds it stores each file that it returns, in their order, and writes
playlists from `index()` only when the files that they name are stored.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from streaming.media.errors import BoxViolation, TimelineViolation
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.package_index import (
    AudioRole,
    AudioTrack,
    ImageTrack,
    PackageIndex,
    SegmentEntry,
    TextTrack,
    VideoTrack,
)
from streaming.media.sample_entries import Picture, Sound
from streaming.media.segmenter import Alignment, FollowingSegmenter, Gap, LeadingSegmenter, Segment, end_of
from streaming.media.tracks import Track, format_init


class File(NamedTuple):
    """A file to store, named relative to the package. It never changes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOutput:
    """A rung that a pipe will bring. `ceiling_bps`: see MediaTrack."""

    name: str
    frame_rate: Fraction
    ceiling_bps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioOutput:
    """Sound that a pipe will bring; fields as in AudioTrack."""

    name: str
    label: str
    language: str | None = None
    role: AudioRole = AudioRole.MAIN
    is_default: bool = False
    ceiling_bps: int | None = None


@dataclass(slots=True, kw_only=True)
class _Progress:
    """One pipe and how far it has come."""

    output: VideoOutput | AudioOutput
    reader: FragmentReader = field(default_factory=FragmentReader)
    segmenter: LeadingSegmenter | FollowingSegmenter | None = None
    entries: list[SegmentEntry] = field(default_factory=list)
    start: int = 0
    has_ended: bool = False


class Packager:
    """Cuts the tracks of one package. The first rung leads: sound is cut where it is, other rungs must agree.

    `starts` is where the segments of a rung that was made before begin: these must agree with it, too.
    """

    def __init__(
        self,
        outputs: tuple[VideoOutput | AudioOutput, ...],
        *,
        segment_s: Fraction,
        starts: Sequence[Fraction] = (),
    ) -> None:
        self._segment_s = segment_s
        self._tracks = {output.name: _Progress(output=output) for output in outputs}
        rungs = [output for output in outputs if isinstance(output, VideoOutput)]
        self._leader = rungs[0].name if rungs else None
        slowest = min((rung.frame_rate for rung in rungs), default=Fraction(1))
        self._alignment = Alignment(tolerance_s=1 / (2 * slowest), starts=starts)
        # Where sound is to be cut; tracks whose header has not come yet learn of it later.
        self._boundaries: list[Fraction] = []
        self._leader_ended = self._leader is None

    def feed(self, name: str, received: bytes) -> tuple[File, ...]:
        """Take bytes of the pipe of that name, b"" once at its end; return the files that they complete.

        Raises:
            MediaFault: the bytes are not one track, its times jump, or rungs are cut at different frames.
        """
        progress = self._tracks[name]
        if not received:
            return self._finish(progress)
        files: list[File] = []
        for item in progress.reader.feed(received):
            if isinstance(item, Track):
                files.append(self._begin(progress, item))
                files += self._catch_up(progress)
            else:
                files += self._take(progress, item)
        return tuple(files)

    def _begin(self, progress: _Progress, track: Track) -> File:
        name, expected = progress.output.name, Picture if isinstance(progress.output, VideoOutput) else Sound
        if not isinstance(track.media, expected):
            raise BoxViolation(f"the pipe of {name} brings {track.media.codec}")
        if isinstance(progress.output, VideoOutput):
            progress.segmenter = LeadingSegmenter(track, segment_s=self._segment_s, name=name)
        else:
            is_alone = self._leader is None
            progress.segmenter = FollowingSegmenter(track, segment_s=self._segment_s, name=name, is_alone=is_alone)
        return File(f"{name}/init.mp4", format_init(track))

    def _catch_up(self, progress: _Progress) -> list[File]:
        """Tell a track that begins what the leader has told the others."""
        if not isinstance(progress.segmenter, FollowingSegmenter) or self._leader is None:
            return []
        segments = [segment for boundary in self._boundaries for segment in progress.segmenter.cut_at(boundary)]
        if self._leader_ended:
            segments += progress.segmenter.leader_ended()
        return self._store(progress, segments)

    def _take(self, progress: _Progress, fragment: Fragment) -> list[File]:
        if progress.segmenter is None:
            raise BoxViolation(f"{progress.output.name} has no header")
        segments = list(progress.segmenter.feed(fragment))
        files = self._store(progress, segments)
        if progress.output.name == self._leader:
            files += self._lead([end_of(progress.segmenter.queue.track, segment) for segment in segments])
        return files

    def _lead(self, boundaries: list[Fraction]) -> list[File]:
        self._boundaries += boundaries
        files = []
        for follower, segmenter in self._followers():
            found = [segment for boundary in boundaries for segment in segmenter.cut_at(boundary)]
            files += self._store(follower, found)
        return files

    def _finish(self, progress: _Progress) -> tuple[File, ...]:
        """End a track. The leader's last segment is no boundary: sound that is a little longer stays in one piece."""
        progress.reader.finish()
        if progress.segmenter is None:
            raise BoxViolation(f"{progress.output.name} has no header")
        progress.has_ended = True
        files: list[File] = []
        if isinstance(progress.segmenter, LeadingSegmenter):
            files += self._store(progress, list(progress.segmenter.finish()))
        if progress.output.name == self._leader:
            self._leader_ended = True
            for follower, segmenter in self._followers():
                files += self._store(follower, list(segmenter.leader_ended()))
        # Sound may end first; where its last cuts are is known only when the leader has ended, too.
        for follower, segmenter in self._followers():
            if self._leader_ended and follower.has_ended:
                files += self._store(follower, list(segmenter.finish()))
        return tuple(files)

    def _followers(self) -> list[tuple[_Progress, FollowingSegmenter]]:
        tracks = self._tracks.values()
        return [(track, track.segmenter) for track in tracks if isinstance(track.segmenter, FollowingSegmenter)]

    def _store(self, progress: _Progress, segments: list[Segment]) -> list[File]:
        files = []
        for segment in segments:
            if isinstance(progress.segmenter, LeadingSegmenter):
                self._alignment.check(progress.segmenter.queue.track, segment, name=progress.output.name)
            if not progress.entries:
                progress.start = segment.start
            size = len(segment.content)
            progress.entries.append(SegmentEntry(segment.duration, size, segment.key_end))
            files.append(File(f"{progress.output.name}/{segment.number}.m4s", segment.content))
        return files

    def gaps(self) -> dict[str, tuple[Gap, ...]]:
        """Return the holes that were closed, by track."""
        return {
            name: tuple(progress.segmenter.queue.gaps)
            for name, progress in self._tracks.items()
            if progress.segmenter and progress.segmenter.queue.gaps
        }

    def index(
        self,
        *,
        is_whole: bool,
        target_duration_s: int,
        only: Collection[str] | None = None,
        texts: tuple[TextTrack, ...] = (),
        images: tuple[ImageTrack, ...] = (),
        posters: tuple[str, ...] = (),
    ) -> PackageIndex:
        """Describe the package as far as it has come; tracks without a segment are left out.

        `only` these tracks, or all of them if it is None: a package can be whole with the rungs that it has, and
        others join it later.

        Raises:
            IndexViolation: a segment is longer than the target duration allows.
            TimelineViolation: it is said to be whole, but a track has not ended.
        """
        shown = [progress for name, progress in self._tracks.items() if only is None or name in only]
        running = [progress.output.name for progress in shown if not progress.has_ended]
        if is_whole and running:
            raise TimelineViolation(f"{', '.join(running)} did not end")
        begun = [progress for progress in shown if progress.entries]
        return PackageIndex(
            is_whole=is_whole,
            target_duration_s=target_duration_s,
            video=tuple(_video_track(track, track.output) for track in begun if isinstance(track.output, VideoOutput)),
            audio=tuple(_audio_track(track, track.output) for track in begun if isinstance(track.output, AudioOutput)),
            texts=texts,
            images=images,
            posters=posters,
        )


def _video_track(progress: _Progress, output: VideoOutput) -> VideoTrack:
    return describe_video(output, _header(progress), start=progress.start, segments=tuple(progress.entries))


def _audio_track(progress: _Progress, output: AudioOutput) -> AudioTrack:
    return describe_audio(output, _header(progress), start=progress.start, segments=tuple(progress.entries))


def _header(progress: _Progress) -> Track:
    if progress.segmenter is None:
        raise BoxViolation(f"{progress.output.name} has no header")
    return progress.segmenter.queue.track


def describe_video(output: VideoOutput, header: Track, *, start: int, segments: tuple[SegmentEntry, ...]) -> VideoTrack:
    """Describe a rung for an index. Raises BoxViolation when its header is that of something else."""
    if not isinstance(header.media, Picture):
        raise BoxViolation(f"the pipe of {output.name} brings {header.media.codec}")
    return VideoTrack(
        name=output.name,
        codec=header.media.codec,
        timescale=header.timescale,
        start=start,
        segments=segments,
        ceiling_bps=output.ceiling_bps,
        width_px=header.media.width_px,
        height_px=header.media.height_px,
        frame_rate=output.frame_rate,
        video_range=header.media.video_range,
    )


def describe_audio(output: AudioOutput, header: Track, *, start: int, segments: tuple[SegmentEntry, ...]) -> AudioTrack:
    """Describe sound for an index. Raises BoxViolation when its header is that of something else."""
    if not isinstance(header.media, Sound):
        raise BoxViolation(f"the pipe of {output.name} brings {header.media.codec}")
    return AudioTrack(
        name=output.name,
        codec=header.media.codec,
        timescale=header.timescale,
        start=start,
        segments=segments,
        ceiling_bps=output.ceiling_bps,
        channels=header.media.channels,
        sample_rate_hz=header.media.sample_rate_hz,
        label=output.label,
        language=output.language,
        role=output.role,
        is_default=output.is_default,
    )
