"""The live packager: bytes of an encoder's pipes in; headers, parts and segments out, of all tracks at once.

The first rung leads, or the first sound where there is no picture. Parts of the same number are handed out together, so
that what a playlist says of the others is never ahead of them. Runs of the encoder follow each other without a hole:
what is recorded of a stream is an ordinary package.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from streaming.media.errors import RungMisaligned, TimelineViolation
from streaming.media.fragments import Fragment
from streaming.media.live.cuts import Cut, Cutter
from streaming.media.live.lane import Lane
from streaming.media.live.pipe import Pipe, Stand
from streaming.media.live.ready import Epoch, Ready
from streaming.media.live.timing import LiveTiming
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.segmenter import TIMELINE_START_S
from streaming.media.tracks import Track

Output = VideoOutput | AudioOutput
# How far the leader may be ahead of sound before silence stands in for it: at once where it is silent already.
_LATEST_SOUND_S, _STILL_SILENT_S = Fraction(2), Fraction(1, 4)
_LATEST_S = 10
"""How far the leader may be ahead of any track before the encoder is given up."""


def leader_of(outputs: Sequence[Output]) -> Output:
    """Return the track that all others are cut with."""
    return next((output for output in outputs if isinstance(output, VideoOutput)), outputs[0])


def fitted_to(outputs: Sequence[Output], timing: LiveTiming) -> LiveTiming:
    """Return the timing with parts of whole frames of the leader."""
    leader = leader_of(outputs)
    return timing.fitted(leader.frame_rate if isinstance(leader, VideoOutput) else None)


class LivePackager:
    """Cuts the tracks of one stream. Numbers of segments begin at 1 and go on over all runs of the encoder."""

    def __init__(self, outputs: Sequence[Output], timing: LiveTiming) -> None:
        self.timing = fitted_to(outputs, timing)
        self._pipes = {output.name: Pipe(output.name, output) for output in outputs}
        self._leader = self._pipes[leader_of(outputs).name]
        self._base_s = Fraction(TIMELINE_START_S)
        self._epoch = self._past = Epoch(number=0, start_s=self._base_s, clock_s=Fraction(0))
        self._next_msn = 1
        self._open_msn: int | None = None
        self._cutter: Cutter | None = None
        self._zero_s: Fraction | None = None
        self._cuts: deque[Cut] = deque()
        self._ready: list[Ready] = []
        self._silent: frozenset[str] = frozenset()
        self._copied_rate: Fraction | None = None

    def take_up(self, stands: Mapping[str, Stand], past: Epoch | None = None) -> None:
        """Go on behind what an origin before this one has stored, before the first run of the encoder.

        `past` is the last run that is known of; the time of the day goes on behind it. Runs are counted from where
        segments are, as nobody knows how many brought nothing but a header.
        """
        for name, stand in stands.items():
            self._pipes[name].take_up(stand)
        leader = stands[self._leader.name]
        self._next_msn, self._base_s = leader.next_msn, Fraction(leader.end, leader.timescale)
        self._epoch = self._past = (
            replace(past, number=max(past.number, leader.next_msn))
            if past
            else Epoch(number=leader.next_msn, start_s=self._base_s, clock_s=Fraction(0))
        )

    def begin_epoch(
        self, *, wall_clock_s: Fraction | float, silent: Collection[str] = (), copied_rate: Fraction | None = None
    ) -> None:
        """Take the bytes of a new run of the encoder from here on; its first frame was shot at that time of the day.

        Times of the day never run backwards: a run that begins too early begins when the one before it ended. Tracks of
        sound that are known to bring no more than a header are `silent`: they are not waited for. For `copied_rate` see
        `Cutter`.
        """
        earliest_s = self._past.clock_s + (self._base_s - self._past.start_s)
        clock_s = max(Fraction(wall_clock_s), earliest_s)
        self._epoch = Epoch(number=self._past.number + 1, start_s=self._base_s, clock_s=clock_s)
        self._silent, self._copied_rate = frozenset(silent), copied_rate
        self._cutter = self._zero_s = None
        self._cuts.clear()
        for pipe in self._pipes.values():
            pipe.begin_epoch()

    def feed(self, name: str, received: bytes) -> tuple[Ready, ...]:
        """Take bytes of the pipe of that name; return what they complete.

        Raises:
            MediaFault: the bytes are not one track, its times jump, or rungs are cut at different frames. End the run
                of the encoder and begin another.
        """
        pipe = self._pipes[name]
        for item in pipe.reader.feed(received):
            if isinstance(item, Track):
                self._begin_track(pipe, item)
            else:
                self._take(pipe, item)
        while self._cuts and (counts := self._counts(self._cuts[0])):
            self._write(self._cuts.popleft(), counts)
        return self._handed_out()

    def _handed_out(self) -> tuple[Ready, ...]:
        ready, self._ready = self._ready, []
        return tuple(ready)

    def _begin_track(self, pipe: Pipe, header: Track) -> None:
        if not self._epoch.number:
            raise TimelineViolation("bytes of an encoder came outside of its run")
        self._ready.append(pipe.begin_track(header, epoch=self._epoch))
        if self._zero_s is not None:
            pipe.begin_lane(zero_s=self._zero_s, base_s=self._base_s)

    def _take(self, pipe: Pipe, fragment: Fragment) -> None:
        if pipe.lane is None:
            pipe.hold(fragment)
            if pipe is self._leader:
                self._begin_with(fragment)
            return
        for place in pipe.lane.add(fragment):
            if pipe is self._leader and self._cutter is not None and (cut := self._cutter.see(place)):
                self._cuts.append(cut)

    def _begin_with(self, fragment: Fragment) -> None:
        """Begin the run with the leader's first key frame, if it has come; what lies before it is dropped."""
        header, at = self._leader.header, fragment.decode_time
        for sample in fragment.samples:
            if header is not None and sample.is_sync:
                self._zero_s = header.seconds(at + sample.composition_offset)
                self._cutter = Cutter(
                    self.timing, timescale=header.timescale, msn=self._next_msn, copied_rate=self._copied_rate
                )
                self._begin_lanes(self._zero_s)
                return
            at += sample.duration

    def _begin_lanes(self, zero_s: Fraction) -> None:
        for pipe in self._pipes.values():
            early, pipe.early = pipe.early, []
            pipe.begin_lane(zero_s=zero_s, base_s=self._base_s)
            for fragment in early:
                self._take(pipe, fragment)

    def _counts(self, cut: Cut) -> dict[str, int] | None:
        """Return how many samples of each track belong to a part; None while one of them has not come so far.

        Raises:
            TimelineViolation: a track has none of them, or is too late.
            RungMisaligned: a rung has no key frame where its next segment begins.
        """
        ahead_s = self._leader.lane.end_s - cut.at_s if self._leader.lane else Fraction(0)
        counts = {}
        for name, pipe in self._pipes.items():
            count = pipe.lane.before(cut.at_s) if pipe.lane else None
            if count is None and pipe.lane and ahead_s >= self._latest_s(name, pipe.lane):
                count = pipe.lane.be_silent_until(cut.at_s)
            if count is None:
                if ahead_s > _LATEST_S:
                    raise TimelineViolation(f"{name} is more than {_LATEST_S} s late")
                return None
            if not count:
                raise TimelineViolation(f"{name} has no sample where a part is due")
            counts[name] = count
        if cut.closes:
            self._check_key_frames(counts)
        return counts

    def _latest_s(self, name: str, lane: Lane) -> Fraction:
        """Return how far sound may be behind the leader before silence stands in for it."""
        if name in self._silent:
            return Fraction(0)
        return _STILL_SILENT_S if lane.is_silent else _LATEST_SOUND_S

    def _check_key_frames(self, counts: dict[str, int]) -> None:
        for name, pipe in self._pipes.items():
            if pipe.lane and not pipe.lane.has_key_frame_behind(counts[name]):
                raise RungMisaligned(f"{name} has no key frame where its next segment begins")

    def _write(self, cut: Cut, counts: dict[str, int]) -> None:
        """Write a part of each track, and then, where it is the last of its segment, the segments."""
        self._past, self._open_msn = self._epoch, cut.msn
        self._ready += [
            pipe.write_part(pipe.lane, cut, counts[name], epoch=self._epoch)
            for name, pipe in self._pipes.items()
            if pipe.lane
        ]
        if self._leader.lane:
            self._base_s = self._leader.lane.track.seconds(self._leader.lane.start)
        if cut.closes:
            self._close_segment()

    def _close_segment(self) -> None:
        """Hand out the segment of which parts have been."""
        if self._open_msn is None:
            return
        for pipe in self._pipes.values():
            if pipe.lane:
                self._ready.append(pipe.write_segment(pipe.lane, self._open_msn, epoch=self._epoch))
        self._next_msn, self._open_msn = self._open_msn + 1, None

    def end_epoch(self) -> tuple[Ready, ...]:
        """End the run of the encoder: cut all tracks where the first of the rungs ends, and close the segment."""
        if self._cutter is not None:
            self._write_rest(self._cutter)
            self._close_segment()
        self._cutter = self._zero_s = None
        self._cuts.clear()
        return self._handed_out()

    def _write_rest(self, cutter: Cutter) -> None:
        lanes = [pipe.lane for pipe in self._pipes.values() if pipe.lane]
        if len(lanes) < len(self._pipes):
            return
        end_s = min((lane.end_s for lane in lanes if lane.is_picture), default=lanes[0].end_s)
        if cutter.latest_end_s is not None:
            end_s = min(end_s, cutter.latest_end_s)
        cuts = [cut for cut in self._cuts if cut.at_s < end_s]
        last = self._cuts[len(cuts)] if len(cuts) < len(self._cuts) else Cut(cutter.msn, cutter.part, end_s, True)
        for cut in (*cuts, last._replace(at_s=end_s, closes=True)):
            counts = {lane.name: lane.count_at_end(cut.at_s) for lane in lanes}
            if not all(counts.values()):
                return
            self._write(cut, counts)
            if cut.closes and not all(lane.has_key_frame_behind(0) for lane in lanes):
                return
