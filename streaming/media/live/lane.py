"""One track in one run of the encoder: its samples put on the stream's timeline, until they are cut into parts."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from streaming.media.errors import RungMisaligned, TimelineViolation
from streaming.media.fragments import Fragment
from streaming.media.live.silence import FRAME_SAMPLES, silent_frame
from streaming.media.sample_entries import Picture, Sound
from streaming.media.samples import Sample
from streaming.media.segmenter import SampleQueue
from streaming.media.tracks import Track

_LONGEST_GAP_S = Fraction(2)


class Place(NamedTuple):
    """Where a sample stands in the order of decoding: when it is shown, had its group no frames out of order."""

    at: int
    duration: int
    is_sync: bool

    @property
    def doubled_middle(self) -> int:
        """Twice its middle, which is a whole number: a sample belongs where its middle lies."""
        return 2 * self.at + self.duration


class Stretch(NamedTuple):
    """Samples that were taken out of a lane: when they are shown and decoded, and their bytes."""

    start: int
    end: int
    decode_time: int
    samples: list[Sample]
    payload: list[bytes | memoryview]


class Lane:
    """The samples of one track that belong to no part yet.

    `zero_s` is when the run began, as its own times count, `base_s` when it does on the stream's timeline, and `start`
    where this very track has to go on there, in its timescale.
    """

    def __init__(self, name: str, track: Track, *, zero_s: Fraction, base_s: Fraction, start: int) -> None:
        self.name, self.track, self.start = name, track, start
        self._origin = round((base_s - zero_s) * track.timescale)
        self._queue: SampleQueue | None = None
        self._places: deque[Place] = deque()
        self._offset = 0
        self.is_silent = False

    @property
    def end(self) -> int:
        """When the last of its samples has been shown."""
        return self._places[-1].at + self._places[-1].duration if self._places else self.start

    @property
    def end_s(self) -> Fraction:
        return self.track.seconds(self.end)

    def add(self, fragment: Fragment) -> list[Place]:
        """Take samples; return where they stand. Those that come before the start, or too late, are dropped.

        Raises:
            TimelineViolation: they leave a hole that cannot be closed.
            RungMisaligned: a picture does not begin where the stream does.
        """
        return [place for single in _singles(fragment) if (place := self._add_one(single)) is not None]

    def _add_one(self, fragment: Fragment) -> Place | None:
        (sample,) = fragment.samples
        natural = fragment.decode_time + self._origin + (sample.composition_offset if sample.is_sync else self._offset)
        due = self.end
        if 2 * natural + sample.duration <= 2 * due and (self._queue is None or self.is_silent):
            return None
        if self._queue is None:
            self._queue, fragment = self._begin(fragment, natural)
        elif self.is_silent:
            self.fill(natural - sample.duration // 2)
        self.is_silent = False
        return self._append(self._queue, fragment)

    def _begin(self, fragment: Fragment, natural: int) -> tuple[SampleQueue, Fragment]:
        """Let the track go on exactly where it ended, which is half a sample away at most."""
        (sample,) = fragment.samples
        late = natural - self.start
        if isinstance(self.track.media, Picture) and (late > sample.duration or not sample.is_sync):
            raise RungMisaligned(f"{self.name} does not begin with a key frame where the stream does")
        if late > sample.duration:
            queue = self._queue_at(self._origin)
            if self._fill(queue, natural - sample.duration // 2):
                return queue, fragment
            longer = sample._replace(duration=sample.duration + late)
            return queue, replace(fragment, decode_time=fragment.decode_time - late, samples=(longer,))
        return self._queue_at(self._origin - late), fragment

    def _queue_at(self, origin: int) -> SampleQueue:
        self._origin = origin
        return SampleQueue(self.track, longest_gap_s=_LONGEST_GAP_S, name=self.name, origin=origin)

    def _append(self, queue: SampleQueue, fragment: Fragment) -> Place:
        ((at, sample),) = queue.add(fragment)
        queue.gaps.clear()
        if sample.is_sync:
            self._offset = sample.composition_offset
        self._places.append(Place(at + self._offset, sample.duration, sample.is_sync))
        return self._places[-1]

    def fill(self, until: int) -> bool:
        """Put silence where nothing has come; tell whether there was a kind of it for this track."""
        self._queue = self._queue or self._queue_at(self._origin)
        return self._fill(self._queue, until)

    def _fill(self, queue: SampleQueue, until: int) -> bool:
        if not isinstance(self.track.media, Sound) or (frame := silent_frame(self.track.media)) is None:
            return False
        duration = FRAME_SAMPLES * self.track.timescale // self.track.media.sample_rate_hz
        silent = Sample(duration, len(frame), True, 0)
        while self.end < until:
            at = self.end - self._origin
            self._append(queue, Fragment(decode_time=at, samples=(silent,), payload=frame))
        self.is_silent = True
        return True

    def before(self, at_s: Fraction) -> int | None:
        """Count the samples that belong before a cut; None while more of them may come."""
        doubled = int(2 * at_s * self.track.timescale)
        for count, place in enumerate(self._places):
            if place.doubled_middle > doubled:
                return count
        return None

    def be_silent_until(self, at_s: Fraction) -> int | None:
        """Fill a part with silence; count its samples. None for what there is no silence of."""
        return self.before(at_s) if self.fill(ceil(at_s * self.track.timescale) + FRAME_SAMPLES) else None

    def count_at_end(self, at_s: Fraction) -> int:
        """Count the samples before a cut where no more will come. Sound that ends early is filled up with silence."""
        if self._queue is not None and self.before(at_s) is None:
            self.fill(int(at_s * self.track.timescale))
        found = self.before(at_s)
        return len(self._places) if found is None else found

    def has_key_frame_behind(self, count: int) -> bool:
        """Tell whether the sample behind so many others, if it has come, is one that decoding can begin with."""
        return count >= len(self._places) or self._places[count].is_sync

    @property
    def is_picture(self) -> bool:
        return isinstance(self.track.media, Picture)

    def take(self, count: int) -> Stretch:
        """Remove the first samples, one at least."""
        if self._queue is None or not count:
            raise TimelineViolation(f"{self.name} has no sample where a part is due")
        start = self._places[0].at
        decode_time, samples, payload = self._queue.take(count)
        for _ in range(count):
            self._places.popleft()
        length = sum(sample.duration for sample in samples)
        end = self._places[0].at if self._places else start + length
        self.start = end
        return Stretch(start, end, decode_time, samples, payload)


def _singles(fragment: Fragment) -> Iterator[Fragment]:
    """Yield each sample as a fragment of its own, which is how encoders are told to send them."""
    if len(fragment.samples) == 1:
        yield fragment
        return
    time, at = fragment.decode_time, 0
    for sample in fragment.samples:
        yield Fragment(decode_time=time, samples=(sample,), payload=fragment.payload[at : at + sample.size])
        time, at = time + sample.duration, at + sample.size
