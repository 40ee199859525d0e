"""How much a session may say, and when all of them say too much."""

from analytics.beacons.body import MOST_EVENTS
from analytics.beacons.limits import BURST, Crowd, SessionLimits


def test_a_session_may_say_much_at_once_and_then_something_each_second() -> None:
    limits = SessionLimits(burst=20)
    assert [limits.takes("a", at_s=100.0) for _ in range(21)] == [True] * 20 + [False]
    assert not limits.takes("a", at_s=100.9)
    assert limits.takes("a", at_s=101.1)
    assert not limits.takes("a", at_s=101.1)


def test_each_event_of_a_beacon_counts() -> None:
    limits = SessionLimits()
    # All that a player kept while it was offline, and then what it does as a rule.
    assert limits.takes("back", at_s=100.0, events=MOST_EVENTS)
    assert all(limits.takes("back", at_s=101.0 + beat) for beat in range(100))
    flood = (limits.takes("flood", at_s=100.0 + tenth / 10, events=MOST_EVENTS) for tenth in range(6000))
    assert sum(flood) * MOST_EVENTS <= 600 + BURST


def test_what_is_refused_does_not_keep_it_out_for_longer() -> None:
    limits = SessionLimits()
    for _ in range(1000):
        limits.takes("a", at_s=100.0)
    assert limits.takes("a", at_s=101.0)


def test_one_that_was_quiet_may_say_much_again() -> None:
    limits = SessionLimits(burst=3)
    for _ in range(3):
        limits.takes("a", at_s=100.0)
    assert [limits.takes("a", at_s=200.0) for _ in range(4)] == [True, True, True, False]


def test_sessions_do_not_share_a_limit() -> None:
    limits = SessionLimits(burst=1)
    assert limits.takes("a", at_s=100.0)
    assert limits.takes("b", at_s=100.0)


def test_a_clock_that_goes_back_keeps_nobody_out_for_longer_than_that() -> None:
    limits = SessionLimits(burst=2)
    limits.takes("a", at_s=100.0)
    assert not limits.takes("a", at_s=99.5)
    assert limits.takes("a", at_s=100.0)


def test_of_no_more_sessions_than_that_anything_is_remembered() -> None:
    limits = SessionLimits(most_sessions=100)
    for number in range(1000):
        limits.takes(str(number), at_s=100.0 + number / 1000)
        assert len(limits) <= 100


def test_those_that_are_quiet_are_forgotten_before_those_that_talk() -> None:
    limits = SessionLimits(burst=5, most_sessions=10)
    for number in range(9):
        limits.takes(f"quiet {number}", at_s=100.0)
    for _ in range(5):
        limits.takes("talks", at_s=102.0)
    assert limits.takes("one more", at_s=102.0)
    assert len(limits) == 2
    assert not limits.takes("talks", at_s=102.0)


def test_a_crowd_is_too_large_from_the_beacon_that_is_too_much() -> None:
    crowd = Crowd(3)
    assert [crowd.is_too_large(at_s=100.1) for _ in range(4)] == [False, False, False, True]


def test_it_stays_so_until_a_whole_second_was_quieter() -> None:
    crowd = Crowd(3)
    for _ in range(4):
        crowd.is_too_large(at_s=100.1)
    assert crowd.is_too_large(at_s=101.0)
    assert not crowd.is_too_large(at_s=102.0)


def test_silence_ends_it_too() -> None:
    crowd = Crowd(3)
    for _ in range(4):
        crowd.is_too_large(at_s=100.1)
    assert not crowd.is_too_large(at_s=105.0)
