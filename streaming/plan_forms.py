"""The form of an announced broadcast: broadcasters write what clocks show where they are."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.forms.windows import local_time_field, read_moment
from portal.texts import check_line, check_prose
from streaming.models import PlannedStream
from streaming.models.planned_stream import LONGEST_DESCRIPTION


class PlanForm(forms.Form):
    """What is said of a broadcast to come. `facts()` are its moment and texts, once it is valid.

    Without a script its time is that of the portal's zone; with one, that of the browser's, which `time_zone` names.
    """

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120, validators=[check_line])
    starts_local = local_time_field(gettext_lazy("Begins"), widget_class=forms.TextInput)
    time_zone = forms.CharField(max_length=64, widget=forms.HiddenInput)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        validators=[check_prose],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, said: Mapping[str, Any] | None = None, *, plan: PlannedStream | None = None, plan_id: UUID | None = None
    ) -> None:
        """Show the form of a plan, or what was said of one; neither is the form of a new one."""
        zone = timezone.get_current_timezone_name()
        self.plan_id = plan.pk if plan else plan_id
        initial = {"time_zone": zone} | (_shown(plan) if plan else {})
        super().__init__(said, initial=initial, auto_id=f"plan-{self.plan_id or 'new'}-%s")
        if said is None:
            # The script tells it as the browser's clock does.
            self.fields["starts_local"].widget.attrs["data-at"] = plan.starts_at.isoformat() if plan else ""
        shown_zone = format_html("<span data-zone>{}</span>", self["time_zone"].value() or zone)
        self.fields["starts_local"].help_text = format_html(_("Time zone: {}"), shown_zone)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        local, zone = cleaned.get("starts_local"), cleaned.get("time_zone")
        if zone not in available_timezones():
            self.add_error("starts_local", _("This time zone is not known here."))
        elif local:
            try:
                # Where clocks show a time twice, the first: nobody is asked, and nobody comes too late.
                cleaned["starts_at"] = read_moment(local, ZoneInfo(zone), which=0)
            except forms.ValidationError as error:
                self.add_error("starts_local", error)
        return cleaned

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "description", "starts_at")}


def _shown(plan: PlannedStream) -> dict[str, Any]:
    local = timezone.localtime(plan.starts_at).replace(tzinfo=None, microsecond=0)
    return {"title": plan.title, "description": plan.description, "starts_local": local}
