"""One track of a stream over all runs of its encoder: its headers, the samples of the run, and the segment begun."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from streaming.media.errors import BoxViolation, TimelineViolation
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.live.cuts import Cut
from streaming.media.live.lane import Lane
from streaming.media.live.ready import Epoch, InitReady, PartReady, SegmentReady
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.sample_entries import Picture, Sound
from streaming.media.samples import format_chunk
from streaming.media.segmenter import STYP
from streaming.media.tracks import Track, format_init

_MOST_FRAME_BYTES = 16 * 1024 * 1024
# Ten seconds of sound, which may come before the first key frame does.
_MOST_EARLY = 500


@dataclass(slots=True)
class _OpenSegment:
    """The parts of a segment that were handed out before it is whole."""

    start: int = 0
    end: int = 0
    key_end: int = 0
    parts: list[bytes] = field(default_factory=list)


class Stand(NamedTuple):
    """How far a track has come in what is stored: its header, where it ends, and the number of its next segment."""

    init: bytes
    end: int
    timescale: int
    next_msn: int


class Pipe:
    """What comes of one output of the encoder."""

    def __init__(self, name: str, output: VideoOutput | AudioOutput) -> None:
        self.name = name
        self._kind = Picture if isinstance(output, VideoOutput) else Sound
        self._inits: dict[bytes, str] = {}
        self._end: tuple[int, int] | None = None
        self._chunks = self._generation = 0
        self.begin_epoch()

    def take_up(self, stand: Stand) -> None:
        """Go on behind what an origin before this one has stored."""
        self._inits = {stand.init: f"{self.name}/init.mp4"}
        self._end = (stand.end, stand.timescale)
        self._generation = stand.next_msn

    def begin_epoch(self) -> None:
        """Forget what the last run of the encoder left."""
        self.reader = FragmentReader(most_bytes=_MOST_FRAME_BYTES)
        self.header: Track | None = None
        self.lane: Lane | None = None
        self.early: list[Fragment] = []
        self._segment = _OpenSegment()

    def begin_track(self, header: Track, *, epoch: Epoch) -> InitReady:
        """Take the header. Its file is that of an earlier run where the bytes are the same."""
        if not isinstance(header.media, self._kind):
            raise BoxViolation(f"the pipe of {self.name} brings {header.media.codec}")
        if self._end and self._end[1] != header.timescale:
            raise BoxViolation(f"{self.name} counts time in another way than before")
        self.header = header
        content = format_init(header)
        if content not in self._inits:
            self._inits[content] = f"{self.name}/init-{epoch.number}.mp4" if self._inits else f"{self.name}/init.mp4"
        return InitReady(track=self.name, name=self._inits[content], content=content, header=header)

    def hold(self, fragment: Fragment) -> None:
        """Keep what comes before it is known when the run begins."""
        if len(self.early) >= _MOST_EARLY:
            raise TimelineViolation(f"{self.name} has brought {_MOST_EARLY} samples, and no picture has begun")
        self.early.append(fragment)

    def begin_lane(self, *, zero_s: Fraction, base_s: Fraction) -> None:
        """Go on where the last run ended, to the tick; a track that is new begins where this run does."""
        if self.header is None:
            return
        start = self._end[0] if self._end else round(base_s * self.header.timescale)
        self.lane = Lane(self.name, self.header, zero_s=zero_s, base_s=base_s, start=start)

    def write_part(self, lane: Lane, cut: Cut, count: int, *, epoch: Epoch) -> PartReady:
        """Make the first samples a part."""
        stretch = lane.take(count)
        self._chunks += 1
        chunk = format_chunk(
            sequence=self._chunks,
            decode_time=stretch.decode_time,
            samples=stretch.samples,
            payload=stretch.payload,
        )
        content = chunk if cut.part else STYP + chunk
        if not cut.part:
            first, data = stretch.samples[0], sum(sample.size for sample in stretch.samples)
            key_end = len(content) - data + first.size if first.is_sync else 0
            self._segment = _OpenSegment(start=stretch.start, key_end=key_end)
        self._segment.parts.append(content)
        self._segment.end = stretch.end
        self._end = (stretch.end, lane.track.timescale)
        return PartReady(
            track=self.name,
            msn=cut.msn,
            part=cut.part,
            start=stretch.start,
            duration=stretch.end - stretch.start,
            timescale=lane.track.timescale,
            epoch=epoch,
            is_independent=stretch.samples[0].is_sync,
            generation=self._generation,
            content=content,
        )

    def write_segment(self, lane: Lane, msn: int, *, epoch: Epoch) -> SegmentReady:
        """Make a segment of the parts that were written since the last one."""
        whole = self._segment
        return SegmentReady(
            track=self.name,
            msn=msn,
            start=whole.start,
            duration=whole.end - whole.start,
            timescale=lane.track.timescale,
            epoch=epoch,
            key_end=whole.key_end,
            content=b"".join(whole.parts),
        )
