import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog.errors import MovieChangedMeanwhile, SlugTaken
from catalog.services.movies import create_movie, update_movie
from portal.errors import NotFound
from portal.models import AuditEntry, User
from tests.factories import AT, make_genre, make_movie

pytestmark = pytest.mark.django_db


def test_only_what_is_named_changes_and_the_trail_holds_only_that(editor: User) -> None:
    movie = make_movie(title="Overtime", tagline="Before")

    update_movie(movie_id=movie.pk, changes={"tagline": "After"}, by=editor, at=AT)

    movie.refresh_from_db()
    assert (movie.title, movie.tagline, movie.version) == ("Overtime", "After", 2)
    entry = AuditEntry.objects.get(action="movie.updated")
    assert (entry.actor, entry.before, entry.after) == (editor, {"tagline": "Before"}, {"tagline": "After"})


def test_genres_are_replaced_and_audited_by_address() -> None:
    drama, comedy = make_genre(slug="drama"), make_genre(slug="comedy")
    movie = make_movie(genres=(drama,))

    update_movie(movie_id=movie.pk, changes={"genres": [comedy]}, by=None, at=AT)

    assert list(movie.genres.all()) == [comedy]
    entry = AuditEntry.objects.get(action="movie.updated")
    assert (entry.before, entry.after) == ({"genres": ["drama"]}, {"genres": ["comedy"]})


def test_saying_the_same_again_leaves_no_trace(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    movie = make_movie(title="Overtime")

    with django_capture_on_commit_callbacks() as callbacks:
        updated = update_movie(movie_id=movie.pk, changes={"title": "Overtime"}, by=None, at=AT)

    assert updated.version == 1
    assert callbacks == []
    assert not AuditEntry.objects.exists()


def test_a_change_to_an_older_version_is_refused() -> None:
    movie = make_movie(title="Overtime", version=3)

    with pytest.raises(MovieChangedMeanwhile) as caught:
        update_movie(movie_id=movie.pk, changes={"title": "Undertime"}, by=None, at=AT, expected_version=2)

    movie.refresh_from_db()
    assert caught.value.extras == {"version": 3}
    assert (movie.title, movie.version) == ("Overtime", 3)


def test_a_movie_that_viewers_know_keeps_its_former_addresses() -> None:
    movie = make_movie(slug="overtime")

    update_movie(movie_id=movie.pk, changes={"slug": "undertime"}, by=None, at=AT)
    update_movie(movie_id=movie.pk, changes={"slug": "halftime"}, by=None, at=AT)

    assert set(movie.slugs.values_list("slug", flat=True)) == {"overtime", "undertime", "halftime"}
    with pytest.raises(SlugTaken) as refused:
        create_movie(title="Overtime", year=2020, facts={"slug": "overtime"}, by=None, at=AT)
    assert refused.value.extras["proposed"] == "overtime-2020"


def test_a_movie_returns_to_a_former_address() -> None:
    movie = make_movie(slug="overtime")
    update_movie(movie_id=movie.pk, changes={"slug": "undertime"}, by=None, at=AT)

    assert update_movie(movie_id=movie.pk, changes={"slug": "overtime"}, by=None, at=AT).slug == "overtime"
    assert movie.slugs.count() == 2


def test_an_address_that_no_viewer_knew_is_free_again() -> None:
    draft = make_movie(slug="untitled", visibility="DRAFT")
    update_movie(movie_id=draft.pk, changes={"slug": "overtime"}, by=None, at=AT)

    assert create_movie(title="Untitled", year=2020, by=None, at=AT).slug == "untitled"


def test_a_draft_may_move_but_not_onto_another_movie() -> None:
    make_movie(slug="overtime")
    draft = make_movie(slug="untitled", visibility="DRAFT")

    with pytest.raises(SlugTaken):
        update_movie(movie_id=draft.pk, changes={"slug": "overtime"}, by=None, at=AT)
    moved = update_movie(movie_id=draft.pk, changes={"slug": "undertime"}, by=None, at=AT)

    assert moved.slug == "undertime"


def test_an_empty_address_keeps_the_one_it_has() -> None:
    draft = make_movie(slug="untitled", visibility="DRAFT")

    assert update_movie(movie_id=draft.pk, changes={"slug": "", "year": 1999}, by=None, at=AT).slug == "untitled"


def test_a_movie_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFound):
        update_movie(movie_id=0, changes={"title": "Nothing"}, by=None, at=AT)
