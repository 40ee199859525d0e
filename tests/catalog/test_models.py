"""What the database itself refuses, whoever writes, and which movies a query finds."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction

from catalog.models import Genre, Movie
from catalog.viewpoints import Viewpoint
from portal.models import User
from tests.factories import AT, make_genre, make_movie

NOW = Viewpoint(at=AT)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fault", "constraint"),
    [
        ({"title": ""}, "movie_has_title"),
        ({"slug": ""}, "movie_slug_format"),
        ({"slug": "Upper"}, "movie_slug_format"),
        ({"slug": "two--hyphens"}, "movie_slug_format"),
        ({"slug": "-first"}, "movie_slug_format"),
        ({"year": 1887}, "movie_year_range"),
        ({"year": 2101}, "movie_year_range"),
        ({"runtime_s": 0}, "movie_runtime_positive"),
        ({"visibility": "PUBLISHED", "published_at": None}, "movie_published_has_time"),
        ({"visibility": "UNLISTED", "published_at": None}, "movie_published_has_time"),
        ({"visibility": "DRAFT", "published_at": AT, "first_available_at": AT}, "movie_draft_was_never_seen"),
        ({"visibility": "SECRET"}, "movie_visibility_known"),
    ],
)
def test_the_database_refuses_a_movie_that_cannot_be(fault: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_movie(**fault)


def test_two_movies_do_not_share_an_address() -> None:
    make_movie(slug="solaris")
    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        make_movie(slug="solaris")


@pytest.mark.parametrize("fault", [{"name": ""}, {"slug": "Upper"}])
def test_the_database_refuses_a_genre_that_cannot_be(fault: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_genre(**fault)
    assert not Genre.objects.exists()


def test_who_finds_which_movies(editor: User, viewer: User) -> None:
    listed, unlisted = make_movie(), make_movie(visibility="UNLISTED")
    hidden, draft = make_movie(visibility="HIDDEN"), make_movie(visibility="DRAFT")
    tomorrow = make_movie(published_at=AT + timedelta(days=1))

    assert set(Movie.objects.listed(NOW)) == {listed}
    assert set(Movie.objects.visible_to(viewer, NOW)) == {listed, unlisted}
    assert set(Movie.objects.visible_to(AnonymousUser(), NOW)) == {listed, unlisted}
    assert set(Movie.objects.visible_to(editor, NOW)) == {listed, unlisted, hidden, draft, tomorrow}


@pytest.mark.parametrize(
    ("what", "found"), [("synopsis", "a"), ("genres", "b"), ("runtime", "c"), ("nothing of the kind", "")]
)
def test_what_is_missing_is_found(what: str, found: str) -> None:
    genre = make_genre()
    make_movie(slug="a", synopsis="", genres=(genre,))
    make_movie(slug="b")
    make_movie(slug="c", runtime_s=None, genres=(genre,))

    assert "".join(Movie.objects.missing(what).values_list("slug", flat=True)) == found


def test_the_newest_are_read_from_their_index_and_not_sorted() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Movie.objects.listed(NOW).newest_first()[:24].explain()

    assert "movie_listed_newest" in plan
    assert "Sort" not in plan
