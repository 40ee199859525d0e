"""Channels, as editors see them."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from catalog.artwork.forms import PICTURE_TYPES, read_upload
from portal import clock
from portal.admin.autocomplete import PatientAutocompletes
from portal.admin.trailed import TrailedAdmin, signed_in
from portal.errors import NotFound, PortalError
from portal.models import User
from streaming.admin.viewers import viewers_words, with_viewers
from streaming.admin.wording import fault_words, show_secret
from streaming.models import Channel, Stream, StreamKey
from streaming.models.channel_picture import KIND as PICTURE_KIND
from streaming.services.channel_pictures import remove_channel_picture, set_channel_picture
from streaming.services.channels import create_channel, update_channel
from streaming.services.stream_keys import issue_stream_key

_PICTURE_FIELDS = ("file", "is_picture_removed")


class IssueKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes its argument for mypy only
    class Meta:
        model = StreamKey
        fields = ("label",)
        widgets: ClassVar = {"label": UnfoldAdminTextInputWidget}


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes its argument for mypy only
    """A channel with its picture, which is a row of its own."""

    file = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": PICTURE_TYPES}),
        help_text=gettext_lazy("What viewers see of the channel while it is off air: at least 1280 × 720 pixels."),
    )
    is_picture_removed = forms.BooleanField(label=gettext_lazy("Remove this picture"), required=False)

    def clean_file(self) -> bytes | None:
        file = self.cleaned_data["file"]
        return None if file is None else read_upload(file, PICTURE_KIND)


@admin.register(Channel)
class ChannelAdmin(PatientAutocompletes, TrailedAdmin):
    list_display = ("title", "on_air", "viewers", "slug", "owner", "visibility", "created_at")
    list_select_related = ("owner",)
    search_fields = ("title", "slug", "owner__username")
    autocomplete_fields = ("owner",)
    form = ChannelForm
    fields = ("title", "slug", "description", "owner", "visibility", "dvr_s", "is_recorded", *_PICTURE_FIELDS)
    ordering = ("title", "id")
    actions_detail: ClassVar = ["issue_key"]
    action_labels: ClassVar = {
        "channel.created": gettext_lazy("Added"),
        "channel.updated": gettext_lazy("Changed"),
        "channel.pictured": gettext_lazy("Picture changed"),
        "channel.test_armed": gettext_lazy("What begins is a test"),
        "channel.test_disarmed": gettext_lazy("What begins is shown"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        live = Stream.objects.live().filter(channel=OuterRef("pk")).values("pk")[:1]
        queryset: QuerySet[Channel] = super().get_queryset(request).annotate(stream_id=Subquery(live))
        return queryset

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        return with_viewers(super().get_changelist_instance(request), lambda channel: channel.stream_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        # Viewers keep the address; it stays.
        return ("slug",) if obj else ()

    def get_form(self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any) -> Any:
        owner = _("A new owner needs new keys: the channel's are revoked, and whoever broadcasts by one is sent away.")
        help_texts = {"owner": owner} if obj else {}
        return super().get_form(request, obj, change, **kwargs, help_texts=help_texts)

    @display(description=gettext_lazy("State"), label={True: "success", False: "info"})
    def on_air(self, channel: Any) -> tuple[bool, str]:
        is_on_air = channel.stream_id is not None
        return is_on_air, _("On air") if is_on_air else _("Off air")

    @display(description=gettext_lazy("Watching now"))
    def viewers(self, channel: Any) -> str:
        return viewers_words(channel)

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        person, at = signed_in(request), clock.now()
        # Behind this transaction: what is written for a picture must be known even if the form comes to nothing.
        transaction.on_commit(lambda: _save_picture(obj.pk, form.cleaned_data, by=person, at=at))
        if change:
            facts = {name: getattr(obj, name) for name in form.changed_data if name not in _PICTURE_FIELDS}
            update_channel(channel_id=obj.pk, facts=facts, by=person, at=at)
            if "owner" in facts:
                _tell_revoked(request, obj.keys.filter(revoked_at=at).count())
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


def _save_picture(channel_id: int, sent: Mapping[str, Any], *, by: User, at: datetime) -> None:
    if sent["file"] is not None:
        set_channel_picture(channel_id=channel_id, content=sent["file"], by=by, at=at)
    elif sent["is_picture_removed"]:
        with suppress(NotFound):
            remove_channel_picture(channel_id=channel_id, by=by, at=at)


def _tell_revoked(request: HttpRequest, count: int) -> None:
    """Say what the former owner cannot do any more, and the new one cannot do yet."""
    if count:
        text = ngettext(
            "The channel has changed hands: %(count)d key was revoked. Its owner needs a new one.",
            "The channel has changed hands: %(count)d keys were revoked. Its owner needs a new one.",
            count,
        )
        messages.warning(request, text % {"count": count})
