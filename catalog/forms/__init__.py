"""The forms in which editors write."""

from catalog.forms.movie import MovieForm

__all__ = ["MovieForm"]
