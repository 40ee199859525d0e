"""Samples to segments.

The picture leads. A segment of a rung begins at the first key frame at or behind the last boundary + `segment_s`, less
half a frame; sound, and whatever else follows, is cut at the sample nearest to each boundary of the leader. All tracks
lie on one timeline that begins at `TIMELINE_START_S`: what an encoder puts before its first sample (1024 samples of
priming with AAC) has room there, and no track needs an edit list.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from streaming.media.boxes import format_brands
from streaming.media.errors import RungMisaligned, TimelineViolation
from streaming.media.fragments import Fragment
from streaming.media.samples import Sample, format_chunk
from streaming.media.tracks import Track

TIMELINE_START_S = 10
"""Where the film begins on the timeline of its segments. Priming and leading samples lie before it."""
_MOST_WAITING_BYTES = 256 * 1024 * 1024
# A track that nobody leads ends in no segment shorter than this share of the others: it is added to the last one.
_SHORTEST_LAST = Fraction(1, 10)
STYP = format_brands("styp", "msdh", "msdh", "cmfs", "cmf2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment, ready to be stored under its number.

    Attributes:
        number: from 1.
        start: when its first sample is shown, in the track's timescale.
        duration: until the first sample of the next segment is shown. Where frames differ in length this is not the sum
            of them: what is decoded late is shown in time.
        key_end: how many bytes from its beginning suffice to decode its first frame; 0 when that is no key frame.
        content: `styp`, then one or more `moof mdat`.
    """

    number: int
    start: int
    duration: int
    samples: int
    key_end: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A hole in a track, which was closed by making the sample before it longer. Times in seconds of the film.

    Attributes:
        length_s: below zero where the next sample came early, and the one before it was made shorter.
    """

    at_s: Fraction
    length_s: Fraction


class SampleQueue:
    """The samples of a track that belong to no segment yet, on the package's timeline.

    `origin` is where time 0 of the fragments lies on it; None has them begin with the film.
    """

    def __init__(self, track: Track, *, longest_gap_s: Fraction, name: str, origin: int | None = None) -> None:
        self.track, self.name = track, name
        self.gaps: list[Gap] = []
        self._longest_gap = longest_gap_s * track.timescale
        self._origin = TIMELINE_START_S * track.timescale + track.shift if origin is None else origin
        self._samples: list[Sample] = []
        self._payload: deque[memoryview] = deque()
        self._bytes = 0
        self.start: int | None = None
        self.end = 0

    def add(self, fragment: Fragment) -> list[tuple[int, Sample]]:
        """Take a fragment; return its samples with the decode time of each.

        Raises:
            TimelineViolation: it begins before the last one ended, or too long behind, or too much is waiting.
        """
        at = fragment.decode_time + self._origin
        if at < 0:
            raise TimelineViolation(f"{self.name} begins {TIMELINE_START_S} s before the film does")
        if self.start is None:
            self.start = self.end = at
        self._close_gap(at)
        self._bytes += len(fragment.payload)
        if self._bytes > _MOST_WAITING_BYTES:
            raise TimelineViolation(
                f"{self.name}: {self._bytes} bytes wait at {float(self._film_s(at)):.3f} s for a cut"
            )
        self._samples += fragment.samples
        self._payload.append(memoryview(fragment.payload))
        timed = []
        for sample in fragment.samples:
            timed.append((self.end, sample))
            self.end += sample.duration
        return timed

    def _close_gap(self, at: int) -> None:
        gap = at - self.end
        if not gap:
            return
        last = self._samples[-1] if self._samples else None
        # Clocks of containers are coarse: a sample may come a little early, but not where the last one has begun.
        if last is None or gap > self._longest_gap or -gap * 2 >= last.duration:
            found, expected = float(self._film_s(at)), float(self._film_s(self.end))
            raise TimelineViolation(f"{self.name} goes on at {found:.6f} s where {expected:.6f} s was due")
        self.gaps.append(Gap(at_s=self._film_s(self.end), length_s=self.track.seconds(gap)))
        self._samples[-1] = last._replace(duration=last.duration + gap)
        self.end = at

    def _film_s(self, ticks: int) -> Fraction:
        return self.track.seconds(ticks) - TIMELINE_START_S

    def take(self, count: int) -> tuple[int, list[Sample], list[bytes | memoryview]]:
        """Remove the first samples; return when they begin, themselves and their bytes."""
        if self.start is None:
            raise TimelineViolation(f"{self.name} has no sample")
        start, taken = self.start, self._samples[:count]
        del self._samples[:count]
        self.start += sum(sample.duration for sample in taken)
        left = sum(sample.size for sample in taken)
        self._bytes -= left
        payload: list[bytes | memoryview] = []
        while left:
            piece = self._payload.popleft()
            if len(piece) > left:
                self._payload.appendleft(piece[left:])
                piece = piece[:left]
            payload.append(piece)
            left -= len(piece)
        return start, taken, payload

    def __len__(self) -> int:
        return len(self._samples)


class _Writer:
    """Numbers the segments of a track."""

    def __init__(self, queue: SampleQueue) -> None:
        self._queue = queue
        self._number = 0

    def write(self, count: int, *, until: int | None = None) -> Segment:
        """Write the first samples of the queue as the next segment, in one chunk, shown until the next one begins."""
        decode_time, samples, payload = self._queue.take(count)
        self._number += 1
        chunk = format_chunk(sequence=self._number, decode_time=decode_time, samples=samples, payload=payload)
        data = sum(sample.size for sample in samples)
        start = decode_time + samples[0].composition_offset
        return Segment(
            number=self._number,
            start=start,
            duration=(_end_of_showing(decode_time, samples) if until is None else until) - start,
            samples=len(samples),
            key_end=len(STYP) + len(chunk) - data + samples[0].size if samples[0].is_sync else 0,
            content=STYP + chunk,
        )


def _end_of_showing(decode_time: int, samples: Sequence[Sample]) -> int:
    ends = accumulate((sample.duration for sample in samples), initial=decode_time)
    return max(at + offset + duration for at, (duration, _, _, offset) in zip(ends, samples, strict=False))


class LeadingSegmenter:
    """Cuts a rung at its own key frames."""

    def __init__(self, track: Track, *, segment_s: Fraction, name: str) -> None:
        self.queue = SampleQueue(track, longest_gap_s=segment_s, name=name)
        self._writer = _Writer(self.queue)
        self._segment = segment_s * track.timescale
        self._start = 0

    def feed(self, fragment: Fragment) -> tuple[Segment, ...]:
        """Take a fragment; return the segments that it completes.

        Raises:
            TimelineViolation: see SampleQueue.add, or a segment would not begin with a key frame, or show something
                before it, or the film begins too long before the first frame.
        """
        if self.queue.start is None and fragment.samples:
            fragment = self._from_the_beginning(fragment)
        segments, waiting = [], len(self.queue)
        for at, sample in self.queue.add(fragment):
            shown = at + sample.composition_offset
            if not waiting:
                if not sample.is_sync:
                    raise TimelineViolation(f"{self.queue.name} does not begin with a key frame")
                self._start = shown
            elif sample.is_sync and shown >= self._start + self._segment - Fraction(sample.duration, 2):
                segments.append(self._writer.write(waiting, until=shown))
                self._start, waiting = shown, 0
            elif shown < self._start:
                raise TimelineViolation(f"{self.queue.name} shows something before the key frame that it needs")
            waiting += 1
        return tuple(segments)

    def _from_the_beginning(self, fragment: Fragment) -> Fragment:
        """Show the first frame from the film's beginning on: players begin where it does, and sound would be lost."""
        first, *others = fragment.samples
        late = fragment.decode_time + self.queue.track.shift + first.composition_offset
        if late > self._segment:
            late_s = float(self.queue.track.seconds(late))
            raise TimelineViolation(f"{self.queue.name} begins {late_s:.3f} s behind the film")
        if late <= 0:
            return fragment
        standing = first._replace(duration=first.duration + late)
        return replace(fragment, decode_time=fragment.decode_time - late, samples=(standing, *others))

    def finish(self) -> tuple[Segment, ...]:
        """Return the last segment, however short."""
        return (self._writer.write(len(self.queue)),) if len(self.queue) else ()


