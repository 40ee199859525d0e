"""What of a live stream can be watched at this moment: segments of all tracks, and the parts of those near the end."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from streaming.media.errors import TimelineViolation
from streaming.media.live.described import Recorded
from streaming.media.live.listing import ListedSegment
from streaming.media.live.packager import Output, fitted_to, leader_of
from streaming.media.live.ready import Epoch, InitReady, PartReady, Ready, SegmentReady
from streaming.media.live.runs import Run
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import MediaTrack, PackageIndex
from streaming.media.tracks import Track


class Edge(NamedTuple):
    """The newest part: its segment and its number there. They compare as time does; (0, -1) is before everything."""

    msn: int
    part: int


_NOTHING = Edge(0, -1)


def _first_msn(run: Run) -> int:
    return run.first_msn


class TrackWindow:
    """What is listed of one track. `removed_discontinuities` counts those that have left the window."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.header: Track | None = None
        self.segments: deque[ListedSegment] = deque()
        self.open: ListedSegment | None = None
        self.removed_discontinuities = 0
        self._init_uri = ""
        self._epoch: Epoch | None = None

    @property
    def name(self) -> str:
        return self.output.name

    def begin(self, init: InitReady) -> None:
        """Take the header of a run of the encoder."""
        self.header = init.header
        self._init_uri = init.name.rpartition("/")[2]

    def add_part(self, part: PartReady) -> None:
        """List a part, of a new segment if it is the first."""
        if self.open is None:
            self.open = ListedSegment(
                msn=part.msn,
                start=part.start,
                timescale=part.timescale,
                epoch=part.epoch,
                init_uri=self._init_uri,
                is_discontinuous=self._epoch is not None and part.epoch != self._epoch,
            )
            if self._epoch is None:
                # A stream that was taken up begins its window behind discontinuities that are not in it.
                self.removed_discontinuities = part.epoch.number - 1
            self._epoch = part.epoch
        self.open.add_part(part)

    def close(self, segment: SegmentReady) -> None:
        """List the segment whose parts have come."""
        if self.open is not None:
            self.open.close(duration=segment.duration, size=len(segment.content))
            self.segments.append(self.open)
            self.open = None

    def take_up(self, track: MediaTrack, header: Track, runs: Sequence[Run], *, first_msn: int) -> None:
        """List the segments of an origin before this one, from a number on."""
        self.header = header
        start = track.start + sum(entry.duration for entry in track.segments[: first_msn - 1])
        for msn, entry in enumerate(track.segments[first_msn - 1 :], start=first_msn):
            run = runs[bisect_right(runs, msn, key=_first_msn) - 1]
            segment = ListedSegment(
                msn=msn,
                start=start,
                timescale=track.timescale,
                epoch=run.epoch,
                init_uri=track.header_of(msn),
                is_discontinuous=msn == run.first_msn and run is not runs[0],
            )
            segment.close(duration=entry.duration, size=entry.size)
            segment.forget_parts()
            self.segments.append(segment)
            start += entry.duration
        # Those whose lines are listed are not among them.
        begun = bisect_right(runs, first_msn, key=_first_msn) - 1
        self.removed_discontinuities = begun - self.segments[0].is_discontinuous
        self._epoch = runs[-1].epoch

    def forget_parts(self, before_s: Fraction) -> None:
        """Stop listing the parts of segments that end before a moment."""
        for segment in reversed(self.segments):
            if segment.end_s <= before_s:
                if not segment.parts:
                    return
                segment.forget_parts()

    def remove_first(self) -> None:
        self.removed_discontinuities += self.segments.popleft().is_discontinuous

    @property
    def end_s(self) -> Fraction:
        """When the last of what is listed ends, on the timeline."""
        last = self.open or (self.segments[-1] if self.segments else None)
        return last.end_s if last else Fraction(0)


