"""Genres and tags, as editors see them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Genre, Tag
from catalog.services import genres, tags
from catalog.trail import ACTION_LABELS
from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in


class ShelfAdmin(TrailedAdmin):
    """A list of shelves with the number of their movies."""

    list_display = ("name", "slug", "movie_count")
    search_fields = ("name",)
    ordering = (Lower("name"),)
    fields = ("name", "slug")
    action_labels = ACTION_LABELS
    # What narrows the list of movies down to a shelf.
    movies_filter: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(counted_movies=Count("movies"))
        return counted

    @admin.display(description=_("movies"), ordering="counted_movies")
    def movie_count(self, shelf: Any) -> SafeString:
        url = f"../movie/?{self.movies_filter}={shelf.pk}"
        return format_html('<a class="nova-link" href="{}">{}</a>', url, shelf.counted_movies)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing more: a shelf has no relations to save."""


@admin.register(Genre)
class GenreAdmin(ShelfAdmin):
    movies_filter = "genres__id__exact"

    def save_model(self, request: HttpRequest, obj: Genre, form: Any, change: bool) -> None:
        person, at = signed_in(request), clock.now()
        if change:
            genres.rename_genre(genre_id=obj.pk, name=obj.name, by=person, at=at)
        else:
            obj.pk = genres.create_genre(name=obj.name, slug=obj.slug, by=person, at=at).pk


@admin.register(Tag)
class TagAdmin(ShelfAdmin):
    """Tags are made by being used; here they are looked through and brought together."""

    movies_filter = "tags__id__exact"
    actions = ("merge_selected",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Tag | None = None) -> bool:
        # The list has an action that changes; the page of one tag is for reading.
        return obj is None and bool(super().has_change_permission(request, obj))

    @admin.action(description=_("Merge the selected tags"), permissions=["change"])
    def merge_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Ask which of them stays; the movies of the others get that one."""
        chosen = sorted(queryset, key=lambda tag: (-tag.counted_movies, tag.name))
        if len(chosen) < 2:
            self.message_user(request, gettext("Select at least two tags to merge."), "error")
            return None
        form = _MergeForm(request.POST if "confirmed" in request.POST else None, tags=chosen)
        if not form.is_valid():
            return TemplateResponse(request, "admin/catalog/merge_tags.html", self._question(request, chosen, form))
        into = int(form.cleaned_data["into"])
        person, at = signed_in(request), clock.now()
        for tag in chosen:
            if tag.pk != into:
                tags.merge_tags(tag_id=tag.pk, into_id=into, by=person, at=at)
        text = ngettext("%(number)d tag was merged.", "%(number)d tags were merged.", len(chosen) - 1)
        self.message_user(request, text % {"number": len(chosen) - 1})
        return None

    def _question(self, request: HttpRequest, chosen: list[Tag], form: forms.Form) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": gettext("Merge these tags?"),
            "action": "merge_selected",
            "opts": self.opts,
            "selected": [tag.pk for tag in chosen],
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "form": form,
        }


class _MergeForm(forms.Form):
    into = forms.ChoiceField(label=_("Which one stays?"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, tags: list[Any]) -> None:
        super().__init__(data, initial={"into": str(tags[0].pk)})
        self.fields["into"].choices = [(str(tag.pk), _with_usage(tag)) for tag in tags]  # type: ignore[attr-defined]


def _with_usage(tag: Any) -> str:
    text = ngettext("%(name)s (%(number)d movie)", "%(name)s (%(number)d movies)", tag.counted_movies)
    return text % {"name": tag.name, "number": tag.counted_movies}
