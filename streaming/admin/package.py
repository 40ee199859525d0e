"""Packages: what players are given, and what they were given before."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from catalog.admin.wording import movie_link
from portal.admin.trailed import TrailedAdmin
from streaming.admin.posters import PosterDesk
from streaming.admin.wording import job_link
from streaming.lengths import format_length
from streaming.models import Package, PackagingJob
from streaming.movie_packages import PACKAGE_COLOURS


@admin.register(Package)
class PackageAdmin(PosterDesk, TrailedAdmin):
    list_display = ("file_name", "film", "shown_state", "length", "size", "created_at", "playable_at", "ready_at")
    list_select_related = ("source", "movie")
    list_filter: ClassVar = [("state", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter)]
    list_filter_submit = True
    list_before_template = "admin/streaming/_package_states.html"
    search_fields = ("source__file_name", "movie__title")
    ordering = ("-created_at", "-id")
    list_per_page = 50
    readonly_fields = (
        *("file_name", "film", "state_words", "length", "size", "qualities", "made_by"),
        *("created_at", "playable_at", "ready_at", "retired_at"),
    )
    fields = readonly_fields
    action_labels: ClassVar = {
        "package.published": gettext_lazy("Published"),
        "playback.ended": gettext_lazy("A viewer’s playback was ended"),
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Jobs make packages."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Package | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Package]:
        queryset: QuerySet[Package] = super().get_queryset(request)
        return queryset.defer("index")

    @admin.display(description=gettext_lazy("File"), ordering="source__file_name")
    def file_name(self, package: Package) -> str:
        return str(package)

    @admin.display(description=gettext_lazy("Movie"), ordering="movie__title")
    def film(self, package: Package) -> str:
        return movie_link(package.movie)

    @display(
        description=gettext_lazy("State"),
        ordering="state",
        label={str(state): colour for state, colour in PACKAGE_COLOURS.items()},
    )
    def shown_state(self, package: Package) -> tuple[str, str]:
        return package.state, self.state_words(package)

    @admin.display(description=gettext_lazy("State"))
    def state_words(self, package: Package) -> str:
        return package.get_state_display()

    @admin.display(description=gettext_lazy("Length"), ordering="duration_s")
    def length(self, package: Package) -> str:
        return format_length(package.duration_s) or "–"

    @admin.display(description=gettext_lazy("Size"), ordering="size_bytes")
    def size(self, package: Package) -> str:
        return filesizeformat(package.size_bytes) if package.size_bytes else "–"

    @admin.display(description=gettext_lazy("Qualities"))
    def qualities(self, package: Package) -> str:
        pictures = package.index.get("video", ())
        return ", ".join(f"{picture['width_px']} × {picture['height_px']}" for picture in pictures) or "–"

    @admin.display(description=gettext_lazy("Made by"))
    def made_by(self, package: Package) -> str:
        return job_link(PackagingJob.objects.filter(package=package).first())
