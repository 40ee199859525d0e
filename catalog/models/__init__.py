from catalog.models.movie import Movie, MovieQuerySet
from catalog.models.taxonomy import Genre

__all__ = ["Genre", "Movie", "MovieQuerySet"]
