"""The arithmetic of windows against people who try every minute."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from catalog.windows import Window, availability_at, find_overlap, first_available, holds_in, is_open

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# Windows begin and end within this many minutes of noon; later there is nothing new to see.
HORIZON = 24
PLACES = ("TH", "DE", "LA", "JP", None)


def minute(number: int) -> datetime:
    return NOON + number * MINUTE


windows = st.builds(
    lambda start, length, places: Window(
        starts_at=minute(start),
        ends_at=None if length == 0 else minute(start + length),
        territories=tuple(sorted(places)),
    ),
    st.integers(0, HORIZON // 2),
    st.integers(0, HORIZON // 3),
    st.sets(st.sampled_from(PLACES[:-1]), max_size=2),
)
plans = st.lists(windows, max_size=5)


def without_overlaps(plan: list[Window]) -> list[Window]:
    """Return the windows that the database would have taken, one after the other."""
    kept: list[Window] = []
    for window in plan:
        if find_overlap([*kept, window]) is None:
            kept.append(window)
    return kept


def open_places(window: Window, at: datetime) -> set[str | None]:
    return {place for place in PLACES if is_open(window, at) and holds_in(window, place)}


@given(plans)
def test_an_overlap_is_where_two_are_open_in_one_place_at_one_minute(plan: list[Window]) -> None:
    moments = [minute(number) for number in range(-1, HORIZON + 1)]
    clashes = [
        (i, j)
        for (i, one), (j, other) in combinations(enumerate(plan), 2)
        if any(open_places(one, at) & open_places(other, at) for at in moments)
    ]
    assert find_overlap(plan) == (clashes[0] if clashes else None)


@given(plans, st.integers(-2, HORIZON))
def test_the_first_day_is_the_first_minute_at_which_anybody_could_see_it(plan: list[Window], published: int) -> None:
    later = [minute(number) for number in range(published, HORIZON + 2)]
    seen = [at for at in later if any(is_open(window, at) for window in plan)]

    assert first_available(plan, published_at=minute(published)) == (seen[0] if seen else minute(published))


@given(plans, st.integers(-2, HORIZON), st.sampled_from(PLACES))
def test_what_is_promised_comes_true(plan: list[Window], start: int, place: str | None) -> None:
    """It opens when it was said to, closes when it was said to, and at no minute before."""
    kept = without_overlaps(plan)
    said = availability_at(kept, at=minute(start), territory=place)
    promised = said.next_change_at

    for number in range(start, HORIZON + 2):
        at = minute(number)
        now = availability_at(kept, at=at, territory=place)
        if promised is None or at < promised:
            assert now.is_open is said.is_open
        elif at == promised:
            assert now.is_open is not said.is_open
            break


@given(plans, st.integers(-2, HORIZON))
def test_whoever_is_nowhere_sees_no_more_than_everybody_does(plan: list[Window], start: int) -> None:
    unknown = availability_at(plan, at=minute(start), territory=None)
    if unknown.is_open:
        assert all(availability_at(plan, at=minute(start), territory=place).is_open for place in PLACES)


@given(plans, st.integers(-2, HORIZON), st.permutations(range(5)))
def test_the_order_of_windows_means_nothing(plan: list[Window], start: int, order: list[int]) -> None:
    kept = without_overlaps(plan)
    shuffled = [kept[place] for place in order if place < len(kept)]
    for place in PLACES:
        assert availability_at(shuffled, at=minute(start), territory=place) == availability_at(
            kept, at=minute(start), territory=place
        )
