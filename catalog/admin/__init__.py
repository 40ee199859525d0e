"""The editors' desk for the catalogue."""

from catalog.admin.genre import GenreAdmin
from catalog.admin.movie import MovieAdmin

__all__ = ["GenreAdmin", "MovieAdmin"]
