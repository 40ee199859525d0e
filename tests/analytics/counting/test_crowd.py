"""A crowd of which it is known who is there: two thousand people who come, pause, wait, leave and vanish.

Players tell every ten seconds, or every twenty as when they are too many; some of what they tell gets lost.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappush

import pytest

from analytics.counting.audience import SEAL_AFTER_S, Audience
from analytics.counting.figures import Figures
from analytics.records import Beacon
from tests.analytics.counting.telling import MOVIE, START, beacon, event, second, session_id

CROWD = 2000
# As long as people watch on the average, and how many of them go without a word.
STAY_MS, VANISHING = 20 * 60_000, 0.15
LENGTH_S = 360
# Everybody has come by then.
SETTLED_S = 90
# What does not arrive at once is told again; of what is told now and then, some never arrives.
LATE, REPEATED, LOST = 0.02, 0.03, 0.01

Arrivals = list[tuple[int, int, Beacon]]


@dataclass
class Truth:
    """Spans of time in which people were there, in milliseconds."""

    spans: list[tuple[int, int]] = field(default_factory=list)

    def by_second(self) -> list[int]:
        changes = [0] * (LENGTH_S + 2)
        for start, end in self.spans:
            first, last = (max(0, min(moment // 1000, LENGTH_S + 1)) for moment in (start, end))
            changes[first] += 1
            changes[last] -= 1
        present = 0
        return [present := present + change for change in changes[:LENGTH_S]]


class Person:
    """Somebody who watches, and a player that tells of it over a line that is not perfect."""

    def __init__(
        self, number: int, comes_at: int, chance: random.Random, truth: Truth, arrivals: Arrivals, *, interval_s: int
    ) -> None:
        self._number, self._chance, self._truth, self._arrivals = number, chance, truth, arrivals
        self._interval_s = interval_s
        self._session = session_id(comes_at)
        self._sn = 0
        self._tell(comes_at, "s", msd=None)
        self._watch(comes_at + chance.randrange(200, 3000))

    def _watch(self, shown_at: int) -> None:
        leaves_at = shown_at + int(self._chance.expovariate(1 / STAY_MS))
        at = shown_at
        while at < leaves_at:
            plays_until = min(leaves_at, at + int(self._chance.expovariate(1 / 200_000)))
            self._truth.spans.append((at, plays_until))
            self._tell(at, "p")
            for moment in self._intervals(at, plays_until):
                self._tell(moment, self._chance.choices(["p", "r"], [50, 1])[0], lost=LOST)
            at = plays_until
            if at < leaves_at:
                self._tell(at, "a")
                at += self._chance.randrange(5000, 120_000)
        if self._chance.random() > VANISHING:
            self._tell(at, "q")

    def _intervals(self, start: int, end: int) -> Iterator[int]:
        at = start
        while (at := at + self._interval_s * 1000 + self._chance.randrange(-1000, 1001)) < end:
            yield at

    def _tell(self, at: int, state: str, *, msd: int | None = 700, lost: float = 0) -> None:
        told = event(at, self._sn, state, msd=msd)
        self._sn += 1
        if self._chance.random() < lost:
            return
        for _ in range(2 if self._chance.random() < REPEATED else 1):
            comes = at + self._chance.randrange(20, 350)
            if self._chance.random() < LATE:
                comes += self._chance.randrange(1000, 15_000)
            record = beacon(told, session=self._session, viewer=self._number, came=comes, interval=self._interval_s)
            heappush(self._arrivals, (comes, len(self._arrivals), record))


def crowd(*, interval_s: int) -> tuple[Truth, Arrivals]:
    """Return a crowd that is there within a minute, and is joined by as many as leave."""
    chance = random.Random(20_261_122)
    truth, arrivals = Truth(), Arrivals()
    moments = [chance.randrange(60_000) for _ in range(CROWD)]
    at = 60_000
    while (at := at + int(chance.expovariate(CROWD / STAY_MS))) < LENGTH_S * 1000:
        moments.append(at)
    for number, moment in enumerate(moments):
        Person(number, moment, chance, truth, arrivals, interval_s=interval_s)
    return truth, sorted(arrivals)


@pytest.fixture(scope="module", params=[10, 20])
def counted(request: pytest.FixtureRequest) -> tuple[list[int], list[Figures], list[Figures]]:
    """Return the truth, and what was counted of it live and sealed, second by second."""
    truth, arrivals = crowd(interval_s=request.param)
    audience = Audience(first=second(0), first_sealed=second(0))
    live: list[Figures] = []
    sealed: list[Figures] = []
    following = iter(arrivals)
    waiting = next(following, None)
    for number in range(LENGTH_S + SEAL_AFTER_S + 1):
        while waiting is not None and waiting[0] < (number + 1) * 1000:
            audience.fold(waiting[2])
            waiting = next(following, None)
        live += audience.tick(START // 1000 + number)
        sealed += audience.seal(START // 1000 + number - SEAL_AFTER_S)
    by_second = truth.by_second()
    return by_second, _of_movie(live), _of_movie(sealed)


def _of_movie(figures: list[Figures]) -> list[Figures]:
    return [each for each in figures if each.subject == MOVIE and second(0) <= each.second < second(0) + LENGTH_S]


def errors(truth: list[int], figures: list[Figures]) -> list[float]:
    """Return how far each settled second is off, as a share of the truth."""
    told = {each.second - second(0): each.viewers for each in figures}
    return [abs(told[number] - truth[number]) / truth[number] for number in range(SETTLED_S, LENGTH_S)]


def test_the_crowd_is_as_large_as_is_said(counted: tuple[list[int], list[Figures], list[Figures]]) -> None:
    truth, _, _ = counted
    assert min(truth[SETTLED_S:]) > 0.6 * CROWD


def test_live_the_count_is_right_to_one_per_cent(counted: tuple[list[int], list[Figures], list[Figures]]) -> None:
    truth, live, _ = counted
    found = errors(truth, live)
    assert sum(found) / len(found) <= 0.01


def test_sealed_it_is_right_to_two_per_mille(counted: tuple[list[int], list[Figures], list[Figures]]) -> None:
    truth, _, sealed = counted
    found = errors(truth, sealed)
    assert sum(found) / len(found) <= 0.002


def test_the_peak_is_as_high_as_it_was(counted: tuple[list[int], list[Figures], list[Figures]]) -> None:
    truth, _, sealed = counted
    peak = max(truth)
    assert abs(max(each.viewers for each in sealed) - peak) <= 0.003 * peak


def test_who_joined_has_left_or_is_there(counted: tuple[list[int], list[Figures], list[Figures]]) -> None:
    _, live, sealed = counted
    for figures in (live, sealed):
        assert sum(each.joins - each.leaves for each in figures) == figures[-1].viewers
