"""Sources: the films that came in, and where each of them stands."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from catalog.admin.wording import movie_link
from catalog.models import Upload
from catalog.trail import ACTION_LABELS
from portal.admin.trailed import TrailedAdmin
from streaming.models import Source

State = Source.State


@admin.register(Source)
class SourceAdmin(TrailedAdmin):
    action_labels = ACTION_LABELS
    list_display = ("file_name", "film", "size", "shown_state", "uploaded_by", "created_at")
    list_select_related = ("movie",)
    list_filter: ClassVar = [("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    list_before_template = "admin/streaming/_source_states.html"
    search_fields = ("file_name", "movie__title")
    ordering = ("-created_at", "-id")
    list_per_page = 50
    readonly_fields = ("file_name", "film", "size", "shown_state", "uploaded_by", "created_at", "container", "sha256")
    fields = readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Uploads become sources."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        # A source has the id of its upload, which knows its owner.
        owner = Upload.objects.filter(pk=OuterRef("pk")).values("owner__username")
        queryset: QuerySet[Source] = super().get_queryset(request).annotate(owner_name=Subquery(owner))
        return queryset

    @admin.display(description=gettext_lazy("Movie"), ordering="movie__title")
    def film(self, source: Source) -> str:
        return movie_link(source.movie)

    @admin.display(description=gettext_lazy("Size"), ordering="size_bytes")
    def size(self, source: Source) -> str:
        return filesizeformat(source.size_bytes)

    @display(
        description=gettext_lazy("State"),
        ordering="state",
        label={State.VERIFYING: "info", State.WAITING: "success", State.DISCARDED: "warning"},
    )
    def shown_state(self, source: Source) -> tuple[str, str]:
        return source.state, source.get_state_display()

    @admin.display(description=gettext_lazy("Uploaded by"))
    def uploaded_by(self, source: Any) -> str:
        return source.owner_name or "–"
