from datetime import timedelta

import pytest

from catalog.errors import MovieChangedMeanwhile, MovieWasPublished
from catalog.models import Movie
from catalog.services.movies import change_visibility, hide_movie, publish_movie
from portal.models import AuditEntry, User
from tests.factories import AT, make_movie

pytestmark = pytest.mark.django_db
Visibility = Movie.Visibility
LATER = AT + timedelta(days=3)


def test_publishing_a_draft_dates_it(editor: User) -> None:
    movie = make_movie(visibility="DRAFT")

    publish_movie(movie_id=movie.pk, by=editor, at=LATER)

    movie.refresh_from_db()
    assert (movie.visibility, movie.published_at, movie.version) == ("PUBLISHED", LATER, 2)
    entry = AuditEntry.objects.get(action="movie.published")
    assert (entry.actor, entry.before, entry.after) == (
        editor,
        {"visibility": "DRAFT"},
        {"visibility": "PUBLISHED"},
    )


def test_a_movie_that_comes_back_keeps_its_first_date() -> None:
    movie = make_movie()

    hide_movie(movie_id=movie.pk, by=None, at=LATER)
    publish_movie(movie_id=movie.pk, by=None, at=LATER)

    movie.refresh_from_db()
    assert movie.published_at == AT
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "movie.hidden",
        "movie.published",
    ]


def test_publishing_what_is_published_changes_nothing() -> None:
    movie = make_movie()

    assert publish_movie(movie_id=movie.pk, by=None, at=LATER).version == 1
    assert not AuditEntry.objects.exists()


def test_what_viewers_have_seen_is_no_draft_any_more() -> None:
    movie = make_movie(visibility="HIDDEN")

    with pytest.raises(MovieWasPublished) as caught:
        change_visibility(movie_id=movie.pk, visibility=Visibility.DRAFT, by=None, at=LATER)

    assert caught.value.extras == {"allowed": ["HIDDEN", "UNLISTED", "PUBLISHED"]}
    movie.refresh_from_db()
    assert movie.visibility == "HIDDEN"


def test_a_hidden_movie_that_nobody_saw_may_be_a_draft_again() -> None:
    movie = make_movie(visibility="HIDDEN", published_at=None)

    assert change_visibility(movie_id=movie.pk, visibility=Visibility.DRAFT, by=None, at=AT).visibility == "DRAFT"


def test_a_change_to_an_older_version_is_refused() -> None:
    movie = make_movie(version=2)

    with pytest.raises(MovieChangedMeanwhile):
        change_visibility(movie_id=movie.pk, visibility=Visibility.HIDDEN, by=None, at=AT, expected_version=1)
