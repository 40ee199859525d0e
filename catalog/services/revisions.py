"""Every change of a movie, or of what belongs to it: one lock, one version, one audit line, one event.

The movie's row is the root: whoever changes its windows, credits, captions, pictures or tags locks it first, so that
two editors never work on top of each other, and one number tells a client whether anything at all has changed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F

from catalog.errors import MovieChangedMeanwhile
from catalog.events import MovieUpdated, ReleasePlan
from catalog.models import Movie, MovieQuerySet
from catalog.services.search_index import index_movies
from portal import audit, events
from portal.errors import NotFound
from portal.models import User

# What belongs to a movie, and it is found by.
_SEARCHED = frozenset({"credits", "genres", "tags"})


def lock_movie(movie_id: int, *, expected_version: int | None = None) -> Movie:
    """Return the movie, which nobody else changes until this transaction ends.

    `expected_version` is the one that the caller saw; None means: whatever it is now. Raises MovieChangedMeanwhile,
    NotFound.
    """
    movie = Movie.objects.select_for_update().filter(pk=movie_id).first()
    if movie is None:
        raise NotFound()
    if expected_version is not None and expected_version != movie.version:
        raise MovieChangedMeanwhile(version=movie.version)
    return movie


def lock_movies(movies: MovieQuerySet) -> list[int]:
    """Return the ids of movies that nobody else changes until this transaction ends, locked in one order for all."""
    ids = movies.order_by("pk").distinct().values_list("pk", flat=True)
    return list(Movie.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk").values_list("pk", flat=True))


def record_mention(movie_ids: Sequence[int], *, at: datetime) -> None:
    """Count a change of what these locked movies mention, a genre or a person, and tell the open pages.

    The trail has the one line of the genre or person; the movies get none.
    """
    Movie.objects.filter(pk__in=movie_ids).update(version=F("version") + 1, updated_at=at)
    index_movies(movie_ids)
    changed = Movie.objects.filter(pk__in=movie_ids).prefetch_related("genres", "windows")
    events.publish_all(map(MovieUpdated.of, changed), at=at)


def record_revision(
    action: str,
    movie: Movie,
    *,
    by: User | None,
    at: datetime,
    change: tuple[Mapping[str, object], Mapping[str, object]],
    released_before: ReleasePlan | None = None,
) -> None:
    """Count a change of a movie that the caller has locked, write it into the trail, and tell the open pages.

    `change` holds the fields that differ, before and after. `released_before` is the plan of a movie whose windows have
    changed: lists hear whether it is new to them, and `first_available_at`, which the caller has set, is saved too.
    """
    before, after = change
    movie.mark_changed(at=at)
    scheduled = [] if released_before is None else ["first_available_at"]
    movie.save(update_fields=[*scheduled, "version", "updated_at"])
    if _SEARCHED & after.keys():
        index_movies([movie.pk])
    audit.record(action, movie, by=by, at=at, before=before, after=after)
    events.publish(MovieUpdated.of(movie, before=released_before), at=at)
