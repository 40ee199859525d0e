"""Movies, as editors see them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Case, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Least
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeNumericFilter, RelatedDropdownFilter
from unfold.decorators import display

from catalog.admin.bulk import BulkDesk
from catalog.admin.caption import CaptionDesk
from catalog.admin.filters import MissingFilter, StateFilter
from catalog.admin.trail_words import label_in_words, movie_wording
from catalog.admin.upload_panel import panel_for
from catalog.admin.wording import describe_moment, describe_state, state_of
from catalog.artwork.pictures import rendition_url
from catalog.codes import language_name, territory_name
from catalog.duplicates import find_similar_titles
from catalog.forms import MovieForm
from catalog.forms.uploads import FIELD_NAME
from catalog.forms.windows import ZONES_LIST_ID, time_zones
from catalog.models import AvailabilityWindow, Movie
from catalog.pages import format_runtime, genre_names
from catalog.progress import progress_of
from catalog.search.finding import TsQuery
from catalog.search.queries import parse_query
from catalog.services import movies, uploads
from catalog.services.artwork import removing_on_failure
from catalog.services.availability import replace_windows
from catalog.services.credits import replace_credits
from catalog.states import Phase
from catalog.trail import ACTION_LABELS
from catalog.uploads.parts import parts_of
from portal import clock
from portal.admin.autocomplete import PatientAutocompletes
from portal.admin.trailed import TrailedAdmin, Wording, signed_in
from portal.models import AuditEntry
from portal.pictures import cover_picture

_LONGEST_TITLE = 200
# The tab shows the latest; the page behind it shows more.
_LINES_ON_TAB = 20
# What a field for writing is called where it is only read.
_READ_ONLY_NAMES = {
    "runtime_min": "runtime",
    "tag_names": "tag_list",
    "countries": "country_list",
    "languages": "language_list",
}
_SHOWN_AS_STORED = ("slug", "visibility", "is_announced")


@admin.register(Movie)
class MovieAdmin(BulkDesk, CaptionDesk, PatientAutocompletes, TrailedAdmin):
    form = MovieForm
    action_labels = ACTION_LABELS
    list_display = ("poster", "title", "state", "next_change", "year", "genre_list", "runtime", "updated_at")
    list_display_links = ("poster", "title")
    list_filter: ClassVar = [
        StateFilter,
        ("genres", RelatedDropdownFilter),
        ("tags", AutocompleteSelectFilter),
        ("year", RangeNumericFilter),
        MissingFilter,
    ]
    list_filter_submit = True
    search_fields = ("title", "original_title", "slug")
    ordering = ("-updated_at", "-id")
    list_per_page = 50
    autocomplete_fields = ("genres",)
    actions = ("publish_selected", "hide_selected", "schedule_selected")
    warn_unsaved_form = True
    readonly_fields = ("former_addresses", "published_at", "created_at", "updated_at")
    fieldsets: ClassVar[Any] = [
        (gettext_lazy("Titles"), {"fields": ("title", "original_title", "slug", "former_addresses")}),
        (gettext_lazy("Texts"), {"fields": ("tagline", "synopsis")}),
        (
            gettext_lazy("Facts"),
            {"fields": ("year", "runtime_min", "countries", "languages", "minimum_age", "trailer_url")},
        ),
        (gettext_lazy("Shelves"), {"fields": ("genres", "tag_names")}),
        (gettext_lazy("Who may see it"), {"fields": ("visibility", "is_announced", "seen_version")}),
        (gettext_lazy("Dates"), {"fields": ("published_at", "created_at", "updated_at")}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Movie]:
        at = clock.now()
        queryset: QuerySet[Movie] = super().get_queryset(request)
        return queryset.annotate(seen_at=Value(at), next_edge_at=_next_edge(at)).prefetch_related(
            "genres", "windows", "artwork", "tags"
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read for the whole page at once what is being made of the movies' files."""
        changelist = super().get_changelist_instance(request)
        shown = list(changelist.result_list)
        told = progress_of([movie.pk for movie in shown])
        for movie in shown:
            movie.progress = told.get(movie.pk, ())
        changelist.result_list = shown
        return changelist

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Movie], search_term: str
    ) -> tuple[QuerySet[Movie], bool]:
        """Find by all that viewers find by, and by any part of a title or address."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        expression = parse_query(search_term).expression()
        if expression:
            found = queryset.filter(
                Q(search_document__vector=TsQuery(expression)) | Q(pk__in=found.order_by().values("pk"))
            )
        return found, may_repeat

    def get_fieldsets(self, request: HttpRequest, obj: Movie | None = None) -> Any:
        # A new movie has no dates and no former addresses; for those who only look there is nothing to fill in.
        left_out = set() if obj else {"former_addresses", "published_at", "created_at", "updated_at"}
        renamed: dict[str, str] = {}
        if obj is not None and not self.has_change_permission(request, obj):
            left_out, renamed = {"seen_version"}, _READ_ONLY_NAMES
        boxes = ((title, [name for name in box["fields"] if name not in left_out]) for title, box in self.fieldsets)
        return [(title, {"fields": [renamed.get(name, name) for name in names]}) for title, names in boxes if names]

    def wording_of(self, entries: Sequence[AuditEntry]) -> Wording:
        return movie_wording(entries)

    def field_label(self, name: str) -> str:
        return label_in_words(name) or super().field_label(name)

    def view_on_site(self, movie: Movie) -> str:
        return movie.get_absolute_url()

    # --- The list ---

    @admin.display(description=gettext_lazy("Poster"))
    def poster(self, movie: Movie) -> SafeString:
        artwork = next((one for one in movie.artwork.all() if one.kind == "POSTER"), None)
        small = rendition_url(artwork, f"{artwork.widths[0]}.{artwork.formats[-1]}") if artwork else ""
        return format_html(
            '<img class="nova-thumbnail" src="{}" alt="{}" width="40" height="60" loading="lazy">',
            small or cover_picture(movie.slug).src,
            movie.title,
        )

    @display(
        description=gettext_lazy("State"),
        ordering="visibility",
        label={
            Phase.AVAILABLE: "success",
            Phase.SCHEDULED: "info",
            Phase.ANNOUNCED: "info",
            Phase.LEFT: "warning",
            Phase.HIDDEN: "danger",
            Phase.DRAFT: "warning",
        },
    )
    def state(self, movie: Any) -> tuple[str, str]:
        state = state_of(movie, at=movie.seen_at)
        return state.phase, ", ".join((describe_state(state, at=movie.seen_at), *movie.progress))

    @admin.display(description=gettext_lazy("Next change"), ordering="next_edge_at")
    def next_change(self, movie: Any) -> str:
        state = state_of(movie, at=movie.seen_at)
        if state.changes_at is None:
            return "–"
        moment = describe_moment(state.changes_at, time_zone=state.time_zone, at=movie.seen_at)
        return f"{moment} ({state.time_zone})"

    @admin.display(description=gettext_lazy("Genres"))
    def genre_list(self, movie: Movie) -> str:
        return ", ".join(genre_names(movie)) or "–"

    @admin.display(description=gettext_lazy("Length"), ordering="runtime_s")
    def runtime(self, movie: Movie) -> str:
        return format_runtime(movie.runtime_s) or "–"

    # --- One movie ---

    @admin.display(description=gettext_lazy("Former addresses"))
    def former_addresses(self, movie: Movie) -> str:
        slugs = movie.slugs.exclude(slug=movie.slug).order_by("pk").values_list("slug", flat=True)
        return ", ".join(slugs) or "–"

    @admin.display(description=gettext_lazy("Countries"))
    def country_list(self, movie: Movie) -> str:
        return ", ".join(map(territory_name, movie.countries)) or "–"

    @admin.display(description=gettext_lazy("Languages"))
    def language_list(self, movie: Movie) -> str:
        return ", ".join(map(language_name, movie.languages)) or "–"

    @admin.display(description=gettext_lazy("Tags"))
    def tag_list(self, movie: Movie) -> str:
        return ", ".join(sorted(tag.name for tag in movie.tags.all())) or "–"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.similar_titles_view)
        return [path("similar-titles/", view, name="catalog_movie_similar_titles"), *super().get_urls()]

    def similar_titles_view(self, request: HttpRequest) -> HttpResponse:
        """Tell while somebody types which films have such a title already."""
        if not self.has_view_permission(request):
            return JsonResponse({"movies": []}, status=403)
        titles = (request.GET.get(name, "")[:_LONGEST_TITLE] for name in ("title", "original_title"))
        own = request.GET.get("except", "")
        other_than = int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None
        similar = find_similar_titles(*titles, other_than=other_than)
        told = [{"title": movie.title, "year": movie.year, "url": f"../{movie.pk}/change/"} for movie in similar]
        return JsonResponse({"movies": told})

    def get_form(self, request: HttpRequest, obj: Movie | None = None, change: bool = False, **kwargs: Any) -> Any:
        # Django makes a class of its own for each request.
        form = super().get_form(request, obj, change=change, **kwargs)
        form.person = request.user
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with removing_on_failure():
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Movie | None = None, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        for name in _SHOWN_AS_STORED:
            # The form has put onto the movie what somebody wants it to be, valid or not.
            if obj is not None and name in form.initial:
                setattr(obj, name, form.initial[name])
        if obj is not None:
            obj.progress = progress_of([obj.pk], beside_bars=True).get(obj.pk, ())  # type: ignore[attr-defined]  # for `state`
        context |= {
            "can_write": self.has_change_permission(request, obj) if obj else True,
            "lines": self.history_lines(str(obj.pk))[:_LINES_ON_TAB] if obj else (),
            "tab_errors": form.tab_errors(),
            "time_zones": time_zones(),
            "time_zones_id": ZONES_LIST_ID,
            "state": self.state(obj)[1] if obj else "",
            "upload_panel": panel_for(signed_in(request), obj),
            "media_parts": parts_of(signed_in(request), obj.pk) if obj else (),
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: Movie, form: MovieForm, change: bool) -> None:
        """Save every tab, in the one transaction that the admin has opened around this."""
        person, at = signed_in(request), clock.now()
        changes = form.changes(by=person, at=at)
        if change:
            saved = movies.update_movie(movie_id=obj.pk, changes=changes, by=person, at=at)
        else:
            saved = movies.create_movie(title=obj.title, year=obj.year, facts=changes, by=person, at=at)
        if form.windows.is_bound:
            replace_windows(movie_id=saved.pk, plans=form.windows.plans(), by=person, at=at)
        if form.credits.is_bound:
            replace_credits(movie_id=saved.pk, plans=form.credits.plans(by=person, at=at), by=person, at=at)
        for picture in filter(lambda picture: picture.is_bound, form.pictures):
            picture.save(movie_id=saved.pk, by=person, at=at)
        for upload_id in form.cleaned_data.get(FIELD_NAME, ()):
            uploads.attach_upload(upload_id=upload_id, movie_id=saved.pk, by=person, at=at)
        # Last: viewers are told of a film once it is whole.
        visibility = Movie.Visibility(form.cleaned_data["visibility"])
        saved = movies.change_visibility(movie_id=saved.pk, visibility=visibility, by=person, at=at)
        obj.pk, obj.slug, obj.version = saved.pk, saved.slug, saved.version

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing more: what belongs to the movie went with it, audited."""


def _next_edge(at: Any) -> Any:
    """Return when the first window opens or closes; nothing for what viewers do not see."""
    own = AvailabilityWindow.objects.filter(movie=OuterRef("pk")).order_by().values("movie")
    opens = own.filter(starts_at__gt=at).annotate(edge=Min("starts_at")).values("edge")
    closes = own.filter(ends_at__gt=at).annotate(edge=Min("ends_at")).values("edge")
    return Case(When(visibility__in=Movie.WATCHABLE, then=Least(Subquery(opens), Subquery(closes))))
