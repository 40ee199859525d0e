from time import perf_counter

import pytest

from catalog import demo
from catalog.models import Movie
from catalog.viewpoints import Viewpoint
from portal import clock
from portal.models import AuditEntry
from tests.factories import make_movie

pytestmark = pytest.mark.django_db


def test_an_empty_catalogue_is_filled_within_two_seconds() -> None:
    started = perf_counter()
    demo.seed()

    assert perf_counter() - started < 2
    now = Viewpoint(at=clock.now())
    assert Movie.objects.listed(now).count() == len(demo.DEMO_MOVIES) - 2
    assert [movie.title for movie in Movie.objects.announced(now)] == ["The Orchard Keeps Its Own Time"]
    assert [movie.title for movie in Movie.objects.leaving(now)] == ["Night Ferry to Koh Lanta"]
    assert AuditEntry.objects.filter(action="movie.published").count() == len(demo.DEMO_MOVIES) - 1
    assert not Movie.objects.listed(now).filter(synopsis="").exists()


def test_seeding_again_changes_nothing() -> None:
    demo.seed()
    before = list(Movie.objects.order_by("pk").values())
    demo.seed()

    assert list(Movie.objects.order_by("pk").values()) == before


def test_a_catalogue_that_holds_anything_is_left_alone() -> None:
    movie = make_movie()
    demo.seed()

    assert list(Movie.objects.all()) == [movie]
