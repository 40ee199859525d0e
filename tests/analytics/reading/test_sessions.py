"""Who watches now."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from analytics.models import PlaybackSession
from analytics.reading.sessions import active_sessions, count_watching
from tests.analytics.figures import make_session, make_subject
from tests.factories import AT

pytestmark = pytest.mark.django_db


def test_active_is_who_has_not_ended_and_was_heard_of_lately() -> None:
    subject = make_subject("movie:1")
    here = make_session(subject, at=AT)
    # Who pauses says something once a minute.
    pausing = make_session(subject, at=AT - timedelta(seconds=149), state="a")
    make_session(subject, at=AT - timedelta(seconds=150), state="a")
    make_session(subject, at=AT - timedelta(seconds=25))
    make_session(subject, at=AT, ended_at=AT)
    make_session(make_subject("movie:2"), at=AT)
    assert set(active_sessions("movie:1", at=AT)) == {here, pausing}


def test_whose_player_was_told_to_tell_less_often_is_there_for_longer() -> None:
    subject = make_subject("movie:1")
    quiet = make_session(subject, at=AT - timedelta(seconds=49), interval_s=20)
    make_session(subject, at=AT - timedelta(seconds=50), interval_s=20)
    assert list(active_sessions("movie:1", at=AT)) == [quiet]


def test_a_session_that_began_yesterday_is_still_there() -> None:
    subject = make_subject("movie:1")
    make_session(subject, at=AT, started_at=AT - timedelta(hours=30))
    assert active_sessions("movie:1", at=AT).count() == 1


def test_people_are_counted_once_and_only_while_they_see_pictures() -> None:
    subject, somebody = make_subject("movie:1"), uuid.uuid4()
    for state in ("p", "k", "r"):
        make_session(subject, at=AT, viewer_key=somebody, state=state)
    make_session(subject, at=AT)
    make_session(subject, at=AT, state="a")
    make_session(subject, at=AT, first_frame_ms=None)
    watching = count_watching("movie:1", at=AT)
    assert (watching.viewers, watching.sessions) == (2, 4)


def test_those_who_watched_before_cost_nothing() -> None:
    """Who is here is found by the index of open sessions, however many have ended."""
    subject = make_subject("movie:1")
    make_session(subject, at=AT)
    gone = make_session(subject, at=AT, ended_at=AT)
    values = {field.attname: getattr(gone, field.attname) for field in PlaybackSession._meta.concrete_fields}
    PlaybackSession.objects.bulk_create(PlaybackSession(**{**values, "session": uuid.uuid4()}) for _ in range(2000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE analytics_playbacksession")
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%%(ended_at IS NULL)'")
        indexes = [name for (name,) in cursor.fetchall()]
    page = active_sessions("movie:1", at=AT).order_by("-started_at", "-session")[:51]
    assert any(name in page.explain() for name in indexes)
