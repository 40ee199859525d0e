"""Events leave when their transaction has committed, numbered, and never at the cost of the change."""

from dataclasses import fields
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import channel_layers, get_channel_layer
from django.conf import LazySettings
from django.db import transaction
from django_redis import get_redis_connection

from catalog.events import MovieHidden, MovieUpdated
from catalog.models import Movie
from catalog.services.movies import hide_movie
from portal import events
from tests.factories import AT, make_movie

pytestmark = pytest.mark.django_db(transaction=True)


class Listener:
    """Somebody who has joined a group of the real channel layer."""

    def __init__(self, group: str) -> None:
        self._group = group

    async def hear(self, count: int, action: Any) -> list[dict[str, Any]]:
        """Return the envelopes of `count` events that `action`, a service call in a thread, brings."""
        from channels.db import database_sync_to_async

        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(self._group, channel)
        await database_sync_to_async(action)()
        return [(await layer.receive(channel))["envelope"] for _ in range(count)]


def hear(group: str, count: int, action: Any) -> list[dict[str, Any]]:
    return list(async_to_sync(Listener(group).hear)(count, action))


def hidden(version: int) -> MovieHidden:
    return MovieHidden.of(Movie(pk=7, version=version, visibility="HIDDEN", slug="seven", title="Seven", year=1995))


def test_an_event_comes_in_an_envelope() -> None:
    (envelope,) = hear("movie.7", 1, lambda: events.publish(hidden(2), at=AT))

    assert envelope["v"] == 1
    assert envelope["type"] == "movie.hidden"
    assert envelope["at"] == "2026-11-20T18:00:00+00:00"
    assert (envelope["data"]["movie_id"], envelope["data"]["version"], envelope["data"]["title"]) == (7, 2, "Seven")
    assert len(envelope["id"]) == 36


def test_events_of_a_group_are_numbered_without_gaps_above_the_snapshot() -> None:
    before = events.current_sequence("movie.7")

    def publish() -> None:
        for version in range(3):
            events.publish(hidden(version), at=AT)

    envelopes = hear("movie.7", 3, publish)

    assert [envelope["seq"] for envelope in envelopes] == [before + 1, before + 2, before + 3]
    assert events.current_sequence("movie.7") == before + 3


def test_groups_count_for_themselves() -> None:
    other = events.current_sequence("movie.8")
    hear("movie.7", 1, lambda: events.publish(hidden(1), at=AT))

    assert events.current_sequence("movie.8") == other


def test_a_sequence_that_redis_forgot_goes_on_above_the_old_one() -> None:
    hear("movie.7", 1, lambda: events.publish(hidden(1), at=AT))
    before = events.current_sequence("movie.7")

    get_redis_connection("default").flushdb()
    (envelope,) = hear("movie.7", 1, lambda: events.publish(hidden(2), at=AT))

    assert envelope["seq"] > before


def test_what_is_rolled_back_was_never_an_event() -> None:
    def roll_back_and_publish() -> None:
        with transaction.atomic():
            events.publish(hidden(1), at=AT)
            transaction.set_rollback(True)
        events.publish(hidden(2), at=AT)

    (envelope,) = hear("movie.7", 1, roll_back_and_publish)

    assert envelope["data"]["version"] == 2


def test_events_wait_for_the_outermost_commit() -> None:
    before = events.current_sequence("movie.7")

    with transaction.atomic():
        with transaction.atomic():
            events.publish(hidden(1), at=AT)
        inside = events.current_sequence("movie.7")

    assert inside == before
    assert events.current_sequence("movie.7") == before + 1


def test_of_many_subjects_only_those_that_somebody_watches_are_told() -> None:
    films = [Movie(pk=pk, version=1, slug=f"film-{pk}", title=f"Film {pk}", year=1995) for pk in (6, 7, 8)]

    def publish() -> None:
        events.publish_all([], at=AT)
        events.publish_all(map(MovieUpdated.of, films), at=AT)

    (envelope,) = hear("movie.7", 1, publish)

    assert (envelope["type"], envelope["data"]["title"]) == ("movie.updated", "Film 7")


def test_many_events_keep_their_order_and_leave_no_gap() -> None:
    films = [Movie(pk=7, version=version, slug="seven", title="Seven", year=1995) for version in range(120)]

    envelopes = hear("movie.7", 120, lambda: events.publish_all(map(MovieUpdated.of, films), at=AT))

    assert [envelope["data"]["version"] for envelope in envelopes] == list(range(120))
    first = envelopes[0]["seq"]
    assert [envelope["seq"] for envelope in envelopes] == list(range(first, first + 120))


def test_what_is_kept_by_a_number_ends_with_a_change_that_nobody_watches() -> None:
    kept = events.current_sequence("movie.8")
    films = [Movie(pk=pk, version=1, slug=f"film-{pk}", title=f"Film {pk}", year=1995) for pk in (7, 8)]

    events.publish_all(map(MovieUpdated.of, films), at=AT)

    assert events.current_sequence("movie.8") > kept
    assert not get_redis_connection("default").exists("nova:sequence:movie.7")


def test_a_lost_broker_loses_the_push_and_not_the_change(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    movie = make_movie()
    dead = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": ["redis://127.0.0.1:1"]}}
    settings.CHANNEL_LAYERS = {"default": dead}
    channel_layers.backends.clear()

    hide_movie(movie_id=movie.pk, by=None, at=AT)

    movie.refresh_from_db()
    assert movie.visibility == "HIDDEN"
    assert "on_commit" in caplog.text
    channel_layers.backends.clear()


def test_an_event_without_a_group_cannot_be_sent() -> None:
    class Nobodys(events.Event):
        type = "test.nobodys"

    with pytest.raises(TypeError, match="Nobodys names no group"):
        Nobodys().groups()
    del events._registry["test.nobodys"]


def test_every_event_says_when_it_fires_and_names_its_groups() -> None:
    ours = {name: event for name, event in events.registered().items() if not event.__module__.startswith("tests")}

    assert {"movie.published", "movie.updated", "movie.hidden"} <= ours.keys()
    for name, event in ours.items():
        assert event.type == name
        assert event.groups is not events.Event.groups, name
        assert (event.__doc__ or "").strip().endswith("."), name
        assert "Goes to" in (event.__doc__ or ""), name


def test_an_event_carries_what_its_subject_is_at_the_moment() -> None:
    movie = make_movie(title="Meridian")

    event = MovieUpdated.of(movie)

    assert event.groups() == ("catalogue", f"movie.{movie.pk}")
    assert {field.name for field in fields(event)} >= {"movie_id", "version", "visibility", "title"}
