"""When a session counts, and what it receives."""

from typing import Any

import pytest

from analytics.counting.presence import LIVE, MOST_BPS, SEALED, Rule, bits_within, next_change, standing_at
from analytics.counting.session import Session
from analytics.records import INTERVAL_S
from tests.analytics.counting.telling import START, beacon, event, session_id

Told = tuple[int, str | None, dict[str, Any]]


def session(*told: Told, interval: int = INTERVAL_S) -> Session:
    made = Session.of(beacon(event(0, 0), session=session_id()))
    for sn, (at, state, members) in enumerate(told):
        made.hear(event(at, sn, state, **members), interval=interval)
    return made


def at(moment: int, state: str | None = "p", **members: Any) -> Told:
    return moment, state, members


def counts(of: Session, moment: int, rule: Rule) -> bool:
    standing = standing_at(of, START + moment, rule)
    return standing is not None and standing.is_counted


@pytest.mark.parametrize("rule", [LIVE, SEALED])
@pytest.mark.parametrize(
    ("state", "is_counted"),
    [("s", False), ("p", True), ("k", True), ("r", True), ("a", False), ("d", False), ("e", False), ("q", False)],
)
def test_who_sees_pictures_or_waits_for_them_counts(state: str, is_counted: bool, rule: Rule) -> None:
    assert counts(session(at(0), at(1000, state)), 2000, rule) is is_counted


def test_nobody_counts_before_the_first_frame() -> None:
    watching = session(at(0, "p", msd=None), at(5000, "p", msd=700))
    assert [counts(watching, moment, LIVE) for moment in (0, 4999, 5000)] == [False, False, True]


def test_nobody_is_there_before_the_first_word() -> None:
    assert standing_at(session(at(1000)), START + 999, LIVE) is None


@pytest.mark.parametrize(
    ("rule", "interval", "lasts"),
    [(LIVE, 10, 25_000), (LIVE, 20, 50_000), (SEALED, 10, 5_000), (SEALED, 20, 5_000)],
)
def test_silence_ends_it(rule: Rule, interval: int, lasts: int) -> None:
    silent = session(at(0), at(10_000), interval=interval)
    assert next_change(silent, START + 10_000, rule) == START + 10_000 + lasts
    assert [counts(silent, 10_000 + lasts + late, rule) for late in (-1, 0)] == [True, False]


@pytest.mark.parametrize("interval", [10, 20])
@pytest.mark.parametrize("rule", [LIVE, SEALED])
def test_one_word_that_was_lost_ends_nothing(rule: Rule, interval: int) -> None:
    heard_again = 2 * interval * 1000
    watching = session(at(0, bytes=0), at(heard_again, bytes=1_000_000), interval=interval)
    assert all(counts(watching, moment, rule) for moment in range(0, heard_again + 1, 1000))
    assert next_change(watching, START, rule) is None
    assert bits_within(watching, START, START + heard_again) == pytest.approx(8_000_000)


def test_each_word_says_for_how_long_it_holds() -> None:
    watching = session(at(0), interval=20)
    watching.hear(event(20_000, 1), interval=10)
    assert [counts(watching, moment, LIVE) for moment in (19_999, 44_999, 45_000)] == [True, True, False]


@pytest.mark.parametrize(("rule", "gone_at"), [(LIVE, 25_000), (SEALED, 5_000)])
def test_who_comes_back_after_a_silence_was_away(rule: Rule, gone_at: int) -> None:
    back = session(at(0), at(60_000))
    assert [counts(back, moment, rule) for moment in (gone_at - 1, gone_at, 59_999, 60_000)] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("rule", [LIVE, SEALED])
def test_who_waits_for_a_minute_has_gone(rule: Rule) -> None:
    waiting = session(at(0), *(at(moment, "r") for moment in range(1000, 92_000, 10_000)))
    standing = standing_at(waiting, START + 60_999, rule)
    assert standing is not None
    assert (standing.is_counted, standing.is_waiting) == (True, True)
    assert not counts(waiting, 61_000, rule)
    assert next_change(waiting, START + 55_000, rule) == START + 61_000


def test_what_is_received_is_spread_over_the_time_it_took() -> None:
    watching = session(at(0, bytes=0), at(10_000, bytes=1_000_000), at(12_000, bytes=1_000_000))
    standing = standing_at(watching, START + 4000, SEALED)
    assert standing is not None
    assert standing.bps == 800_000
    assert bits_within(watching, START, START + 1000) == 800_000
    assert bits_within(watching, START + 9500, START + 10_500) == 400_000
    assert bits_within(watching, START - 5000, START + 50_000) == 8_000_000


def test_live_it_goes_on_as_before_until_something_is_heard() -> None:
    watching = session(at(0, bytes=0), at(10_000, bytes=1_000_000))
    live, sealed = (standing_at(watching, START + 12_000, rule) for rule in (LIVE, SEALED))
    assert live is not None
    assert sealed is not None
    assert (live.bps, sealed.bps) == (800_000, 0)


def test_what_is_told_after_a_long_silence_is_spread_over_nothing() -> None:
    slept = session(at(0, bytes=0), at(600_000, bytes=1_000_000))
    assert bits_within(slept, START, START + 600_000) == 0


@pytest.mark.parametrize("elapsed", [1, 9_999])
def test_a_sum_that_leaps_is_no_rate(elapsed: int) -> None:
    leaping = session(at(0, bytes=0), at(elapsed, bytes=450 * 10**9))
    standing = standing_at(leaping, START + elapsed, LIVE)
    assert standing is not None
    assert standing.bps == MOST_BPS
    assert bits_within(leaping, START, START + elapsed) == MOST_BPS * elapsed / 1000


def test_a_counter_that_falls_is_not_believed() -> None:
    odd = session(at(0, bytes=500), at(10_000, bytes=400))
    assert bits_within(odd, START, START + 10_000) == 0
