"""Who watches what, as the process that counts would say it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django_redis import get_redis_connection

from analytics.events import ViewerCountChanged
from analytics.records import COUNTS, Count
from catalog import groups as catalog_groups
from catalog.events import MovieEvent
from catalog.models import Movie
from portal import audience, clock, events
from streaming.live_events import StreamFacts
from streaming.models import Stream


def count_viewers(viewers: Mapping[str, int], *, at: datetime | None = None) -> None:
    """Say how many watch each subject at that moment, now if none is named, and that nobody watches any other."""
    counts = {
        subject: msgspec.json.encode(Count(viewers=number, sessions=number)) for subject, number in viewers.items()
    }
    redis = get_redis_connection("default")
    redis.delete(COUNTS)
    redis.hset(COUNTS, mapping={"at": int((at or clock.now()).timestamp()), **counts})


def count_viewers_of(stream: Stream, viewers: int) -> None:
    """Say how many watch a stream, and tell open pages."""
    count_viewers({audience.stream_subject(stream.pk): viewers})
    facts = StreamFacts.of(stream)
    changed = ViewerCountChanged(
        subject=audience.stream_subject(stream.pk),
        viewers=viewers,
        told=facts.groups(),
        judged_by=facts.facts(),
    )
    events.publish_all([changed], at=clock.now())


def count_viewers_of_movie(movie: Movie, viewers: int) -> None:
    """Say how many watch a film, and tell open pages."""
    count_viewers({audience.movie_subject(movie.pk): viewers})
    changed = ViewerCountChanged(
        subject=audience.movie_subject(movie.pk),
        viewers=viewers,
        told=(catalog_groups.movie(movie.pk),),
        judged_by=MovieEvent.of(movie).facts(),
    )
    events.publish_all([changed], at=clock.now())
