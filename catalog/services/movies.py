"""Writes about movies. Each is one transaction with its audit line; open pages are told once it has committed."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction

from catalog.errors import MovieChangedMeanwhile, SlugIsPublic, SlugTaken
from catalog.events import MovieHidden, MoviePublished, MovieUpdated
from catalog.models import Genre, Movie
from catalog.slugs import propose_slug
from portal import audit, events
from portal.errors import NotFound
from portal.models import User

_TEXTS = ("title", "original_title", "slug", "tagline", "synopsis", "year", "runtime_s")
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
    genres: Iterable[Genre]


def create_movie(*, title: str, year: int, by: User | None, at: datetime, facts: MovieChanges | None = None) -> Movie:
    """Add a movie, as a draft; `facts` holds what else is known of it. Raises SlugTaken."""
    facts = {**(facts or {}), "title": title, "year": year}
    movie = Movie(created_at=at, updated_at=at)
    with transaction.atomic():
        _apply(movie, facts)
        _save(movie) if facts.get("slug") else _save_at_free_slug(movie)
        movie.genres.set(facts.get("genres", ()))
        audit.record("movie.created", movie, by=by, at=at, after=_audited(movie))
    return movie


def update_movie(
    *, movie_id: int, changes: MovieChanges, by: User | None, at: datetime, expected_version: int | None = None
) -> Movie:
    """Change what a movie says of itself; a change to what it says already changes nothing.

    `expected_version` is the one that the caller saw; None means: whatever it is now.

    Raises MovieChangedMeanwhile, SlugTaken, SlugIsPublic, NotFound.
    """
    with transaction.atomic():
        movie = _lock(movie_id, expected_version)
        audited = _audited(movie)
        _apply(movie, changes)
        if "genres" in changes:
            movie.genres.set(changes["genres"])
        before, after = audit.changed_fields(audited, _audited(movie))
        if after:
            movie.mark_changed(at=at)
            _save(movie)
            audit.record("movie.updated", movie, by=by, at=at, before=before, after=after)
            events.publish(MovieUpdated.of(movie), at=at)
    return movie


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
        movie = _lock(movie_id, expected_version)
        previous, was_watchable = movie.visibility, movie.is_watchable
        if previous == visibility:
            return movie
        movie.mark_visibility(visibility, at=at)
        movie.mark_changed(at=at)
        movie.save(update_fields=["visibility", "published_at", "version", "updated_at"])
        audit.record(
            _ACTIONS[visibility],
            movie,
            by=by,
            at=at,
            before={"visibility": str(previous)},
            after={"visibility": str(visibility)},
        )
        for event in _visibility_events(movie, was_watchable=was_watchable):
            events.publish(event, at=at)
    return movie


def _lock(movie_id: int, expected_version: int | None) -> Movie:
    movie = Movie.objects.select_for_update().filter(pk=movie_id).first()
    if movie is None:
        raise NotFound()
    if expected_version is not None and expected_version != movie.version:
        raise MovieChangedMeanwhile(version=movie.version)
    return movie


def _apply(movie: Movie, changes: MovieChanges) -> None:
    """Set the named fields on `movie`, except its genres."""
    slug_before = movie.slug
    for name in _TEXTS:
        if name in changes:
            setattr(movie, name, changes[name])  # type: ignore[literal-required]  # the names are MovieChanges' own
    if not movie.slug:
        movie.slug = slug_before or _free_slug(movie)
    if movie.slug != slug_before and movie.published_at is not None:
        raise SlugIsPublic(slug=slug_before)


def _save(movie: Movie) -> None:
    try:
        with transaction.atomic():
            movie.save()
    except IntegrityError as error:
        if Movie.objects.filter(slug=movie.slug).exclude(pk=movie.pk).exists():
            raise SlugTaken(slug=movie.slug, proposed=_free_slug(movie)) from error
        raise


def _save_at_free_slug(movie: Movie) -> None:
    """Save a movie whose address was made for it: if another took that one meanwhile, make the next."""
    for _ in range(_SLUG_ATTEMPTS):
        try:
            return _save(movie)
        except SlugTaken:
            movie.slug = _free_slug(movie)
    _save(movie)


def _free_slug(movie: Movie) -> str:
    """Return an address made of the title that no other movie has at this moment."""
    stem = propose_slug(
        movie.title, movie.original_title, fallback=f"movie-{movie.year}", max_length=_SLUG_LENGTH - len("-1234-999")
    )
    taken = set(Movie.objects.filter(slug__startswith=stem).exclude(pk=movie.pk).values_list("slug", flat=True))
    dated = f"{stem}-{movie.year}"
    candidates = (stem, dated, *(f"{dated}-{number}" for number in range(2, len(taken) + 2)))
    return next(slug for slug in candidates if slug not in taken)


def _audited(movie: Movie) -> dict[str, object]:
    return {
        **{name: getattr(movie, name) for name in _TEXTS},
        "genres": sorted(movie.genres.values_list("slug", flat=True)),
    }


def _visibility_events(movie: Movie, *, was_watchable: bool) -> tuple[events.Event, ...]:
    if movie.is_watchable:
        return (MovieUpdated.of(movie) if was_watchable else MoviePublished.of(movie),)
    hidden = MovieHidden(movie_id=movie.pk, version=movie.version, visibility=str(movie.visibility))
    # That one tells viewers nothing else. Editors, who go on looking, get the whole state with it: a change that was
    # saved just before may be told just after, and its version is then too old to be applied.
    return (hidden, MovieUpdated.of(movie))
