"""Figures of seconds as rows, and what is made of them."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.counting.figures import MOST_QUALITIES, PORTAL, Figures
from analytics.models import MetricHour, MetricMinute, MetricSecond
from analytics.store.rollups import roll_up
from analytics.store.seconds import last_minute, last_seconds, moment_of, settle, unsealed_since, write_seconds
from tests.analytics.counting.telling import MOVIE
from tests.analytics.store.rooms import AT, make_room

pytestmark = pytest.mark.django_db

# A full hour.
HOUR = int(AT.timestamp()) // 3600 * 3600


@pytest.fixture
def ids(db: None) -> dict[str, int]:
    return make_room()


def figures(second: int, subject: str = MOVIE, **members: Any) -> Figures:
    return Figures(subject=subject, second=HOUR + second, **members)


def test_a_second_is_written_with_all_that_is_known_of_it(ids: dict[str, int]) -> None:
    told = figures(
        1,
        viewers=3,
        sessions=4,
        joins=2,
        leaves=1,
        rebuffering=1,
        errors=2,
        ingress_bps=5_000_000,
        egress_bps=12_000_000_000,
        shown_bps=4_000_000,
        latency_ms=3100,
        qualities={"1080p": 3, "480p": 1},
    )
    write_seconds([told], ids)
    row = MetricSecond.objects.get()
    assert (row.subject_id, row.at) == (ids[MOVIE], moment_of(HOUR + 1))
    assert (row.viewers, row.sessions, row.joins, row.leaves, row.rebuffering, row.errors) == (3, 4, 2, 1, 1, 2)
    assert (row.ingress_bps, row.egress_bps, row.shown_bps, row.latency_ms) == (5_000_000, 12 * 10**9, 4_000_000, 3100)
    assert row.qualities == {"1080p": 3, "480p": 1}
    assert not row.is_sealed


def test_what_nobody_told_is_not_nothing(ids: dict[str, int]) -> None:
    write_seconds([figures(1)], ids)
    row = MetricSecond.objects.get()
    assert (row.ingress_bps, row.shown_bps, row.latency_ms, row.qualities) == (None, None, None, {})


def test_what_holds_takes_the_place_of_what_seemed_so_and_not_the_other_way(ids: dict[str, int]) -> None:
    write_seconds([figures(1, viewers=1)], ids)
    write_seconds([figures(1, viewers=2, is_sealed=True)], ids)
    write_seconds([figures(1, viewers=3)], ids)
    assert list(MetricSecond.objects.values_list("viewers", "is_sealed")) == [(2, True)]


def test_what_is_sealed_never_changes(ids: dict[str, int]) -> None:
    write_seconds([figures(1, viewers=2, is_sealed=True)], ids)
    write_seconds([figures(1, viewers=4, is_sealed=True)], ids)
    assert MetricSecond.objects.get().viewers == 2


def test_both_may_be_written_at_once(ids: dict[str, int]) -> None:
    write_seconds([figures(1, viewers=2, is_sealed=True), figures(1, viewers=1)], ids)
    assert list(MetricSecond.objects.values_list("viewers", "is_sealed")) == [(2, True)]


def test_a_player_that_tells_nonsense_does_not_stop_the_others(ids: dict[str, int]) -> None:
    write_seconds([figures(1, latency_ms=10**15, shown_bps=10**15)], ids)
    assert MetricSecond.objects.get().latency_ms == 2**31 - 1


def test_nothing_is_written_of_nothing(ids: dict[str, int]) -> None:
    write_seconds([], ids)
    assert not MetricSecond.objects.exists()


def test_the_last_seconds_are_found(ids: dict[str, int]) -> None:
    at = moment_of(HOUR + 100)
    assert last_seconds(at) == (None, None)
    write_seconds([figures(1, is_sealed=True), figures(2, is_sealed=True), figures(50), figures(51, PORTAL)], ids)
    assert last_seconds(at) == (HOUR + 51, HOUR + 2)
    assert sorted(unsealed_since(moment_of(HOUR + 50))) == [(HOUR + 50, MOVIE), (HOUR + 51, PORTAL)]
    settle(moment_of(HOUR + 51))
    assert unsealed_since(moment_of(HOUR)) == [(HOUR + 51, PORTAL)]


def test_a_minute_is_made_of_the_seconds_that_hold(ids: dict[str, int]) -> None:
    told = [
        figures(
            number,
            viewers=number,
            sessions=number + 1,
            joins=1,
            rebuffering=2,
            errors=number % 2,
            egress_bps=1000 * number,
            shown_bps=2_000_000 if number else None,
            qualities={"1080p": number, "480p": 1} if number else {},
            is_sealed=number != 59,
        )
        for number in range(60)
    ]
    write_seconds(told, ids)
    roll_up(moment_of(HOUR), moment_of(HOUR + 59))
    row = MetricMinute.objects.get()
    assert (row.subject_id, row.at, row.seconds) == (ids[MOVIE], moment_of(HOUR), 59)
    assert (row.viewers_sum, row.viewers_peak, row.sessions_peak) == (sum(range(59)), 58, 59)
    assert (row.joins, row.leaves, row.rebuffering_sum, row.errors) == (59, 0, 118, 29)
    assert (row.ingress_bps, row.egress_bps, row.shown_bps, row.latency_ms) == (None, 29_000, 2_000_000, None)
    assert row.qualities == {"1080p": sum(range(59)), "480p": 58}
    assert last_minute() == moment_of(HOUR)


def test_an_average_counts_each_second_by_those_who_watched(ids: dict[str, int]) -> None:
    told = [(1, 1_000_000, 9000), (3, 5_000_000, 1000), (100, None, None)]
    write_seconds(
        [
            figures(number, sessions=sessions, shown_bps=bps, latency_ms=latency, ingress_bps=bps, is_sealed=True)
            for number, (sessions, bps, latency) in enumerate(told)
        ],
        ids,
    )
    roll_up(moment_of(HOUR), moment_of(HOUR))
    row = MetricMinute.objects.get()
    assert (row.shown_bps, row.latency_ms, row.ingress_bps) == (4_000_000, 3000, 3_000_000)


def test_rolling_up_again_gives_the_same_and_takes_in_what_has_come(ids: dict[str, int]) -> None:
    write_seconds([figures(10, viewers=1, qualities={"480p": 1}, is_sealed=True)], ids)
    for _ in range(2):
        roll_up(moment_of(HOUR), moment_of(HOUR + 30))
    write_seconds([figures(11, viewers=5, qualities={"480p": 4}, is_sealed=True)], ids)
    roll_up(moment_of(HOUR), moment_of(HOUR + 30))
    row = MetricMinute.objects.get()
    assert (row.seconds, row.viewers_sum, row.viewers_peak, row.qualities) == (2, 6, 5, {"480p": 5})


def test_of_names_that_players_make_up_a_minute_keeps_the_most_shown(ids: dict[str, int]) -> None:
    told = [
        figures(second, qualities={"1080p": 1, **{f"{second}-{number}": 1 for number in range(15)}}, is_sealed=True)
        for second in range(4)
    ]
    write_seconds(told, ids)
    roll_up(moment_of(HOUR), moment_of(HOUR))
    for row in (MetricMinute.objects.get(), MetricHour.objects.get()):
        assert len(row.qualities) == MOST_QUALITIES
        assert row.qualities["1080p"] == 4


def test_an_hour_is_made_of_its_minutes(ids: dict[str, int]) -> None:
    told = [
        figures(second, subject, viewers=viewers, sessions=viewers, egress_bps=bps, qualities={"480p": viewers})
        for subject in (MOVIE, PORTAL)
        for second, viewers, bps in ((0, 1, 1000), (1, 3, 3000), (3599, 10, 8000), (3600, 99, 99))
    ]
    write_seconds([_sealed(each) for each in told], ids)
    roll_up(moment_of(HOUR), moment_of(HOUR + 3600))
    hours = {(row.subject_id, row.at): row for row in MetricHour.objects.all()}
    assert hours.keys() == {
        (ids[name], moment_of(HOUR) + timedelta(hours=hours)) for name in (MOVIE, PORTAL) for hours in (0, 1)
    }
    row = hours[ids[MOVIE], moment_of(HOUR)]
    assert (row.seconds, row.viewers_sum, row.viewers_peak, row.egress_bps) == (3, 14, 10, 4000)
    assert row.qualities == {"480p": 14}


def _sealed(told: Figures) -> Figures:
    return Figures(
        subject=told.subject,
        second=told.second,
        viewers=told.viewers,
        sessions=told.sessions,
        egress_bps=told.egress_bps,
        qualities=told.qualities,
        is_sealed=True,
    )
