"""The state of a film, from its visibility and its windows at one moment."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.admin.wording import describe_moment, describe_state
from catalog.states import Phase, state_at
from catalog.windows import availability_at

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # a Wednesday


@dataclass(frozen=True, kw_only=True)
class Window:
    starts_at: datetime
    ends_at: datetime | None = None
    territories: tuple[str, ...] = ()
    time_zone: str = "UTC"


def on(day: int, hour: int = 20, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


PAST = Window(starts_at=on(1), ends_at=on(10))
OPEN = Window(starts_at=on(1))
LEAVING = Window(starts_at=on(1), ends_at=on(3, month=12))
FRIDAY = Window(starts_at=on(20))


@pytest.mark.parametrize(
    ("visibility", "windows", "words"),
    [
        ("DRAFT", (), "Draft"),
        ("DRAFT", (FRIDAY,), "Draft"),
        ("HIDDEN", (OPEN,), "Hidden"),
        ("UNLISTED", (), "Unlisted"),
        ("UNLISTED", (LEAVING,), "Unlisted, leaves 3 Dec 20:00"),
        ("UNLISTED", (FRIDAY,), "Unlisted, opens Fri 20:00"),
        ("UNLISTED", (PAST,), "Unlisted, left on 10 Nov"),
        ("PUBLISHED", (), "Published"),
        ("PUBLISHED", (OPEN,), "Published"),
        ("PUBLISHED", (LEAVING,), "Published, leaves 3 Dec 20:00"),
        ("PUBLISHED", (FRIDAY,), "Scheduled for Fri 20:00"),
        ("PUBLISHED", (PAST,), "Left on 10 Nov"),
        ("PUBLISHED", (PAST, FRIDAY), "Scheduled for Fri 20:00"),
        # What follows without a gap is one window to a viewer.
        (
            "PUBLISHED",
            (Window(starts_at=on(1), ends_at=on(20)), Window(starts_at=on(20), ends_at=on(25))),
            "Published, leaves 25 Nov 20:00",
        ),
        ("PUBLISHED", (Window(starts_at=on(1), territories=("TH", "LA")),), "Published, only in LA, TH"),
        (
            "PUBLISHED",
            (Window(starts_at=on(20), territories=("TH",)), Window(starts_at=on(22), territories=("LA",))),
            "Scheduled for Fri 20:00, only in TH",
        ),
        (
            "PUBLISHED",
            (Window(starts_at=on(1), ends_at=on(19), territories=("TH",)), Window(starts_at=on(25))),
            "Published, leaves Thu 20:00, only in TH",
        ),
        (
            "PUBLISHED",
            (Window(starts_at=on(1), territories=tuple("ABCDEFG")),),
            "Published, only in A, B, C, D, E and 2 more",
        ),
        ("PUBLISHED", (Window(starts_at=on(20), time_zone="Asia/Bangkok"),), "Scheduled for Sat 03:00"),
        ("PUBLISHED", (Window(starts_at=on(20, year=2027)),), "Scheduled for 20 Nov 2027 20:00"),
        ("PUBLISHED", (Window(starts_at=on(1, year=2025), ends_at=on(3, year=2025)),), "Left on 3 Nov 2025"),
    ],
)
def test_the_state_in_words(visibility: str, windows: tuple[Window, ...], words: str) -> None:
    assert describe_state(state_at(visibility, False, windows, at=NOW), at=NOW) == words


@pytest.mark.parametrize(
    ("visibility", "words"),
    [("PUBLISHED", "Coming soon, Fri 20:00"), ("UNLISTED", "Unlisted, opens Fri 20:00"), ("DRAFT", "Draft")],
)
def test_an_announced_film_is_coming_soon_if_it_is_listed(visibility: str, words: str) -> None:
    assert describe_state(state_at(visibility, True, (FRIDAY,), at=NOW), at=NOW) == words


def test_an_announced_film_that_can_be_seen_is_published() -> None:
    assert state_at("PUBLISHED", True, (OPEN, FRIDAY), at=NOW).phase is Phase.AVAILABLE


def test_a_window_is_open_at_its_start_and_closed_at_its_end() -> None:
    window = Window(starts_at=on(20), ends_at=on(21))
    edges = {at: state_at("PUBLISHED", False, (window,), at=at).phase for at in (on(20), on(21))}
    assert edges == {on(20): Phase.AVAILABLE, on(21): Phase.LEFT}
    just_before = on(20) - timedelta(microseconds=1)
    assert state_at("PUBLISHED", False, (window,), at=just_before).phase is Phase.SCHEDULED


@pytest.mark.parametrize(
    ("days", "words"), [(0, "Wed 10:00"), (6, "Tue 10:00"), (7, "25 Nov 10:00"), (-1, "17 Nov 10:00")]
)
def test_a_weekday_is_said_only_where_it_is_clear(days: int, words: str) -> None:
    assert describe_moment(NOW + timedelta(days=days), time_zone="UTC", at=NOW) == words


_moments = st.integers(-20, 20).map(lambda hours: NOW + timedelta(hours=hours))
_windows = st.builds(
    lambda start, length, codes: Window(
        starts_at=start, ends_at=start + timedelta(hours=length) if length else None, territories=tuple(codes)
    ),
    _moments,
    st.integers(0, 10),
    st.sets(st.sampled_from(("TH", "LA", "VN"))),
)


@given(st.lists(_windows, max_size=4))
def test_it_is_available_exactly_where_some_viewer_can_see_it(windows: list[Window]) -> None:
    state = state_at("PUBLISHED", False, windows, at=NOW)
    places = (None, "TH", "LA", "VN")
    seen = {place for place in places if availability_at(windows, at=NOW, territory=place).is_open}
    assert (state.phase is Phase.AVAILABLE) is bool(seen)
    if seen:
        assert state.territories == (() if None in seen else tuple(sorted(place for place in seen if place)))
    assert state.changes_at is None or state.changes_at > NOW
