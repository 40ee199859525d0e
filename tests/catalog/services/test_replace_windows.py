"""Giving a movie its availability windows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import MovieChangedMeanwhile, WindowEndsBeforeItStarts, WindowsOverlap
from catalog.models import Movie
from catalog.services.availability import WindowPlan, add_window, plans_of, replace_windows
from catalog.viewpoints import Viewpoint
from portal.errors import NotFound
from portal.models import AuditEntry, User
from tests.concurrency import at_once
from tests.factories import AT, make_movie, make_window

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
CHRISTMAS = WindowPlan(
    starts_at=datetime(2026, 12, 24, 13, tzinfo=UTC),
    ends_at=datetime(2026, 12, 26, 17, tzinfo=UTC),
    time_zone="Asia/Bangkok",
    territories=("TH", "LA"),
)
ADVENT = WindowPlan(starts_at=AT, ends_at=CHRISTMAS.starts_at)


def write(movie: Movie, *plans: WindowPlan, **rest: Any) -> Movie:
    return replace_windows(movie_id=movie.pk, plans=plans, **{"by": None, "at": AT} | rest)


def test_a_movie_gets_its_windows(editor: User) -> None:
    movie = make_movie()

    assert write(movie, CHRISTMAS, ADVENT, by=editor).version == 2

    assert plans_of(movie) == (ADVENT, CHRISTMAS)
    entry = AuditEntry.objects.get(action="movie.scheduled")
    assert (entry.actor, entry.before) == (editor, {"windows": []})
    assert entry.after == {
        "windows": ["2026-11-20 18:00 – 2026-12-24 13:00", "2026-12-24 20:00 – 2026-12-27 00:00 (LA, TH)"]
    }


def test_the_same_windows_again_are_no_change() -> None:
    movie = make_movie()
    write(movie, ADVENT, CHRISTMAS)

    assert write(movie, CHRISTMAS, ADVENT).version == 2
    assert AuditEntry.objects.count() == 1


def test_without_windows_there_is_no_limit_again() -> None:
    movie = make_movie()
    write(movie, CHRISTMAS)
    assert not Movie.objects.listed(Viewpoint(at=AT)).exists()

    write(movie)

    assert Movie.objects.listed(Viewpoint(at=AT)).get() == movie


def test_one_more_window_leaves_the_others() -> None:
    movie = make_movie()
    write(movie, ADVENT)

    add_window(movie_id=movie.pk, plan=CHRISTMAS, by=None, at=AT)

    assert plans_of(movie) == (ADVENT, CHRISTMAS)


def test_newest_goes_by_the_day_on_which_viewers_can_see_it() -> None:
    movie, draft = make_movie(), make_movie(visibility="DRAFT")

    assert write(movie, CHRISTMAS).first_available_at == CHRISTMAS.starts_at
    assert write(draft, CHRISTMAS).first_available_at is None
    assert write(movie).first_available_at == AT


@pytest.mark.parametrize("length", [timedelta(), -DAY])
def test_a_window_that_ends_before_it_starts_is_refused_by_its_place(length: timedelta) -> None:
    movie = make_movie()
    with pytest.raises(WindowEndsBeforeItStarts) as refused:
        write(movie, CHRISTMAS, WindowPlan(starts_at=AT, ends_at=AT + length))

    assert refused.value.extras["errors"][0]["pointer"] == "/windows/1/ends_at"  # type: ignore[index]
    assert not movie.windows.exists()


def test_windows_that_overlap_are_refused_by_their_place() -> None:
    movie = make_movie()
    write(movie, ADVENT)
    with pytest.raises(WindowsOverlap) as refused:
        add_window(movie_id=movie.pk, plan=WindowPlan(starts_at=AT + DAY, territories=("TH",)), by=None, at=AT)

    assert refused.value.extras["errors"][0]["pointer"] == "/windows/1/starts_at"  # type: ignore[index]
    assert plans_of(movie) == (ADVENT,)


def test_a_version_that_is_not_the_one_seen_is_refused() -> None:
    movie = make_movie(version=3)
    with pytest.raises(MovieChangedMeanwhile):
        write(movie, ADVENT, expected_version=2)
    assert write(movie, ADVENT, expected_version=3).version == 4


def test_a_movie_that_does_not_exist_has_no_windows() -> None:
    with pytest.raises(NotFound):
        replace_windows(movie_id=0, plans=(), by=None, at=AT)


@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [
        ({}, {"starts_at": AT + DAY}, True),
        ({"ends_at": AT + DAY}, {"starts_at": AT + DAY}, False),
        ({"ends_at": AT + 2 * DAY}, {"starts_at": AT + DAY}, True),
        ({"territories": ["TH"]}, {"territories": ["DE", "LA"]}, False),
        ({"territories": ["TH", "DE"]}, {"territories": ["DE"]}, True),
        ({"territories": ["ZZ"]}, {}, True),
        ({"territories": ["AA"]}, {"territories": ["ZZ"]}, False),
    ],
)
def test_the_database_itself_refuses_overlaps(one: dict[str, Any], other: dict[str, Any], is_refused: bool) -> None:
    movie = make_movie()
    make_window(movie, **one)
    make_window(make_movie(), **other)
    if is_refused:
        with pytest.raises(IntegrityError, match="window_overlaps_no_other"), transaction.atomic():
            make_window(movie, **other)
    else:
        make_window(movie, **other)


def test_the_database_itself_refuses_a_window_that_ends_before_it_starts() -> None:
    with pytest.raises(IntegrityError, match="window_ends_after_it_starts"), transaction.atomic():
        make_window(make_movie(), ends_at=AT)


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_who_open_the_same_window_one_is_refused() -> None:
    movie = make_movie()
    outcomes = at_once(*[lambda: add_window(movie_id=movie.pk, plan=ADVENT, by=None, at=AT)] * 2)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Movie", "WindowsOverlap"]
    assert movie.windows.count() == 1
