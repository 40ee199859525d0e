"""Seconds put together to minutes and hours, and what a line comes to."""

from typing import Any

import pytest

from analytics.reading.points import Point, Summary, fold, summarise


def second(at: int, viewers: int = 10, **overrides: Any) -> Point:
    values: dict[str, Any] = {
        "seconds": 1,
        "viewers_sum": viewers,
        "viewers_peak": viewers,
        "sessions_peak": viewers + 1,
        "joins": 0,
        "leaves": 0,
        "rebuffering_sum": 0,
        "errors": 0,
        "ingress_bps": None,
        "egress_bps": 0,
        "shown_bps": None,
        "latency_ms": None,
        "qualities": {},
        "is_sealed": True,
    }
    return Point(at=at, **{**values, **overrides})


def test_seconds_become_minutes_and_a_minute_without_any_stays_away() -> None:
    minutes = fold([second(58, 4), second(59, 6), second(60, 7), second(185, 1)], 60)
    assert [(point.at, point.seconds, point.viewers, point.viewers_peak) for point in minutes] == [
        (0, 2, 5.0, 6),
        (60, 1, 7.0, 7),
        (180, 1, 1.0, 1),
    ]
    assert fold([], 60) == []


def test_what_is_counted_is_added_up() -> None:
    (minute,) = fold(
        [
            second(0, joins=3, leaves=1, errors=1, rebuffering_sum=2, qualities={"1080p": 8, "720p": 2}),
            second(1, joins=1, leaves=2, errors=0, rebuffering_sum=1, qualities={"720p": 5}),
        ],
        60,
    )
    assert (minute.joins, minute.leaves, minute.errors, minute.rebuffering_sum) == (4, 3, 1, 3)
    assert minute.qualities == {"1080p": 8, "720p": 7}


def test_rates_are_means_of_what_is_known_each_by_its_weight() -> None:
    (minute,) = fold(
        [
            second(0, 30, ingress_bps=4000, egress_bps=100, shown_bps=6000, latency_ms=3000),
            second(1, 10, ingress_bps=None, egress_bps=200, shown_bps=2000, latency_ms=None),
            second(2, 0, ingress_bps=5000, egress_bps=0, shown_bps=9999, latency_ms=9999),
        ],
        60,
    )
    assert (minute.ingress_bps, minute.egress_bps, minute.shown_bps, minute.latency_ms) == (4500, 100, 5000, 3000)


def test_of_what_nobody_told_nothing_is_known() -> None:
    (minute,) = fold([second(0), second(1)], 60)
    assert (minute.ingress_bps, minute.shown_bps, minute.latency_ms, minute.egress_bps) == (None, None, None, 0)


def test_a_span_is_sealed_with_its_last_second() -> None:
    assert [point.is_sealed for point in fold([second(0), second(1, is_sealed=False), second(60)], 60)] == [False, True]


def test_a_line_comes_to_its_peak_its_average_and_its_watch_time() -> None:
    summary = summarise([second(0, 4, joins=4), second(1, 6, joins=2), second(9, 2, leaves=4, errors=1)])
    assert summary == Summary(
        peak=6,
        peak_at=1,
        sealed_peak=6,
        average=4.0,
        watch_s=12,
        joins=6,
        leaves=4,
        errors=1,
        average_view_s=2.0,
    )


def test_a_peak_that_is_not_sealed_is_provisional_while_it_is_above() -> None:
    sealed, present = [second(0, 8), second(1, 9)], second(50, 12, is_sealed=False)
    summary = summarise([*sealed, present])
    assert (summary.peak, summary.peak_is_sealed, summary.sealed_peak) == (12, False, 9)
    below = summarise([*sealed, second(50, 9, is_sealed=False)])
    assert (below.peak, below.peak_is_sealed, below.peak_at) == (9, True, 1)


def test_without_a_sealed_second_no_peak_holds() -> None:
    summary = summarise([second(0, 3, is_sealed=False)])
    assert (summary.peak, summary.peak_is_sealed, summary.sealed_peak) == (3, False, None)


@pytest.mark.parametrize("points", [[], ()])
def test_of_nothing_nothing_is_known(points: list[Point]) -> None:
    assert summarise(points) == Summary(peak=None, average=None, watch_s=0, average_view_s=None)


def test_who_joined_before_does_not_make_an_average_without_joins() -> None:
    assert summarise([second(0, 5)]).average_view_s is None
