"""What editors fill in about captions."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from catalog.caption_wording import describe_impossible
from catalog.captions.clock_times import parse_moment
from catalog.captions.cues import Cue
from catalog.captions.limits import LATEST_MS, MOST_BYTES
from catalog.captions.timing import FRAME_RATES, Retiming, RetimingImpossible, retiming_by_points
from catalog.codes import UnknownCode, normalise_language
from catalog.models import Caption
from catalog.models.caption import LONGEST_LABEL
from portal.errors import PortalError
from portal.texts import check_line

_LATEST_S = LATEST_MS // 1000
_UNCHANGED, _OTHER = "1", "other"


class CaptionForm(forms.Form):
    """What captions are called, and their file. Of captions that are there, the file may stay away."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".srt,.vtt,.ass,.ssa,.ttml,.dfxp,.xml"}),
        help_text=gettext_lazy("SRT, WebVTT, ASS/SSA or TTML, in any usual encoding; 2 MB at most."),
    )
    language = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("A tag such as th, en-GB or zh-Hant (BCP 47). It also helps to read old encodings."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=Caption.Kind.choices,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy(
            "Subtitles hold what is spoken; captions sounds and speakers too; forced ones only what the film does not "
            "say in its own language."
        ),
    )
    label = forms.CharField(
        label=gettext_lazy("Label"),
        max_length=LONGEST_LABEL,
        required=False,
        validators=[check_line],
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What viewers choose by. Empty: the language's own name."),
    )
    is_default = forms.BooleanField(
        label=gettext_lazy("Default"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Shown to viewers who have not chosen, in place of the movie's present default."),
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            self.fields["file"].required = False
            self.fields["file"].label = _("Another file")
            self.fields["file"].help_text = _("Replaces the text. Empty: the text stays.")

    def clean_language(self) -> str:
        try:
            return normalise_language(self.cleaned_data["language"])
        except UnknownCode:
            raise forms.ValidationError(_("This is no language tag. Write th, en-GB or zh-Hant (BCP 47).")) from None

    def facts(self) -> dict[str, Any]:
        """Return the valid values by the names that the services know; `content` only if there is a file."""
        values = dict(self.cleaned_data)
        file = values.pop("file")
        values["kind"] = Caption.Kind(values["kind"])
        return values if file is None else {**values, "content": file.read(MOST_BYTES + 1)}

    def refuse(self, error: PortalError) -> None:
        """Show what a service refused at the field that it is about."""
        faults: Any = error.extras.get("errors") or ()
        of_the_file = [str(fault["detail"]) for fault in faults if fault["pointer"] == "/file"]
        if of_the_file:
            self.add_error("file", of_the_file)
            return
        named = next((fault["pointer"].strip("/") for fault in faults), "")
        self.add_error(named if named in self.fields else None, f"{error.title}. {error.detail}")


class ShiftForm(forms.Form):
    """All cues earlier or later, and slower or faster."""

    offset_s = forms.DecimalField(
        label=gettext_lazy("Offset in seconds"),
        required=False,
        min_value=-_LATEST_S,
        max_value=_LATEST_S,
        decimal_places=3,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "0.001"}),
        help_text=gettext_lazy("1.5 shows every cue a second and a half later, -1.5 earlier."),
    )
    rate = forms.ChoiceField(
        label=gettext_lazy("Frame rate of the text → of the film"),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("For cues that drift further away the longer the film lasts."),
    )
    stretch = forms.DecimalField(
        label=gettext_lazy("Factor"),
        required=False,
        min_value=Decimal("0.5"),
        max_value=Decimal(2),
        decimal_places=6,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "0.000001"}),
        help_text=gettext_lazy("If none of these rates fits: what each time is multiplied by."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rates = [(name, name) for name in FRAME_RATES]
        self.fields["rate"].choices = [  # type: ignore[attr-defined]  # the field is known by its base only
            (_UNCHANGED, _("Unchanged")),
            *rates,
            (_OTHER, _("By a factor")),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("rate") == _OTHER and cleaned.get("stretch") is None and "stretch" not in self.errors:
            self.add_error("stretch", _("Write the factor."))
        return cleaned

    def retiming(self, cues: tuple[Cue, ...]) -> Retiming:
        values = self.cleaned_data
        rate = values["rate"]
        stretch = Fraction(values["stretch"]) if rate == _OTHER else FRAME_RATES.get(rate, Fraction(1))
        return Retiming(stretch=stretch, offset_ms=round((values["offset_s"] or 0) * 1000))

    def refuse(self, faults: list[Mapping[str, Any]]) -> None:
        self.add_error("offset_s", [str(fault["detail"]) for fault in faults])


class PointsForm(forms.Form):
    """Two cues and where they should begin; all others follow."""

    first_cue = forms.IntegerField(
        label=gettext_lazy("Cue near the beginning"), min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    first_at = forms.CharField(
        label=gettext_lazy("should begin at"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "00:01:23.400"}),
    )
    second_cue = forms.IntegerField(
        label=gettext_lazy("Cue near the end"), min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    second_at = forms.CharField(
        label=gettext_lazy("should begin at"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "01:32:10.000"}),
    )

    def clean_first_at(self) -> int:
        return self._moment("first_at")

    def clean_second_at(self) -> int:
        return self._moment("second_at")

    def retiming(self, cues: tuple[Cue, ...]) -> Retiming | None:
        """Return the measure, or None if the form now says why there is none."""
        values = self.cleaned_data
        for name in ("first_cue", "second_cue"):
            if values[name] > len(cues):
                self.add_error(name, _("There are %(count)d cues.") % {"count": len(cues)})
        if self.errors:
            return None
        first, second = (
            (cues[values[f"{which}_cue"] - 1].start_ms, values[f"{which}_at"]) for which in ("first", "second")
        )
        try:
            return retiming_by_points(first, second)
        except RetimingImpossible as impossible:
            self.add_error("second_cue", describe_impossible(impossible.reason))
            return None

    def refuse(self, faults: list[Mapping[str, Any]]) -> None:
        self.add_error("second_at", [str(fault["detail"]) for fault in faults])

    def _moment(self, name: str) -> int:
        moment = parse_moment(self.cleaned_data[name])
        if moment is None or moment > LATEST_MS:
            raise forms.ValidationError(_("Write a time such as 00:01:23.400, or seconds such as 83.4."))
        return moment
