"""The one lock, version, audit line and event of every change of a film and of what it mentions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from catalog.errors import MovieChangedMeanwhile
from catalog.events import ReleasePlan
from catalog.models import Credit, Movie
from catalog.services import availability, credits, genres, movies, people, tags
from catalog.services.revisions import lock_movie, lock_movies, record_mention, record_revision
from portal.errors import NotFound
from portal.models import AuditEntry, User
from tests.concurrency import at_once
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_tag

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)


def test_a_lock_needs_the_version_that_was_seen() -> None:
    movie = make_movie(version=4)
    with transaction.atomic():
        assert lock_movie(movie.pk, expected_version=4) == movie
        assert lock_movie(movie.pk) == movie
        with pytest.raises(MovieChangedMeanwhile) as refused:
            lock_movie(movie.pk, expected_version=3)
    assert refused.value.extras == {"version": 4}


def test_what_does_not_exist_is_not_locked() -> None:
    with transaction.atomic(), pytest.raises(NotFound):
        lock_movie(0)


def test_films_are_locked_once_each_and_in_one_order() -> None:
    drama, comedy = make_genre(), make_genre()
    films = [make_movie(genres=(drama, comedy)) for _ in range(3)]
    make_movie()
    with transaction.atomic():
        locked = lock_movies(Movie.objects.filter(genres__in=[drama, comedy]))
    assert locked == [film.pk for film in films]


def test_a_revision_counts_audits_and_saves_what_a_schedule_sets(editor: User) -> None:
    movie = make_movie()
    movie.first_available_at, movie.synopsis = LATER, "Not of a schedule, so not saved"

    with transaction.atomic():
        record_revision(
            "movie.scheduled",
            movie,
            by=editor,
            at=LATER,
            change=({"windows": []}, {"windows": ["A day"]}),
            released_before=ReleasePlan.of(movie),
        )

    stored = Movie.objects.get()
    assert (stored.first_available_at, stored.version, stored.updated_at) == (LATER, 2, LATER)
    assert stored.synopsis != "Not of a schedule, so not saved"
    entry = AuditEntry.objects.get(action="movie.scheduled")
    assert (entry.action, entry.actor, entry.before, entry.after) == (
        "movie.scheduled",
        editor,
        {"windows": []},
        {"windows": ["A day"]},
    )


def test_a_mention_counts_and_leaves_no_line_in_the_trail() -> None:
    mentioned, other = make_movie(), make_movie()
    with transaction.atomic():
        record_mention([mentioned.pk], at=LATER)

    assert set(Movie.objects.values_list("pk", "version", "updated_at")) == {
        (mentioned.pk, 2, LATER),
        (other.pk, 1, AT),
    }
    assert not AuditEntry.objects.exists()


# What changes a film, by what an editor would call it. Each leaves exactly one more version.
CHANGES: dict[str, Callable[[Movie], Any]] = {
    "its title": lambda movie: movies.update_movie(movie_id=movie.pk, changes={"title": "New"}, by=None, at=LATER),
    "its genres": lambda movie: movies.update_movie(
        movie_id=movie.pk, changes={"genres": [make_genre()]}, by=None, at=LATER
    ),
    "its tags": lambda movie: movies.update_movie(movie_id=movie.pk, changes={"tags": [make_tag()]}, by=None, at=LATER),
    "who sees it": lambda movie: movies.hide_movie(movie_id=movie.pk, by=None, at=LATER),
    "its windows": lambda movie: availability.add_window(
        movie_id=movie.pk, plan=availability.WindowPlan(starts_at=AT), by=None, at=LATER
    ),
    "its credits": lambda movie: credits.replace_credits(
        movie_id=movie.pk,
        plans=[credits.CreditPlan(person=make_person(), role=Credit.Role.WRITER)],
        by=None,
        at=LATER,
    ),
    "the name of its genre": lambda movie: genres.rename_genre(
        genre_id=movie.genres.get().pk, name="Renamed", by=None, at=LATER
    ),
    "the name of its director": lambda movie: people.update_person(
        person_id=movie.credits.get().person_id, changes={"name": "Renamed"}, by=None, at=LATER
    ),
    "a tag that is merged": lambda movie: tags.merge_tags(
        tag_id=movie.tags.get().pk, into_id=make_tag().pk, by=None, at=LATER
    ),
}


def film() -> Movie:
    movie = make_movie(genres=(make_genre(),), tags=(make_tag(),))
    make_credit(movie, role=Credit.Role.DIRECTOR)
    return movie


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_one_version(what: str) -> None:
    movie = film()
    CHANGES[what](movie)

    movie.refresh_from_db()
    assert (movie.version, movie.updated_at) == (2, LATER)


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_in_the_trail(what: str) -> None:
    CHANGES[what](film())
    assert AuditEntry.objects.filter(at=LATER).exists()


@pytest.mark.parametrize("what", CHANGES)
def test_no_change_touches_another_film(what: str) -> None:
    other = film()
    CHANGES[what](film())

    other.refresh_from_db()
    assert (other.version, other.updated_at) == (1, AT)


@pytest.mark.django_db(transaction=True)
def test_all_changes_at_once_are_all_made_and_counted_once_each() -> None:
    movie = film()
    others = ("its title", "who sees it", "its windows", "its credits", "the name of its genre")
    outcomes = at_once(*[lambda what=what: CHANGES[what](movie) for what in others])

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    movie.refresh_from_db()
    assert (movie.title, movie.visibility, movie.version) == ("New", "HIDDEN", 1 + len(others))
    assert (movie.windows.count(), movie.credits.get().role) == (1, "WRITER")
