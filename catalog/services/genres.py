"""Writes about genres."""

from datetime import datetime

from django.db import transaction

from catalog.models import Genre, Movie
from catalog.services.revisions import lock_movies, record_mention
from catalog.services.search_index import index_genres
from catalog.slugs import propose_slug
from portal import audit
from portal.models import User

_SLUG_LENGTH = 60


def create_genre(*, name: str, by: User | None, at: datetime, slug: str = "") -> Genre:
    """Add a genre; an empty slug is made from the name."""
    with transaction.atomic():
        slug = slug or propose_slug(name, fallback=f"genre-{at:%Y%m%d%H%M%S}", max_length=_SLUG_LENGTH)
        genre = Genre.objects.create(name=name, slug=slug)
        index_genres([genre])
        audit.record("genre.created", genre, by=by, at=at, after={"name": name, "slug": slug})
    return genre


def rename_genre(*, genre_id: int, name: str, by: User | None, at: datetime) -> Genre:
    """Change what viewers read; the address stays. The open pages of its movies are told."""
    with transaction.atomic():
        # First, as who changes a movie locks it before its genres: so neither tells of the other's work as it was.
        movies = lock_movies(Movie.objects.filter(genres=genre_id))
        genre = Genre.objects.select_for_update().get(pk=genre_id)
        if genre.name == name:
            return genre
        previous, genre.name = genre.name, name
        genre.save(update_fields=["name"])
        index_genres([genre])
        audit.record("genre.renamed", genre, by=by, at=at, before={"name": previous}, after={"name": name})
        record_mention(movies, at=at)
    return genre
