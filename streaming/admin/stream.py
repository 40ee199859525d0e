"""Streams: what is on air and what was, as what, and how it ended."""

from typing import ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action, display

from catalog.admin.wording import movie_link
from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in
from portal.errors import PortalError
from streaming.admin.viewers import viewers_words, with_viewers
from streaming.admin.wording import as_key, fault_words
from streaming.models import Stream
from streaming.services.live import stop_stream

Phase = Stream.Phase


@admin.register(Stream)
class StreamAdmin(TrailedAdmin):
    list_display = ("channel", "shown_phase", "viewers", "picture", "started_at", "ended_at", "end_reason")
    list_select_related = ("channel",)
    list_filter: ClassVar = [("state", ChoicesDropdownFilter), ("started_at", RangeDateTimeFilter)]
    list_filter_submit = True
    search_fields = ("channel__title", "channel__slug")
    ordering = ("-started_at", "-id")
    readonly_fields = (
        *("channel", "title", "shown_phase", "key", "started_at", "active_at", "playable_at", "interrupted_at"),
        *("ended_at", "end_reason", "error", "film", "dvr_s", "is_recorded", "is_test"),
        *("video_codec", "width_px", "height_px", "audio_codec"),
    )
    fields = readonly_fields
    actions_detail: ClassVar = ["end"]
    action_labels: ClassVar = {
        "stream.admitted": gettext_lazy("Connected"),
        "stream.taken_up": gettext_lazy("Connected again"),
        "stream.ended": gettext_lazy("Ended"),
        "stream.recorded": gettext_lazy("Recorded"),
        "stream.recording_lost": gettext_lazy("The recording was lost"),
    }

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        return with_viewers(super().get_changelist_instance(request), lambda row: row.pk if row.is_live else None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Encoders make streams."""
        return False

    def has_end_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return bool(request.user.has_perm("streaming.change_channel"))

    @display(
        description=gettext_lazy("State"),
        ordering="state",
        label={
            Phase.STARTING: "info",
            Phase.LIVE: "success",
            Phase.RECONNECTING: "warning",
            Phase.ENDED: "info",
            Phase.FAILED: "danger",
        },
    )
    def shown_phase(self, stream: Stream) -> tuple[str, str]:
        return stream.phase, str(stream.phase.label)

    @display(description=gettext_lazy("Watching now"))
    def viewers(self, stream: Stream) -> str:
        return viewers_words(stream)

    @display(description=gettext_lazy("Picture"))
    def picture(self, stream: Stream) -> str:
        return f"{stream.width_px} × {stream.height_px}" if stream.width_px else "–"

    @display(description=gettext_lazy("Recording"))
    def film(self, stream: Stream) -> str:
        return movie_link(stream.recording.movie if stream.recording else None)

    @action(description=gettext_lazy("End this stream"), url_path="end", permissions=["end"], icon="stop_circle")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask once more; then send the encoder away."""
        stream = get_object_or_404(Stream.objects.select_related("channel"), pk=as_key(object_id))
        if request.method != "POST":
            title = _("End the stream of “%(channel)s”?") % {"channel": stream.channel}
            context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
            return TemplateResponse(request, "admin/streaming/end_stream.html", context)
        try:
            stop_stream(stream_id=stream.pk, by=signed_in(request), at=clock.now())
        except PortalError as error:
            messages.error(request, fault_words(error))
        else:
            messages.success(request, _("The stream has ended."))
        return redirect("admin:streaming_stream_change", stream.pk)
