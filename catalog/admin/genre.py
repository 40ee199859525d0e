from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Genre
from catalog.services import genres
from catalog.trail import ACTION_LABELS
from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in


@admin.register(Genre)
class GenreAdmin(TrailedAdmin):
    list_display = ("name", "slug", "movie_count")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "slug")
    action_labels = ACTION_LABELS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Genre]:
        counted: QuerySet[Genre] = super().get_queryset(request).annotate(counted_movies=Count("movies"))
        return counted

    @admin.display(description=_("movies"), ordering="counted_movies")
    def movie_count(self, genre: Any) -> int:
        return int(genre.counted_movies)

    def get_readonly_fields(self, request: HttpRequest, obj: Genre | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Genre | None = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Genre, form: Any, change: bool) -> None:
        person, at = signed_in(request), clock.now()
        if change:
            genres.rename_genre(genre_id=obj.pk, name=obj.name, by=person, at=at)
        else:
            obj.pk = genres.create_genre(name=obj.name, slug=obj.slug, by=person, at=at).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing more: a genre has no relations to save."""
