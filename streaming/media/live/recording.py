"""What is recorded of a live stream: the index of a package like any other, without encoding anything again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from streaming.media.errors import TimelineViolation
from streaming.media.live.described import Recorded, build_index
from streaming.media.live.packager import Output, fitted_to
from streaming.media.live.ready import InitReady, Ready, SegmentReady
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import PackageIndex, SegmentEntry
from streaming.media.tracks import Track


@dataclass(slots=True)
class _Recorded:
    """The segments of one track, from the first on."""

    header: Track | None = None
    start: int = 0
    entries: list[SegmentEntry] = field(default_factory=list)


class Recording:
    """Remembers the segments of a stream: a few numbers of each."""

    def __init__(self, outputs: Sequence[Output], timing: LiveTiming) -> None:
        self._outputs = tuple(outputs)
        self._timing = fitted_to(outputs, timing)
        self._tracks = {output.name: _Recorded() for output in outputs}

    def add(self, ready: Iterable[Ready]) -> None:
        """Take what the packager has handed out."""
        for item in ready:
            recorded = self._tracks[item.track]
            if isinstance(item, InitReady):
                recorded.header = recorded.header or item.header
            elif isinstance(item, SegmentReady):
                if not recorded.entries:
                    recorded.start = item.start
                recorded.entries.append(SegmentEntry(item.duration, len(item.content), item.key_end))

    def index(self, *, is_whole: bool) -> PackageIndex:
        """Describe the package as far as it has come, with as many segments of each track as all of them have.

        Raises:
            IndexViolation: a segment is longer than the target duration allows.
            TimelineViolation: a track has not begun.
        """
        count = min(len(recorded.entries) for recorded in self._tracks.values())

        def recorded_of(name: str) -> Recorded:
            recorded = self._tracks[name]
            if recorded.header is None:
                raise TimelineViolation(f"{name} has not begun")
            return recorded.header, recorded.start, tuple(recorded.entries[:count])

        return build_index(self._outputs, self._timing, recorded_of, is_whole=is_whole)
