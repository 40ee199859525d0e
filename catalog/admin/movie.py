"""Movies, as editors see them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeNumericFilter, RelatedDropdownFilter
from unfold.decorators import display

from catalog.admin.caption import CaptionDesk
from catalog.forms import MovieForm
from catalog.models import Movie
from catalog.pages import format_runtime, genre_names
from catalog.services import movies
from catalog.trail import ACTION_LABELS
from portal import clock
from portal.admin.autocomplete import PatientAutocompletes
from portal.admin.trailed import TrailedAdmin, signed_in
from portal.errors import PortalError
from portal.models import User

Visibility = Movie.Visibility
_CONFIRMED = "confirmed"
# Enough to recognise a wrong selection; the number says the rest.
_TITLES_TO_CONFIRM = 50


class MissingFilter(admin.SimpleListFilter):
    """What viewers would miss on the movie's page."""

    title = gettext_lazy("what is missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("synopsis", _("Synopsis")), ("genres", _("Genres")), ("runtime", _("Running time"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        what = self.value()
        return queryset.filter(pk__in=Movie.objects.missing(what)) if what else queryset


@admin.register(Movie)
class MovieAdmin(CaptionDesk, PatientAutocompletes, TrailedAdmin):
    form = MovieForm
    action_labels = ACTION_LABELS
    list_display = ("title", "state", "year", "genre_list", "runtime", "updated_at")
    list_filter: ClassVar = [
        ("visibility", ChoicesDropdownFilter),
        ("genres", RelatedDropdownFilter),
        ("year", RangeNumericFilter),
        MissingFilter,
    ]
    list_filter_submit = True
    search_fields = ("title", "original_title", "tagline", "slug")
    ordering = ("-updated_at", "-id")
    list_per_page = 50
    autocomplete_fields = ("genres",)
    actions = ("publish_selected", "hide_selected")
    warn_unsaved_form = True
    change_form_after_template = "admin/catalog/_captions_below.html"
    readonly_fields = ("published_at", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("title", "original_title", "slug", "tagline", "synopsis")}),
        (gettext_lazy("Facts"), {"fields": ("year", "runtime_min", "genres")}),
        (gettext_lazy("Who may see it"), {"fields": ("visibility", "seen_version")}),
        (gettext_lazy("Dates"), {"fields": ("published_at", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Movie]:
        queryset: QuerySet[Movie] = super().get_queryset(request).prefetch_related("genres")
        return queryset

    def get_fieldsets(self, request: HttpRequest, obj: Movie | None = None) -> Any:
        # A new movie has no dates, and for those who only look there is no version to guard.
        shown = self.fieldsets if obj else self.fieldsets[:-1]
        if self.has_change_permission(request, obj) or obj is None:
            return shown
        only_for_writing = {"runtime_min": "runtime", "seen_version": None}
        return [(title, {"fields": tuple(_renamed(box["fields"], only_for_writing))}) for title, box in shown]

    def view_on_site(self, movie: Movie) -> str:
        return movie.get_absolute_url()

    @display(
        description=gettext_lazy("State"),
        ordering="visibility",
        label={
            Visibility.PUBLISHED: "success",
            Visibility.UNLISTED: "info",
            Visibility.HIDDEN: "danger",
            Visibility.DRAFT: "warning",
        },
    )
    def state(self, movie: Movie) -> tuple[str, str]:
        return movie.visibility, state_in_words(movie)

    @admin.display(description=gettext_lazy("Genres"))
    def genre_list(self, movie: Movie) -> str:
        return ", ".join(genre_names(movie)) or "–"

    @admin.display(description=gettext_lazy("Length"), ordering="runtime_s")
    def runtime(self, movie: Movie) -> str:
        return format_runtime(movie.runtime_s) or "–"

    def save_model(self, request: HttpRequest, obj: Movie, form: MovieForm, change: bool) -> None:
        person, at, changes = signed_in(request), clock.now(), form.changes()
        if change:
            seen = form.cleaned_data["seen_version"]
            saved = movies.update_movie(movie_id=obj.pk, changes=changes, by=person, at=at, expected_version=seen)
        else:
            saved = movies.create_movie(title=obj.title, year=obj.year, facts=changes, by=person, at=at)
        saved = movies.change_visibility(
            movie_id=saved.pk, visibility=Visibility(form.cleaned_data["visibility"]), by=person, at=at
        )
        obj.pk, obj.slug, obj.version = saved.pk, saved.slug, saved.version

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing more: the genres went with the movie, audited."""

    @admin.action(description=gettext_lazy("Publish the selected movies"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Movie]) -> HttpResponse | None:
        return self._change_selected(request, queryset, Visibility.PUBLISHED, _("Publish these movies?"))

    @admin.action(description=gettext_lazy("Hide the selected movies"), permissions=["change"])
    def hide_selected(self, request: HttpRequest, queryset: QuerySet[Movie]) -> HttpResponse | None:
        return self._change_selected(request, queryset, Visibility.HIDDEN, _("Hide these movies from viewers?"))

    def _change_selected(
        self, request: HttpRequest, queryset: QuerySet[Movie], visibility: Movie.Visibility, question: str
    ) -> HttpResponse | None:
        """Ask first; then change each movie by itself, so that one that is refused stops no other."""
        if _CONFIRMED not in request.POST:
            return TemplateResponse(
                request, "admin/catalog/confirm_visibility.html", self._question(request, queryset, question)
            )
        results: dict[str, list[str]] = defaultdict(list)
        for movie in queryset.order_by("title"):
            results[_change_one(movie, visibility, signed_in(request))].append(movie.title)
        for outcome, titles in results.items():
            level = messages.SUCCESS if outcome in {_changed(visibility), _unchanged()} else messages.ERROR
            self.message_user(request, f"{outcome}: {', '.join(titles)}", level)
        return None

    def _question(self, request: HttpRequest, queryset: QuerySet[Movie], question: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": question,
            "opts": self.opts,
            "action": request.POST["action"],
            "is_everything": request.POST.get("select_across") == "1",
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "movies": [
                {"title": movie.title, "state": state_in_words(movie)}
                for movie in queryset.order_by("title")[:_TITLES_TO_CONFIRM]
            ],
            "total": queryset.count(),
        }


def state_in_words(movie: Movie) -> str:
    """Return "Published since 20 November 2026"."""
    label = str(Visibility(movie.visibility).label)
    if movie.visibility != Visibility.PUBLISHED or movie.published_at is None:
        return label
    return _("Published since %(date)s") % {"date": date_format(localtime(movie.published_at), "DATE_FORMAT")}


def _change_one(movie: Movie, visibility: Movie.Visibility, person: User) -> str:
    """Return what became of the movie, in words that several of them can share."""
    if movie.visibility == visibility:
        return _unchanged()
    try:
        movies.change_visibility(movie_id=movie.pk, visibility=visibility, by=person, at=clock.now())
    except PortalError as error:
        return f"{error.title} ({error.detail})" if error.detail else str(error.title)
    return _changed(visibility)


def _changed(visibility: Movie.Visibility) -> str:
    return _("Published") if visibility == Visibility.PUBLISHED else _("Hidden")


def _unchanged() -> str:
    return _("Unchanged, because it was so already")


def _renamed(names: Iterable[str], replacements: dict[str, Any]) -> Iterable[str]:
    return (name for name in (replacements.get(name, name) for name in names) if name)
