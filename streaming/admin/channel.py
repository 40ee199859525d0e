"""Channels, as editors see them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from portal import clock
from portal.admin.autocomplete import PatientAutocompletes
from portal.admin.trailed import TrailedAdmin, signed_in
from portal.errors import PortalError
from streaming.admin.wording import fault_words, show_secret
from streaming.models import Channel, Stream, StreamKey
from streaming.services.channels import create_channel, update_channel
from streaming.services.stream_keys import issue_stream_key


class IssueKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes its argument for mypy only
    class Meta:
        model = StreamKey
        fields = ("label",)
        widgets: ClassVar = {"label": UnfoldAdminTextInputWidget}


@admin.register(Channel)
class ChannelAdmin(PatientAutocompletes, TrailedAdmin):
    list_display = ("title", "on_air", "slug", "owner", "visibility", "created_at")
    list_select_related = ("owner",)
    search_fields = ("title", "slug", "owner__username")
    autocomplete_fields = ("owner",)
    fields = ("title", "slug", "description", "owner", "visibility", "dvr_s", "is_recorded")
    ordering = ("title", "id")
    actions_detail: ClassVar = ["issue_key"]
    action_labels: ClassVar = {
        "channel.created": gettext_lazy("Added"),
        "channel.updated": gettext_lazy("Changed"),
        "channel.test_armed": gettext_lazy("What begins is a test"),
        "channel.test_disarmed": gettext_lazy("What begins is shown"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        live = Stream.objects.filter(channel=OuterRef("pk"), state__in=Stream.LIVE_STATES)
        queryset: QuerySet[Channel] = super().get_queryset(request).annotate(is_on_air=Exists(live))
        return queryset

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        # Viewers keep the address; it stays.
        return ("slug",) if obj else ()

    @display(description=gettext_lazy("State"), label={True: "success", False: "info"})
    def on_air(self, channel: Any) -> tuple[bool, str]:
        return channel.is_on_air, _("On air") if channel.is_on_air else _("Off air")

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        person, at = signed_in(request), clock.now()
        if change:
            facts = {name: getattr(obj, name) for name in form.changed_data}
            update_channel(channel_id=obj.pk, facts=facts, by=person, at=at)
            return
        made = create_channel(
            slug=obj.slug,
            title=obj.title,
            owner=obj.owner,
            by=person,
            at=at,
            description=obj.description,
            visibility=obj.visibility,
            dvr_s=obj.dvr_s,
            is_recorded=obj.is_recorded,
        )
        obj.pk = made.pk

    @action(
        description=gettext_lazy("Issue a stream key"),
        url_path="issue-key",
        permissions=["change"],
        icon="key",
    )
    def issue_key(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask which encoder it is for; then make a key and show it this once, with the server to paste beside it."""
        channel = get_object_or_404(self.get_queryset(request), pk=object_id)
        form = IssueKeyForm(request.POST or None)
        if not form.is_valid():
            title = _("A stream key for %(channel)s") % {"channel": channel}
            context = {**self.admin_site.each_context(request), "title": title, "form": form, "opts": self.opts}
            return TemplateResponse(request, "admin/streaming/issue_key.html", context)
        try:
            issued = issue_stream_key(
                channel=channel, label=form.cleaned_data["label"], by=signed_in(request), at=clock.now()
            )
        except PortalError as error:
            messages.error(request, fault_words(error))
        else:
            show_secret(request, issued)
        return redirect(reverse("admin:streaming_channel_change", args=[object_id]))
