"""Writes about genres."""

from datetime import datetime

from django.db import IntegrityError, transaction

from catalog.errors import NameTaken, ShelfChangedMeanwhile, SlugTaken
from catalog.models import Genre, Movie
from catalog.services.revisions import lock_movies, record_mention
from catalog.services.search_index import index_genres
from catalog.slugs import free_slug, propose_slug
from portal import audit
from portal.errors import NotFound
from portal.models import User

_SLUG_LENGTH = 60


def create_genre(*, name: str, by: User | None, at: datetime, slug: str = "") -> Genre:
    """Add a genre; an empty slug is made from the name. Raises NameTaken, SlugTaken."""
    with transaction.atomic():
        genre = Genre(name=name, slug=slug or _free_slug(name, at=at))
        _save(genre)
        index_genres([genre])
        audit.record("genre.created", genre, by=by, at=at, after={"name": name, "slug": genre.slug})
    return genre


def rename_genre(*, genre_id: int, name: str, by: User | None, at: datetime, expected_name: str | None = None) -> Genre:
    """Change what viewers read; the address stays. The open pages of its movies are told.

    `expected_name` is the one that the caller saw; None means: whatever it is now.

    Raises NameTaken, ShelfChangedMeanwhile, NotFound.
    """
    with transaction.atomic():
        # First, as who changes a movie locks it before its genres: so neither tells of the other's work as it was.
        movies = lock_movies(Movie.objects.filter(genres=genre_id))
        genre = Genre.objects.select_for_update().filter(pk=genre_id).first()
        if genre is None:
            raise NotFound()
        if expected_name is not None and expected_name != genre.name:
            raise ShelfChangedMeanwhile(name=genre.name)
        if genre.name == name:
            return genre
        previous, genre.name = genre.name, name
        _save(genre)
        index_genres([genre])
        audit.record("genre.renamed", genre, by=by, at=at, before={"name": previous}, after={"name": name})
        record_mention(movies, at=at)
    return genre


def _save(genre: Genre) -> None:
    try:
        with transaction.atomic():
            genre.save()
    except IntegrityError as error:
        others = Genre.objects.exclude(pk=genre.pk)
        named = others.filter(name=genre.name).first()
        if named:
            raise NameTaken(name=named.name, slug=named.slug) from error
        if others.filter(slug=genre.slug).exists():
            taken = set(others.values_list("slug", flat=True))
            raise SlugTaken(slug=genre.slug, proposed=free_slug(genre.slug, taken=taken)) from error
        raise


def _free_slug(name: str, *, at: datetime) -> str:
    stem = propose_slug(name, fallback=f"genre-{at:%Y%m%d%H%M%S}", max_length=_SLUG_LENGTH - len("-9999"))
    return free_slug(stem, taken=set(Genre.objects.filter(slug__startswith=stem).values_list("slug", flat=True)))