class FollowingSegmenter:
    """Cuts a track at the boundaries of another, or, where it is alone, at multiples of `segment_s`.

    Every sample must be one that decoding can begin with, as all sound of today is.
    """

    def __init__(self, track: Track, *, segment_s: Fraction, name: str, is_alone: bool = False) -> None:
        self.queue = SampleQueue(track, longest_gap_s=segment_s, name=name)
        self._writer = _Writer(self.queue)
        self._segment_s = segment_s
        self._is_alone = is_alone
        self._last_boundary_s = Fraction(TIMELINE_START_S)
        self._boundaries: deque[Fraction] = deque()
        self._times: deque[tuple[int, int]] = deque()

    def cut_at(self, boundary_s: Fraction) -> tuple[Segment, ...]:
        """Take where a segment of the leader ends, its last one excepted; return the segments that it completes."""
        if boundary_s <= self._last_boundary_s:
            raise TimelineViolation(f"{self.queue.name}: boundary {float(boundary_s):.3f} s follows a later one")
        self._last_boundary_s = boundary_s
        self._boundaries.append(boundary_s)
        return self._cut()

    def leader_ended(self) -> tuple[Segment, ...]:
        """Go on alone behind the leader's last boundary."""
        self._is_alone = True
        return self._cut()

    def feed(self, fragment: Fragment) -> tuple[Segment, ...]:
        """Take a fragment; return the segments that it completes.

        Raises:
            TimelineViolation: see SampleQueue.add, or the track begins behind the first boundary.
        """
        self._times.extend((at, sample.duration) for at, sample in self.queue.add(fragment))
        return self._cut()

    def _cut(self) -> tuple[Segment, ...]:
        segments = []
        while (boundary := self._next_boundary()) is not None:
            count = self._samples_before(boundary)
            if count is None:
                break
            self._boundaries.popleft()
            if not count:
                raise TimelineViolation(
                    f"{self.queue.name} is silent before {float(boundary - TIMELINE_START_S):.3f} s"
                )
            for _ in range(count):
                self._times.popleft()
            segments.append(self._writer.write(count))
        return tuple(segments)

    def _next_boundary(self) -> Fraction | None:
        """Return the next boundary; make it where no leader does, and enough lies behind it to make a segment of."""
        if not self._boundaries and self._is_alone:
            following = self._last_boundary_s + self._segment_s
            if self.queue.end <= (following + self._segment_s * _SHORTEST_LAST) * self.queue.track.timescale:
                return None
            self._last_boundary_s = following
            self._boundaries.append(following)
        return self._boundaries[0] if self._boundaries else None

    def _samples_before(self, boundary_s: Fraction) -> int | None:
        """Count the samples up to the start nearest to a boundary; None while a nearer one may still come."""
        # Twice the middle of a sample is a whole number: fractions would be slow, and there is one sample in 20 ms.
        doubled = int(boundary_s * self.queue.track.timescale * 2)
        if self.queue.end * 2 <= doubled:
            return None
        for index, (at, duration) in enumerate(self._times):
            if at * 2 + duration > doubled:
                return index
        return None

    def finish(self) -> tuple[Segment, ...]:
        """Return what is left as the last segment, however short. No boundary is waited for any more."""
        return (self._writer.write(len(self.queue)),) if len(self.queue) else ()


class Alignment:
    """Holds that all rungs of a ladder are cut at the same times."""

    def __init__(self, *, tolerance_s: Fraction, starts: Sequence[Fraction] = ()) -> None:
        """Begin with where the segments of a rung that was made before begin, in seconds of the film."""
        self._tolerance_s = tolerance_s
        self._first = {number: ("the rung that is there", start_s) for number, start_s in enumerate(starts, 1)}

    def check(self, track: Track, segment: Segment, *, name: str) -> None:
        """Compare the start of a segment with that of the first rung that came to its number.

        Raises:
            RungMisaligned: they differ by more than the tolerance, which half a frame is.
        """
        start_s = track.seconds(segment.start) - TIMELINE_START_S
        other, expected_s = self._first.setdefault(segment.number, (name, start_s))
        if abs(start_s - expected_s) > self._tolerance_s:
            raise RungMisaligned(
                f"segment {segment.number} of {name} begins at {float(start_s):.6f} s, "
                f"that of {other} at {float(expected_s):.6f} s"
            )


def end_of(track: Track, segment: Segment) -> Fraction:
    """Return when a segment ends, on the timeline in seconds: a boundary for the tracks that follow."""
    return track.seconds(segment.start + segment.duration)