class LiveWindow:
    """All tracks of a stream. Bytes are not in it: see `LiveContents`.

    `dvr_s` is how far players may go back, six target durations at least: a player that asks for less than the whole
    playlist must find in it what it had before.
    """

    def __init__(self, outputs: Sequence[Output], timing: LiveTiming, *, dvr_s: int) -> None:
        self.outputs, self.timing = tuple(outputs), fitted_to(outputs, timing)
        self.dvr_s = max(dvr_s, self.timing.skip_until_s)
        self.tracks = {output.name: TrackWindow(output) for output in outputs}
        self.leader = self.tracks[leader_of(outputs).name]
        self.first_epoch: Epoch | None = None
        self.is_ended = False
        self.newest, self.generation = _NOTHING, 0

    def add(self, ready: Iterable[Ready]) -> None:
        """List what the packager has handed out, in its order."""
        for item in ready:
            track = self.tracks[item.track]
            if isinstance(item, InitReady):
                track.begin(item)
                continue
            self.first_epoch = self.first_epoch or item.epoch
            if isinstance(item, PartReady):
                track.add_part(item)
                self.newest, self.generation = Edge(item.msn, item.part), item.generation
            else:
                track.close(item)
                track.forget_parts(track.end_s - self.timing.parts_until_s)
        self._slide()

    def take_up(
        self, index: PackageIndex, headers: Mapping[str, Track], runs: Sequence[Run], *, first_msn: int
    ) -> None:
        """Begin with what an origin before this one has stored, as far as players may go back.

        `headers` are the first of each track, `first_msn` is the first segment that is still there. Of what was made
        before the first of the `runs` nobody knows the time of the day: it is not listed, and without any nothing is.
        """
        tracks = {track.name: track for track in index.media()}
        entries = tracks[self.leader.name].segments
        if not entries or not runs:
            return
        first_msn = max(first_msn, runs[0].first_msn, self._first_within(tracks[self.leader.name]))
        for name, track in tracks.items():
            self.tracks[name].take_up(track, headers[name], runs, first_msn=first_msn)
        self.first_epoch = runs[0].epoch
        last = self.leader.segments[-1]
        self.newest = Edge(last.msn, ceil(last.duration_s / self.timing.part_s) - 1)
        # As those will be that come: see `Pipe.take_up`.
        self.generation = last.msn + 1

    def _first_within(self, leader: MediaTrack) -> int:
        """Return the number of the first segment with which players may still go back as far as they were promised."""
        left = int(self.dvr_s * leader.timescale)
        for msn in range(len(leader.segments), 1, -1):
            left -= leader.segments[msn - 1].duration
            if left <= 0:
                return msn
        return 1

    def _slide(self) -> None:
        """Drop the oldest segments of all tracks together, as long as enough is left without them."""
        while len(self.leader.segments) > 1:
            left_s = self.leader.segments[-1].end_s - self.leader.segments[1].start_s
            if left_s < self.dvr_s or not all(track.segments for track in self.tracks.values()):
                return
            for track in self.tracks.values():
                track.remove_first()

    def end(self) -> None:
        """Say that the stream has ended: nothing is added any more."""
        self.is_ended = True

    def described(self, track: str) -> Recorded:
        """Return what an index says of a track, without its segments. Raises TimelineViolation before it has begun."""
        header = self.tracks[track].header
        if header is None:
            raise TimelineViolation(f"{track} has not begun")
        return Recorded(header)

    def has(self, msn: int, part: int) -> bool:
        """Tell whether a part is listed, or, had its segment fewer of them, a later one."""
        return self.newest >= (msn, part)

    @property
    def oldest_msn(self) -> int | None:
        """The number of the first segment that is listed; None before there is one."""
        if self.leader.segments:
            return self.leader.segments[0].msn
        return self.leader.open.msn if self.leader.open else None

    @property
    def last_whole_msn(self) -> int:
        """The number of the last whole segment; 0 before there is one."""
        return self.leader.segments[-1].msn if self.leader.segments else 0

    @property
    def is_playable(self) -> bool:
        """Whether players can start: every track has a whole segment."""
        return all(track.segments for track in self.tracks.values())

    @property
    def next_part(self) -> Edge:
        """The part that comes next, as a preload hint promises it: if the run ends here, it is not what will come."""
        opened = self.leader.open
        return Edge(opened.msn, opened.part_count) if opened else Edge(max(self.newest.msn, 0) + 1, 0)
