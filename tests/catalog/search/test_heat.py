from datetime import UTC, datetime, timedelta

import pytest

from catalog.search.heat import HALF_LIFE, coldest, heat_of_one, heated

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def chosen(times: int, *, at: datetime) -> float:
    heat = 0.0
    for _ in range(times):
        heat = heated(heat, at=at)
    return heat


def test_more_choices_are_hotter() -> None:
    assert chosen(1, at=NOW) == pytest.approx(heat_of_one(NOW), abs=1e-4)
    assert chosen(3, at=NOW) > chosen(2, at=NOW) > chosen(1, at=NOW)


def test_a_choice_counts_half_after_its_half_life() -> None:
    assert chosen(2, at=NOW - HALF_LIFE) == pytest.approx(chosen(1, at=NOW), abs=1e-3)
    assert chosen(3, at=NOW - HALF_LIFE) > chosen(1, at=NOW)


def test_a_name_loved_long_ago_yields_to_one_chosen_now_and_again() -> None:
    assert chosen(30, at=NOW - 10 * HALF_LIFE) < coldest(NOW) < chosen(1, at=NOW)


def test_a_clock_that_went_back_breaks_nothing() -> None:
    assert heated(heat_of_one(NOW), at=NOW - timedelta(days=400)) >= heat_of_one(NOW)
    assert heated(0, at=datetime(1970, 1, 1, tzinfo=UTC)) == pytest.approx(0, abs=1e-6)
