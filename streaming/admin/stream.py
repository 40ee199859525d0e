"""Streams: what was on air, as what, and how it ended."""

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from portal.admin.trailed import TrailedAdmin
from streaming.models import Stream

State = Stream.State


@admin.register(Stream)
class StreamAdmin(TrailedAdmin):
    list_display = ("channel", "shown_state", "picture", "started_at", "ended_at", "end_reason")
    list_select_related = ("channel",)
    list_filter: ClassVar = [("state", ChoicesDropdownFilter), ("started_at", RangeDateTimeFilter)]
    list_filter_submit = True
    search_fields = ("channel__title", "channel__slug")
    ordering = ("-started_at", "-id")
    readonly_fields = (
        *("channel", "shown_state", "key", "started_at", "active_at", "ended_at", "end_reason"),
        *("video_codec", "width_px", "height_px", "audio_codec"),
    )
    fields = readonly_fields
    action_labels: ClassVar = {
        "stream.admitted": gettext_lazy("Connected"),
        "stream.ended": gettext_lazy("Ended"),
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Encoders make streams."""
        return False

    @display(
        description=gettext_lazy("State"),
        ordering="state",
        label={State.PENDING: "info", State.ACTIVE: "success", State.ENDED: "info", State.ERROR: "danger"},
    )
    def shown_state(self, stream: Stream) -> tuple[str, str]:
        return stream.state, stream.get_state_display()

    @display(description=gettext_lazy("Picture"))
    def picture(self, stream: Stream) -> str:
        return f"{stream.width_px} × {stream.height_px}" if stream.width_px else "–"
