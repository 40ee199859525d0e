"""Three tellers of one truth: the database's queries, the arithmetic of windows, and the judge of events.

Each is asked of many films with windows at random, from many viewpoints; a clock that looks at each window by itself
says who is right.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

import pytest

from catalog.events import IN_NO_LIST, MovieUpdated, ReleasePlan
from catalog.models import AvailabilityWindow, Movie
from catalog.models.queryset import LEAVING_SOON
from catalog.viewpoints import Viewpoint
from catalog.windows import find_overlap
from tests.factories import AT, make_movie, make_window

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
TERRITORIES = ("TH", "LA", "DE", None)
FILMS = 40


def _windows(chance: random.Random) -> Iterator[AvailabilityWindow]:
    """Yield up to four windows that the database accepts together."""
    kept: list[AvailabilityWindow] = []
    for _ in range(chance.randrange(5)):
        start = AT + chance.randrange(-20, 20) * DAY
        window = AvailabilityWindow(
            starts_at=start,
            ends_at=None if chance.random() < 0.2 else start + chance.randrange(1, 15) * DAY,
            territories=sorted(chance.sample(["TH", "LA", "DE"], chance.randrange(3))),
        )
        if find_overlap([*kept, window]) is None:
            kept.append(window)
            yield window


def _fill(seed: int) -> list[Movie]:
    chance = random.Random(seed)
    films = []
    for _ in range(FILMS):
        film = make_movie(
            visibility=chance.choice(["PUBLISHED", "PUBLISHED", "PUBLISHED", "UNLISTED", "HIDDEN", "DRAFT"]),
            is_announced=chance.random() < 0.5,
        )
        for window in _windows(chance):
            make_window(film, starts_at=window.starts_at, ends_at=window.ends_at, territories=window.territories)
        films.append(film)
    return films


def _open_windows(film: Movie, at: datetime, territory: str | None) -> list[AvailabilityWindow]:
    return [
        window
        for window in film.windows.all()
        if window.starts_at <= at
        and (window.ends_at is None or at < window.ends_at)
        and (not window.territories or territory in window.territories)
    ]


def _is_available(film: Movie, at: datetime, territory: str | None) -> bool:
    if film.published_at is None or at < film.published_at:
        return False
    return not film.windows.all() or bool(_open_windows(film, at, territory))


def _is_coming(film: Movie, at: datetime, territory: str | None) -> bool:
    if film.visibility != "PUBLISHED" or not film.is_announced or film.published_at is None or at < film.published_at:
        return False
    later = [
        window
        for window in film.windows.all()
        if window.starts_at > at and (not window.territories or territory in window.territories)
    ]
    return bool(later) and not _open_windows(film, at, territory)


def _leaves(film: Movie, at: datetime, territory: str | None) -> bool:
    """Look at the moment of each end: is it gone then?"""
    if not _is_available(film, at, territory):
        return False
    ends = [window.ends_at for window in _open_windows(film, at, territory) if window.ends_at]
    return any(end <= at + LEAVING_SOON and not _is_available(film, end, territory) for end in ends)


def _viewpoints(films: list[Movie]) -> Iterator[Viewpoint]:
    """Look at a few edges, at the tick before each, and at some days between."""
    edges = sorted({window.starts_at for film in films for window in film.windows.all()})[::9]
    moments = {*edges, *(edge - TICK for edge in edges), *(AT + day * DAY for day in (-30, 0, 5, 60))}
    for at, territory in product(sorted(moments), TERRITORIES):
        yield Viewpoint(at=at, territory=territory)


@pytest.fixture(params=[1, 2])
def films(request: pytest.FixtureRequest) -> list[Movie]:
    _fill(request.param)
    return list(Movie.objects.prefetch_related("windows", "genres").order_by("pk"))


def test_the_queries_find_what_a_clock_sees(films: list[Movie]) -> None:
    for viewpoint in _viewpoints(films):
        at, territory = viewpoint.at, viewpoint.territory
        available = {film for film in films if _is_available(film, at, territory)}
        listed = {film for film in available if film.visibility == "PUBLISHED"}
        watchable = {film for film in available if film.visibility in ("PUBLISHED", "UNLISTED")}
        coming = {film for film in films if _is_coming(film, at, territory)}

        assert set(Movie.objects.listed(viewpoint)) == listed
        assert set(Movie.objects.watchable(viewpoint)) == watchable
        assert set(Movie.objects.announced(viewpoint)) == coming
        assert set(Movie.objects.open_to_viewers(viewpoint)) == watchable | coming


def test_leaving_is_what_a_clock_sees_go(films: list[Movie]) -> None:
    for viewpoint in _viewpoints(films):
        leaving = {
            film
            for film in films
            if film.visibility == "PUBLISHED" and _leaves(film, viewpoint.at, viewpoint.territory)
        }
        assert set(Movie.objects.leaving(viewpoint)) == leaving


def test_the_arithmetic_of_a_film_agrees_with_the_queries(films: list[Movie]) -> None:
    for viewpoint in _viewpoints(films):
        found = set(Movie.objects.listed(viewpoint))
        for film in films:
            if film.visibility == "PUBLISHED" and film.published_at and film.published_at <= viewpoint.at:
                assert film.availability_at(viewpoint).is_open is (film in found)


def test_the_judge_of_events_agrees_with_the_queries(films: list[Movie]) -> None:
    for viewpoint in _viewpoints(films):
        found = set(Movie.objects.open_to_viewers(viewpoint))
        for film in films:
            if film.visibility in Movie.WATCHABLE:
                assert ReleasePlan.of(film).is_open(viewpoint) is (film in found)


def test_what_travels_to_consumers_is_judged_as_what_was_sent(films: list[Movie]) -> None:
    for film in films[:10]:
        facts = MovieUpdated.of(film, before=IN_NO_LIST).facts()
        assert ReleasePlan(**facts["release"]) == ReleasePlan.of(film)
        assert ReleasePlan(**facts["before"]) == IN_NO_LIST


def test_what_pages_are_told_holds_no_plans(films: list[Movie]) -> None:
    for film in films[:10]:
        assert not {"release", "windows", "published_at", "is_announced"} & MovieUpdated.of(film).data().keys()
