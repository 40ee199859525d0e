"""What windows make of a moment: half-open, by territory, joined where they meet."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.windows import (
    Availability,
    Window,
    availability_at,
    find_overlap,
    first_available,
    holds_in,
    is_cut_short,
    is_open,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def hour(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def window(start: float, end: float | None = None, *territories: str) -> Window:
    """Open from one hour after noon to another."""
    return Window(starts_at=hour(start), ends_at=None if end is None else hour(end), territories=territories)


def test_without_a_window_there_is_no_limit() -> None:
    assert availability_at((), at=NOON, territory=None) == Availability(is_open=True)


@pytest.mark.parametrize(
    ("at", "opened"), [(hour(1) - TICK, False), (hour(1), True), (hour(2) - TICK, True), (hour(2), False)]
)
def test_a_window_is_half_open(at: datetime, opened: bool) -> None:
    assert is_open(window(1, 2), at) is opened
    assert availability_at([window(1, 2)], at=at, territory=None).is_open is opened


def test_before_a_window_it_is_known_when_it_opens() -> None:
    found = availability_at([window(5, 6), window(1, 2)], at=NOON, territory=None)

    assert found == Availability(is_open=False, opens_at=hour(1))
    assert found.next_change_at == hour(1)


def test_after_the_last_window_nothing_is_planned() -> None:
    found = availability_at([window(1, 2)], at=hour(3), territory=None)

    assert found == Availability(is_open=False)
    assert found.next_change_at is None


def test_windows_that_meet_are_one_to_a_viewer() -> None:
    spans = [window(2, 3), window(0, 1), window(1, 2), window(4, 5)]

    assert availability_at(spans, at=NOON, territory=None).closes_at == hour(3)


def test_a_window_without_an_end_never_closes() -> None:
    assert availability_at([window(0, 1), window(1)], at=NOON, territory=None).closes_at is None


@pytest.mark.parametrize(("territory", "opened"), [("TH", True), ("LA", True), ("DE", False), (None, False)])
def test_a_window_for_some_territories_is_shut_to_the_others_and_to_the_unknown(
    territory: str | None, opened: bool
) -> None:
    assert availability_at([window(0, 1, "TH", "LA")], at=NOON, territory=territory).is_open is opened


def test_windows_of_other_territories_neither_open_nor_follow() -> None:
    spans = [window(0, 1, "TH"), window(1, 2, "DE"), window(0.5, None, "LA")]

    assert availability_at(spans, at=NOON, territory="TH") == Availability(is_open=True, closes_at=hour(1))
    assert availability_at(spans, at=NOON, territory="LA") == Availability(is_open=False, opens_at=hour(0.5))


@pytest.mark.parametrize(
    ("spans", "first"),
    [
        ([], NOON),
        ([window(3), window(1, 2)], hour(1)),
        ([window(-5, -4), window(2, 3)], hour(2)),
        ([window(-5, 1)], NOON),
        ([window(-5, -4)], NOON),
        ([window(-5, 0)], NOON),
    ],
)
def test_newest_goes_by_the_first_moment_from_publication_on(spans: list[Window], first: datetime) -> None:
    assert first_available(spans, published_at=NOON) == first


@pytest.mark.parametrize(
    ("one", "other", "overlaps"),
    [
        (window(0, 1), window(1, 2), False),
        (window(0, 1), window(0.5, 2), True),
        (window(0, 3), window(1, 2), True),
        (window(0), window(5), True),
        (window(0), window(-5, 0), False),
        (window(0, 1, "TH"), window(0, 1, "DE"), False),
        (window(0, 1, "TH"), window(0, 1, "DE", "TH"), True),
        (window(0, 1, "TH"), window(0, 1), True),
    ],
)
def test_overlaps_are_found(one: Window, other: Window, overlaps: bool) -> None:
    assert find_overlap([window(-20, -19), one, other]) == ((1, 2) if overlaps else None)
    assert find_overlap([other, one]) == ((0, 1) if overlaps else None)


codes = st.lists(st.sampled_from(["TH", "DE", "LA"]), unique=True, max_size=2).map(tuple)
spans = st.builds(
    lambda start, length, places: window(start, None if length == 0 else start + length, *places),
    st.integers(0, 12),
    st.integers(0, 6),
    codes,
)


@given(st.lists(spans, max_size=6), st.integers(-1, 20), st.sampled_from(["TH", "DE", "LA", None]))
def test_what_is_said_of_a_moment_is_what_a_clock_would_see(
    plan: list[Window], start: int, territory: str | None
) -> None:
    """Watch every half hour from the moment on, with windows that do not overlap."""
    kept: list[Window] = []
    for one in plan:
        if find_overlap([*kept, one]) is None:
            kept.append(one)

    def opened(at: datetime) -> bool:
        return not kept or any(is_open(one, at) and holds_in(one, territory) for one in kept)

    found = availability_at(kept, at=hour(start), territory=territory)
    later = [hour(start + half / 2) for half in range(60)]
    change = next((at for at in later if opened(at) != opened(later[0])), None)

    assert found.is_open is opened(later[0])
    assert found.next_change_at == change


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((), (), False),
        ((), [window(-1)], False),
        ((), [window(-1, 1)], True),
        ((), [window(1)], True),
        ((), [window(-1, None, "TH")], True),
        ([window(-1)], (), False),
        ([window(-1)], [window(-2)], False),
        ([window(-1)], [window(-1, 1)], True),
        ([window(-1, 2)], [window(-1, 1)], True),
        ([window(-1, 1)], [window(-1, 2)], False),
        ([window(-1, 2)], [window(-1, 1), window(1, 2)], False),
        ([window(-1, 2)], [window(1, 2)], True),
        ([window(-2, -1)], (), False),
        ([window(-2, -1)], [window(1, 2)], False),
        ([window(1, 3)], [window(1, 2)], False),
        ([window(-1, 0)], [window(1, 2)], False),
        ([window(-1, None, "TH", "LA")], [window(-1, None, "TH")], True),
        ([window(-1, None, "TH")], [window(-1, None, "TH", "LA")], False),
        ([window(-1, None, "TH")], [window(-1)], False),
        ([window(-1)], [window(-1, None, "TH")], True),
        ([window(-1, 2, "TH"), window(-1, 2, "LA")], [window(-1, 2, "TH"), window(-1, 1, "LA")], True),
    ],
)
def test_windows_are_cut_short_where_somebody_could_watch_longer(
    before: Sequence[Window], after: Sequence[Window], expected: bool
) -> None:
    assert is_cut_short(before, after, at=NOON) is expected
