"""The editors' desk for the catalogue."""

from catalog.admin.movie import MovieAdmin
from catalog.admin.person import PersonAdmin
from catalog.admin.shelves import GenreAdmin, TagAdmin
from catalog.admin.upload import UploadAdmin

__all__ = ["GenreAdmin", "MovieAdmin", "PersonAdmin", "TagAdmin", "UploadAdmin"]
