"""Announced broadcasts: what is to come, what became of it. They are announced and changed in the studio."""

from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in
from streaming.admin.wording import fault_words
from streaming.errors import StreamPlanIsOver
from streaming.models import PlannedStream, Stream
from streaming.services.stream_plans import call_off_stream


@admin.register(PlannedStream)
class PlannedStreamAdmin(TrailedAdmin):
    list_display = ("title", "state", "channel", "starts_at", "created_at")
    list_select_related = ("channel",)
    list_filter: ClassVar = [("starts_at", RangeDateTimeFilter)]
    list_filter_submit = True
    search_fields = ("title", "channel__title", "channel__slug")
    ordering = ("-starts_at", "-id")
    readonly_fields = ("title", "description", "state", "channel", "starts_at", "created_at", "cancelled_at")
    fields = readonly_fields
    actions = ("call_off_selected",)
    action_labels: ClassVar = {
        "stream_plan.announced": gettext_lazy("Announced"),
        "stream_plan.changed": gettext_lazy("Changed"),
        "stream_plan.cancelled": gettext_lazy("Called off"),
        "stream_plan.carried_out": gettext_lazy("Went on air"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlannedStream]:
        at = clock.now()
        queryset: QuerySet[PlannedStream] = super().get_queryset(request)
        return queryset.annotate(
            is_coming_up=Exists(PlannedStream.objects.coming_up(at).filter(pk=OuterRef("pk"))),
            was_carried_out=Exists(Stream.objects.filter(plan=OuterRef("pk"))),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The studio, where editors run every channel, asks for the moment in their own time zone."""
        return False

    @display(
        description=gettext_lazy("State"),
        label={"coming": "info", "carried out": "success", "called off": "warning", "missed": "danger"},
    )
    def state(self, plan: PlannedStream) -> tuple[str, str]:
        if plan.cancelled_at is not None:
            return "called off", _("Called off")
        if plan.is_coming_up:  # type: ignore[attr-defined]  # read with each plan, as `get_queryset` does
            return "coming", _("Coming up")
        if plan.was_carried_out:  # type: ignore[attr-defined]  # so is this
            return "carried out", _("Went on air")
        return "missed", _("Did not begin")

    @action(description=gettext_lazy("Call off the selected broadcasts"), permissions=["change"])
    def call_off_selected(self, request: HttpRequest, queryset: QuerySet[PlannedStream]) -> None:
        called_off = 0
        for plan in queryset:
            try:
                call_off_stream(plan_id=plan.pk, by=signed_in(request), at=clock.now())
            except StreamPlanIsOver as error:
                messages.error(request, f"{plan.title}: {fault_words(error)}")
            else:
                called_off += 1
        text = ngettext("%(count)d broadcast is called off.", "%(count)d broadcasts are called off.", called_off)
        messages.success(request, text % {"count": called_off})
