"""What is recorded of a live stream: the index of a package like any other, without encoding anything again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Self

from streaming.media.errors import TimelineViolation
from streaming.media.live.described import Recorded, build_index
from streaming.media.live.packager import Output, fitted_to
from streaming.media.live.pipe import Stand
from streaming.media.live.ready import InitReady, Ready, SegmentReady
from streaming.media.live.recovery import outputs_of, read_header, read_segment
from streaming.media.live.runs import Run
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import FIRST_HEADER, HeaderChange, PackageIndex, SegmentEntry
from streaming.media.tracks import Track

_SEGMENT = re.compile(r"([1-9][0-9]{0,8})\.m4s")


@dataclass(slots=True)
class _Recorded:
    """The segments of one track, from the first on."""

    header: Track | None = None
    init: bytes = b""
    start: int = 0
    entries: list[SegmentEntry] = field(default_factory=list)
    changes: list[HeaderChange] = field(default_factory=list)

    def begin(self, init: InitReady) -> None:
        """Take the header of a run of the encoder: of segments that are to come, if any do."""
        if self.header is None:
            self.header, self.init = init.header, init.content
            return
        number, name = len(self.entries) + 1, init.name.rpartition("/")[2]
        self.changes = [change for change in self.changes if change.number < number]
        if name != (self.changes[-1].name if self.changes else FIRST_HEADER):
            self.changes.append(HeaderChange(number, name))

    @property
    def end(self) -> int:
        return self.start + sum(entry.duration for entry in self.entries)

    def stand(self, count: int) -> Stand:
        """Tell where the next segment behind so many begins."""
        if self.header is None:
            raise TimelineViolation("a track has not begun")
        end = self.start + sum(entry.duration for entry in self.entries[:count])
        return Stand(init=self.init, end=end, timescale=self.header.timescale, next_msn=count + 1)


class Recording:
    """Remembers the segments of a stream: a few numbers of each, and the runs of the encoder that they are of.

    Attributes:
        first_msn: the first segment that is still there; 1 unless only what can be watched is kept.
    """

    def __init__(self, outputs: Sequence[Output], timing: LiveTiming) -> None:
        self._outputs = tuple(outputs)
        self._timing = fitted_to(outputs, timing)
        self._tracks = {output.name: _Recorded() for output in outputs}
        self._runs: list[Run] = []
        self.first_msn = 1

    @classmethod
    def taken_up(
        cls, index: PackageIndex, inits: Mapping[str, bytes], timing: LiveTiming, runs: Sequence[Run] = ()
    ) -> Self:
        """Go on with what was stored by an origin that is no more; `inits` are the first headers by track.

        `runs` are those that are known of; none of a stream whose origin told nothing of them.

        Raises:
            BoxViolation: a header is none.
        """
        recording = cls(outputs_of(index), timing)
        for track in index.media():
            recorded = recording._tracks[track.name]
            recorded.init, recorded.header = inits[track.name], read_header(inits[track.name])
            recorded.start, recorded.entries = track.start, list(track.segments)
            recorded.changes = list(track.headers)
        recording._runs = list(runs)
        return recording

    def recover(self, track: str, content: bytes) -> None:
        """Take the next stored segment of a track that the index did not know yet.

        Raises:
            BoxViolation: it is damaged.
            TimelineViolation: it does not go on where the one before it ended.
        """
        recorded = self._tracks[track]
        segment = read_segment(recorded.init, content)
        if not recorded.entries:
            recorded.start = segment.start
        if segment.start != recorded.end:
            raise TimelineViolation(f"{track} goes on at {segment.start} where {recorded.end} was due")
        recorded.entries.append(segment.entry)

    def end_before(self, track: str, number: int) -> None:
        """Forget the segments of a track from that number on: they are not there, whatever an index said."""
        recorded = self._tracks[track]
        del recorded.entries[number - 1 :]
        recorded.changes = [change for change in recorded.changes if change.number < number]

    def end_before_file(self, name: str) -> None:
        """Forget the segments of a track from the first on that needs a file which is not there; others need none."""
        track, _, file = name.partition("/")
        recorded = self._tracks.get(track)
        if recorded is None:
            return
        numbers = {change.name: change.number for change in recorded.changes} | {FIRST_HEADER: 1}
        if segment := _SEGMENT.fullmatch(file):
            numbers[file] = int(segment[1])
        if file in numbers:
            self.end_before(track, numbers[file])

    def snapshot(self) -> Self:
        """Return what there is now, for another thread to describe while this one goes on."""
        taken = copy(self)
        taken._tracks = {
            name: replace(recorded, entries=list(recorded.entries), changes=list(recorded.changes))
            for name, recorded in self._tracks.items()
        }
        taken._runs = list(self._runs)
        return taken

    def next_msn(self, track: str) -> int:
        """Return the number that the next segment of a track has."""
        return len(self._tracks[track].entries) + 1

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self._outputs

    def stand(self) -> dict[str, Stand]:
        """Return how far each track has come, without what others do not have."""
        count = self.common_count
        return {name: recorded.stand(count) for name, recorded in self._tracks.items()}

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs of the encoder that there are segments of, as far as they are known."""
        count = self.common_count
        return tuple(run for run in self._runs if run.first_msn <= count)

    def headers(self) -> dict[str, Track]:
        """Return the first header of each track that has begun."""
        return {name: recorded.header for name, recorded in self._tracks.items() if recorded.header}

    @property
    def common_count(self) -> int:
        """How many segments every track has."""
        return min(len(recorded.entries) for recorded in self._tracks.values())

    def add(self, ready: Iterable[Ready]) -> None:
        """Take what the packager has handed out."""
        for item in ready:
            recorded = self._tracks[item.track]
            if isinstance(item, InitReady):
                recorded.begin(item)
            elif isinstance(item, SegmentReady):
                self._note_run(item)
                if not recorded.entries:
                    recorded.start = item.start
                recorded.entries.append(SegmentEntry(item.duration, len(item.content), item.key_end))

    def _note_run(self, segment: SegmentReady) -> None:
        if not self._runs or self._runs[-1].epoch != segment.epoch:
            self._runs.append(Run(segment.msn, segment.epoch))

    def index(self, *, is_whole: bool) -> PackageIndex:
        """Describe the package as far as it has come, with as many segments of each track as all of them have.

        Raises:
            IndexViolation: a segment is longer than the target duration allows.
            TimelineViolation: a track has not begun.
        """
        count = self.common_count

        def recorded_of(name: str) -> Recorded:
            recorded = self._tracks[name]
            if recorded.header is None:
                raise TimelineViolation(f"{name} has not begun")
            headers = tuple(change for change in recorded.changes if change.number <= count)
            return Recorded(recorded.header, recorded.start, tuple(recorded.entries[:count]), headers)

        return build_index(self._outputs, self._timing, recorded_of, is_whole=is_whole)
