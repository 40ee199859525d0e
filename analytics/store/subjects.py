"""The rows of what is watched, made when it is watched first."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import connection

from analytics.counting.figures import PORTAL
from analytics.models import Subject
from catalog.models import Movie
from streaming.models import Stream

_UPSERT = """
    INSERT INTO analytics_subject (kind, name, title, movie_id, stream_id) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET title = excluded.title
    WHERE analytics_subject.title IS DISTINCT FROM excluded.title AND excluded.title <> ''
"""


def save_subjects(titles: Mapping[str, str]) -> dict[str, int]:
    """Make rows for those that have none, and write titles that have changed; return the ids by name.

    "" for the title of what is gone: it keeps the one that it had.
    """
    movies = {f"movie:{pk}" for pk in _existing(Movie, [name for name in titles if name.startswith("movie:")])}
    streams = {f"stream:{pk}" for pk in _existing(Stream, [name for name in titles if name.startswith("stream:")])}
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, [_row(name, titles[name], movies | streams) for name in sorted(titles)])
    return dict(Subject.objects.filter(name__in=titles).values_list("name", "pk"))


def _existing(model: type[Movie] | type[Stream], names: Collection[str]) -> set[object]:
    if not names:
        return set()
    return set(model._default_manager.filter(pk__in=[key_of(name) for name in names]).values_list("pk", flat=True))


def _row(name: str, title: str, existing: Collection[str]) -> tuple[str | int | UUID | None, ...]:
    kind = Subject.Kind.PORTAL if name == PORTAL else Subject.Kind(name.partition(":")[0].upper())
    key = key_of(name) if name in existing else None
    movie = key if kind is Subject.Kind.MOVIE else None
    stream = key if kind is Subject.Kind.STREAM else None
    return kind.value, name, title[:255], movie, stream


def key_of(name: str) -> int | UUID:
    """Return the primary key in the name of a movie or stream."""
    kind, _, key = name.partition(":")
    return int(key) if kind == "movie" else UUID(key)
