"""What is no longer to be watched is void at once, whatever was issued for it; and nothing else is."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, transaction
from django_redis import get_redis_connection

from catalog.models import Movie
from catalog.services.availability import WindowPlan, add_window, replace_windows
from catalog.services.movies import change_visibility, hide_movie, publish_movie, update_movie
from catalog.viewpoints import Viewpoint
from portal import clock
from portal.errors import NotFound
from portal.models import User
from streaming.access import get_movie_for_playback
from streaming.keys import playback_keyring
from streaming.models import Package, PlaybackRevocation
from streaming.origin.revoked import Revocations
from streaming.services import packages, revocations
from streaming.services.jobs import end_cancelled
from streaming.services.playback import open_playback
from streaming.tasks import forget_playback
from streaming.tokens import MOST_LIFETIME, PlaybackClaims, verify_token
from tests.factories import AT, make_job, make_movie, make_package, make_source, make_window

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def make_film(**overrides: Any) -> Movie:
    movie = make_movie(**overrides)
    make_package(make_source(movie=movie))
    return movie


def open_at(movie: Movie, seconds: float = 0, viewer: User | None = None) -> PlaybackClaims:
    """Watch a movie so long after AT, as the page and the API let people do it."""
    viewpoint = Viewpoint(at=AT + timedelta(seconds=seconds))
    person = viewer or AnonymousUser()
    found = get_movie_for_playback(person, movie.slug, viewpoint=viewpoint)
    token = open_playback(movie=found, viewer=person, viewpoint=viewpoint).hls_url.split("/")[-2]
    return verify_token(token, playback_keyring(), at=viewpoint.at)


def is_void(claims: PlaybackClaims, after_s: float = 3600) -> bool:
    known = Revocations()
    known.replace(revocations.list_revocations(AT + timedelta(seconds=after_s)))
    return known.is_revoked(claims)


def test_what_nobody_closed_stays() -> None:
    film, other = make_film(), make_film()
    claims = open_at(film)
    hide_movie(movie_id=other.pk, by=None, at=AT + SECOND)
    update_movie(movie_id=film.pk, changes={"title": "Renamed"}, by=None, at=AT + SECOND)
    assert not is_void(claims)


def test_a_hidden_movie_is_not_watched_on() -> None:
    film = make_film()
    claims = open_at(film)
    hide_movie(movie_id=film.pk, by=None, at=AT + SECOND)
    assert is_void(claims)
    with pytest.raises(NotFound):
        open_at(film, 2)


def test_a_movie_that_goes_out_of_the_lists_is_watched_on() -> None:
    film = make_film()
    claims = open_at(film)
    change_visibility(movie_id=film.pk, visibility=Movie.Visibility.UNLISTED, by=None, at=AT + SECOND)
    assert not is_void(claims)


def test_a_preview_of_a_movie_ends_when_it_returns_to_draft(editor: User) -> None:
    film = make_film(visibility="HIDDEN", published_at=None, first_available_at=None)
    claims = open_at(film, viewer=editor)
    change_visibility(movie_id=film.pk, visibility=Movie.Visibility.DRAFT, by=editor, at=AT + SECOND)
    assert is_void(claims)


@pytest.mark.parametrize("gap_s", [0, 0.3, 0.999, 1, 5, 59, 61, 100])
def test_a_movie_that_comes_back_can_be_watched_at_once_and_hidden_again(gap_s: float) -> None:
    """Tokens count whole seconds, and changes come in any of them."""
    film = make_film()
    first = open_at(film, 0.2)
    moment = 0.4
    for _ in range(3):
        hide_movie(movie_id=film.pk, by=None, at=AT + timedelta(seconds=moment))
        assert is_void(first)
        moment += gap_s
        publish_movie(movie_id=film.pk, by=None, at=AT + timedelta(seconds=moment))
        again = open_at(film, moment)
        assert not is_void(again)
        assert again.expires_at >= AT + MOST_LIFETIME
        first, moment = again, moment + gap_s


def test_who_looked_before_the_change_and_asks_after_it_gets_nothing() -> None:
    """The check and the token are two steps: a movie may be closed between them."""
    film, viewpoint = make_film(), Viewpoint(at=AT)
    found = get_movie_for_playback(AnonymousUser(), film.slug, viewpoint=viewpoint)
    # The change was begun long before, and had to wait.
    hide_movie(movie_id=film.pk, by=None, at=AT - 30 * SECOND)
    with pytest.raises(NotFound):
        open_playback(movie=found, viewer=AnonymousUser(), viewpoint=viewpoint)


def test_what_was_issued_while_the_change_waited_is_void() -> None:
    film = make_film()
    claims = open_at(film)
    hide_movie(movie_id=film.pk, by=None, at=AT - 30 * SECOND)
    assert is_void(claims)


def test_a_window_that_is_closed_ends_playback(editor: User) -> None:
    film = make_film()
    make_window(film)
    claims = open_at(film)
    plan = WindowPlan(starts_at=AT, ends_at=AT + SECOND)
    replace_windows(movie_id=film.pk, plans=[plan], by=editor, at=AT + 2 * SECOND)
    assert is_void(claims)


def test_a_window_that_lasts_longer_or_opens_later_ends_nothing(editor: User) -> None:
    film = make_film()
    make_window(film, ends_at=AT + 100 * SECOND)
    claims = open_at(film)
    plan = WindowPlan(starts_at=AT, ends_at=AT + 200 * SECOND)
    replace_windows(movie_id=film.pk, plans=[plan], by=editor, at=AT + SECOND)
    add_window(movie_id=film.pk, plan=WindowPlan(starts_at=AT + 500 * SECOND), by=editor, at=AT + 2 * SECOND)
    assert not is_void(claims)


def test_a_film_that_goes_to_another_movie_is_not_watched_on() -> None:
    film, draft = make_film(), make_movie(visibility="DRAFT")
    claims = open_at(film)
    source = film.sources.get()
    source.movie = draft
    source.save()
    packages.move_to_movie(source=source, at=AT + SECOND)
    assert is_void(claims)


def test_what_grows_and_is_given_up_is_not_waited_for() -> None:
    movie = make_movie()
    source = make_source(movie=movie)
    job = make_job(source, state="RUNNING")
    make_package(source, state="GROWING", ready_at=None)
    claims = open_at(movie)
    end_cancelled(job=job, at=AT + SECOND)
    assert Package.objects.get().state == Package.State.RETIRED
    assert is_void(claims)


def test_a_film_that_comes_to_its_first_movie_ends_nothing() -> None:
    package = make_package(make_source())
    package.source.movie = make_movie()
    package.source.save()
    packages.move_to_movie(source=package.source, at=AT)
    assert not PlaybackRevocation.objects.exists()


def test_a_movie_that_is_deleted_is_not_watched_on() -> None:
    film = make_film()
    claims = open_at(film)
    # The database's rows alone say how old a token may be: here both clocks are the test's.
    film.packages.update(movie=None)
    Movie.objects.filter(pk=film.pk).delete()
    row = PlaybackRevocation.objects.get()
    assert row.subject == claims.subject
    assert row.issued_before > clock.now()


def test_what_is_rolled_back_revokes_nothing() -> None:
    film = make_film()
    with transaction.atomic():
        hide_movie(movie_id=film.pk, by=None, at=AT)
        assert PlaybackRevocation.objects.exists()
        transaction.set_rollback(True)
    assert not PlaybackRevocation.objects.exists()


def test_origins_hear_of_it_once_it_is_committed(
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Callable[[], object]]]],
) -> None:
    film = make_film()
    heard = get_redis_connection("default").pubsub(ignore_subscribe_messages=True)
    heard.subscribe(revocations.CHANNEL)
    # The first message is that of the subscription itself.
    heard.get_message(timeout=5)
    with django_capture_on_commit_callbacks(execute=True):
        hide_movie(movie_id=film.pk, by=None, at=AT)
        assert heard.get_message(timeout=0.05) is None
    words = {heard.get_message(timeout=5)["data"]}
    while message := heard.get_message(timeout=0.05):
        words.add(message["data"])
    heard.close()
    assert f"movie:{film.pk}".encode() in words


def test_rows_are_forgotten_when_their_tokens_have_expired(editor: User) -> None:
    film = make_film()
    revocations.revoke_movie(film.pk, at=AT)
    row = PlaybackRevocation.objects.get()
    assert row.expires_at > row.issued_before + MOST_LIFETIME
    assert revocations.forget_revocations(at=row.expires_at - SECOND) == 0
    assert len(revocations.list_revocations(row.expires_at - SECOND)) == 1
    assert len(revocations.list_revocations(row.expires_at)) == 0
    assert revocations.forget_revocations(at=row.expires_at) == 1


def test_the_worker_forgets_them() -> None:
    revocations.revoke_movie(1, at=clock.now() - timedelta(days=2))
    revocations.revoke_movie(2, at=clock.now())
    forget_playback()
    assert [row.subject for row in PlaybackRevocation.objects.all()] == ["movie:2"]


@pytest.mark.parametrize("subject", ["", "movie:", "movie:x", "movie:1 ", "user:1", "session:1", "session:" + "G" * 36])
def test_nothing_else_can_be_revoked(subject: str) -> None:
    with pytest.raises(DatabaseError, match=re.escape("playback_revocation_subject")):
        revocations.revoke(subject, at=AT)
