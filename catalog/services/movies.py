"""Writes about movies. Each is one transaction with its audit line; open pages are told once it has committed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction

from catalog import closing, windows
from catalog.errors import SlugTaken
from catalog.events import IN_NO_LIST, MovieHidden, MoviePublished, MovieUpdated, ReleasePlan
from catalog.models import Genre, Movie, MovieSlug, Tag
from catalog.services.revisions import lock_movie, record_revision
from catalog.services.search_index import index_movies
from catalog.slugs import propose_slug
from portal import audit, events
from portal.models import User

_COLUMNS = (
    "title",
    "original_title",
    "slug",
    "tagline",
    "synopsis",
    "year",
    "runtime_s",
    "countries",
    "languages",
    "minimum_age",
    "trailer_url",
    "is_announced",
)
_SHELVES = ("genres", "tags")
_SLUG_LENGTH = 120
# Of so many who add the same title at the same moment, each gets an address of its own.
_SLUG_ATTEMPTS = 20
# What the trail calls each change of visibility.
_ACTIONS = {
    Movie.Visibility.DRAFT: "movie.returned_to_draft",
    Movie.Visibility.HIDDEN: "movie.hidden",
    Movie.Visibility.UNLISTED: "movie.unlisted",
    Movie.Visibility.PUBLISHED: "movie.published",
}


class MovieChanges(TypedDict, total=False):
    """What an editor says of a movie; what is not named stays as it is. An empty slug is made from the title."""

    title: str
    original_title: str
    slug: str
    tagline: str
    synopsis: str
    year: int
    runtime_s: int | None
    countries: Sequence[str]
    languages: Sequence[str]
    minimum_age: int | None
    trailer_url: str
    is_announced: bool
    genres: Iterable[Genre]
    tags: Iterable[Tag]


def create_movie(*, title: str, year: int, by: User | None, at: datetime, facts: MovieChanges | None = None) -> Movie:
    """Add a movie, as a draft; `facts` holds what else is known of it. Raises SlugTaken."""
    facts = {**(facts or {}), "title": title, "year": year}
    movie = Movie(created_at=at, updated_at=at)
    with transaction.atomic():
        _apply(movie, facts)
        _save(movie) if facts.get("slug") else _save_at_free_slug(movie)
        _set_shelves(movie, facts)
        index_movies([movie.pk])
        audit.record("movie.created", movie, by=by, at=at, after={**_columns(movie), **_shelves(movie, facts)})
    return movie


def update_movie(
    *, movie_id: int, changes: MovieChanges, by: User | None, at: datetime, expected_version: int | None = None
) -> Movie:
    """Change what a movie says of itself; a change to what it says already changes nothing.

    `expected_version` is the one that the caller saw; None means: whatever it is now.

    Raises MovieChangedMeanwhile, SlugTaken, NotFound.
    """
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        audited = {**_columns(movie), **_shelves(movie, changes)}
        released_before = ReleasePlan.of(movie) if "is_announced" in changes else None
        _apply(movie, changes)
        _set_shelves(movie, changes)
        before, after = audit.changed_fields(audited, {**_columns(movie), **_shelves(movie, changes)})
        if after:
            movie.mark_changed(at=at)
            _save(movie)
            index_movies([movie.pk])
            audit.record("movie.updated", movie, by=by, at=at, before=before, after=after)
            events.publish(MovieUpdated.of(movie, before=released_before), at=at)
    return movie


def measure_runtime(*, movie_id: int, runtime_s: int, at: datetime) -> None:
    """Say how long a movie is, as its film tells, unless that has been said already or the movie is gone."""
    with transaction.atomic():
        movie = Movie.objects.select_for_update().filter(pk=movie_id, runtime_s=None).first()
        if movie is not None:
            movie.runtime_s = runtime_s
            movie.save(update_fields=["runtime_s"])
            change = {"runtime_s": None}, {"runtime_s": runtime_s}
            record_revision("movie.runtime_measured", movie, by=None, at=at, change=change)


def publish_movie(*, movie_id: int, by: User | None, at: datetime) -> Movie:
    """Put a movie into the lists. Raises NotFound."""
    return change_visibility(movie_id=movie_id, visibility=Movie.Visibility.PUBLISHED, by=by, at=at)


def hide_movie(*, movie_id: int, by: User | None, at: datetime) -> Movie:
    """Take a movie away from viewers, at once. Raises NotFound."""
    return change_visibility(movie_id=movie_id, visibility=Movie.Visibility.HIDDEN, by=by, at=at)


def change_visibility(
    *,
    movie_id: int,
    visibility: Movie.Visibility,
    by: User | None,
    at: datetime,
    expected_version: int | None = None,
) -> Movie:
    """Set who may see a movie; setting what it is already changes nothing.

    Raises MovieChangedMeanwhile, MovieWasPublished, NotFound.
    """
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        previous, was_watchable = movie.visibility, movie.is_watchable
        if previous == visibility:
            return movie
        movie.mark_visibility(visibility, at=at)
        if movie.published_at is not None and movie.first_available_at is None:
            movie.first_available_at = windows.first_available(movie.windows.all(), published_at=movie.published_at)
        movie.mark_changed(at=at)
        movie.save(update_fields=["visibility", "published_at", "first_available_at", "version", "updated_at"])
        audit.record(
            _ACTIONS[visibility],
            movie,
            by=by,
            at=at,
            before={"visibility": str(previous)},
            after={"visibility": str(visibility)},
        )
        events.publish(_visibility_event(movie, was_watchable=was_watchable), at=at)
        if not movie.is_watchable:
            # Who was shown a draft or a hidden film is looked at anew as well.
            closing.close_movie(movie.pk, at=at)
    return movie


def _apply(movie: Movie, changes: MovieChanges) -> None:
    """Set the named columns on `movie`."""
    slug_before = movie.slug
    for name in _COLUMNS:
        if name in changes:
            setattr(movie, name, changes[name])  # type: ignore[literal-required]  # the names are MovieChanges' own
    if not movie.slug:
        movie.slug = slug_before or _free_slug(movie)


def _set_shelves(movie: Movie, changes: MovieChanges) -> None:
    for name in _SHELVES:
        if name in changes:
            getattr(movie, name).set(changes[name])  # type: ignore[literal-required]  # the names are MovieChanges' own


def _save(movie: Movie) -> None:
    try:
        with transaction.atomic():
            movie.save()
            _keep_address(movie)
    except IntegrityError as error:
        if MovieSlug.objects.filter(slug=movie.slug).exclude(movie=movie.pk).exists():
            raise SlugTaken(slug=movie.slug, proposed=_free_slug(movie)) from error
        raise


def _keep_address(movie: Movie) -> None:
    """Book the address. Those before it stay booked, and lead here, if viewers may know them."""
    booked = set(movie.slugs.values_list("slug", flat=True))
    if movie.slug in booked:
        return
    if movie.published_at is None:
        movie.slugs.all().delete()
    movie.slugs.create(slug=movie.slug)


def _save_at_free_slug(movie: Movie) -> None:
    """Save a movie whose address was made for it: if another took that one meanwhile, make the next."""
    for _ in range(_SLUG_ATTEMPTS):
        try:
            return _save(movie)
        except SlugTaken:
            movie.pk, movie.slug = None, _free_slug(movie)
    _save(movie)


def _free_slug(movie: Movie) -> str:
    """Return an address made of the title that no other movie has, or had, at this moment."""
    stem = propose_slug(
        movie.title, movie.original_title, fallback=f"movie-{movie.year}", max_length=_SLUG_LENGTH - len("-1234-999")
    )
    others = MovieSlug.objects.filter(slug__startswith=stem).exclude(movie=movie.pk)
    taken = set(others.values_list("slug", flat=True))
    dated = f"{stem}-{movie.year}"
    candidates = (stem, dated, *(f"{dated}-{number}" for number in range(2, len(taken) + 2)))
    return next(slug for slug in candidates if slug not in taken)


def _columns(movie: Movie) -> dict[str, object]:
    return {name: getattr(movie, name) for name in _COLUMNS}


def _shelves(movie: Movie, changes: MovieChanges) -> dict[str, object]:
    """Return the slugs of the shelves that a change names: the others stay as they are, and need not be read."""
    named = (name for name in _SHELVES if name in changes)
    return {name: sorted(getattr(movie, name).values_list("slug", flat=True)) for name in named}


def _visibility_event(movie: Movie, *, was_watchable: bool) -> events.Event:
    if not movie.is_watchable:
        return MovieHidden.of(movie)
    # Who had the address could watch it; lists did not name it.
    return MovieUpdated.of(movie, before=IN_NO_LIST) if was_watchable else MoviePublished.of(movie)
