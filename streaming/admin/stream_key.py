"""Stream keys: who may publish, since when, and last when."""

from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in
from portal.errors import PortalError
from streaming.admin.wording import fault_words, show_secret
from streaming.models import StreamKey
from streaming.services.stream_keys import revoke_stream_key, rotate_stream_key


@admin.register(StreamKey)
class StreamKeyAdmin(TrailedAdmin):
    list_display = ("label", "state", "prefix", "channel", "last_used_at", "expires_at", "created_at")
    list_select_related = ("channel",)
    search_fields = ("label", "prefix", "channel__title", "channel__slug")
    ordering = ("-created_at", "-id")
    actions = ("revoke_selected",)
    actions_detail: ClassVar = ["rotate"]
    readonly_fields = (
        "label",
        "prefix",
        "channel",
        "created_by",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    fields = readonly_fields
    action_labels: ClassVar = {
        "stream_key.issued": gettext_lazy("Issued"),
        "stream_key.revoked": gettext_lazy("Revoked"),
        "stream_key.refused": gettext_lazy("An encoder was refused"),
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keys are issued on their channel's page, where the secret can be shown."""
        return False

    @display(description=gettext_lazy("State"), label={"good": "success", "expired": "warning", "revoked": "danger"})
    def state(self, key: StreamKey) -> tuple[str, str]:
        if key.revoked_at is not None:
            return "revoked", _("Revoked")
        return ("good", _("Usable")) if key.is_usable(clock.now()) else ("expired", _("Expired"))

    @action(description=gettext_lazy("Rotate"), url_path="rotate", permissions=["change"], icon="autorenew")
    def rotate(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask once more, as the encoder is sent away; then put a new key in the place of this one, and show it."""
        key = get_object_or_404(StreamKey, pk=object_id)
        if request.method != "POST":
            title = _("Rotate the key “%(key)s”?") % {"key": key}
            context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
            return TemplateResponse(request, "admin/streaming/rotate_key.html", context)
        try:
            issued = rotate_stream_key(key_id=key.pk, by=signed_in(request), at=clock.now())
        except PortalError as error:
            messages.error(request, fault_words(error))
            return redirect("admin:streaming_streamkey_change", key.pk)
        show_secret(request, issued)
        return redirect("admin:streaming_streamkey_change", issued.key.pk)

    @action(description=gettext_lazy("Revoke the selected keys"), permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[StreamKey]) -> None:
        keys = list(queryset)
        for key in keys:
            revoke_stream_key(key_id=key.pk, by=signed_in(request), at=clock.now())
        text = ngettext("%(count)d key admits nobody any more.", "%(count)d keys admit nobody any more.", len(keys))
        messages.success(request, text % {"count": len(keys)})
