"""The form of an availability window: editors write what clocks show in the window's own time zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.forms.codes import territories_field
from catalog.forms.rows import Rows
from catalog.local_times import TimeSkipped, TimeTwice, moment_of, which_of_two
from catalog.models import Movie
from catalog.models.availability import MOST_TERRITORIES
from catalog.services.availability import WindowPlan, plans_of
from catalog.windows import EARLIEST, LATEST, find_overlap

MOST_WINDOWS = 50
_SHOWN = "%Y-%m-%dT%H:%M"
_SHOWN_TO_THE_SECOND = "%Y-%m-%dT%H:%M:%S"
_WHICH = [("", gettext_lazy("once")), ("0", gettext_lazy("the first time")), ("1", gettext_lazy("the second time"))]
ZONES_LIST_ID = "time-zones"
_YEAR_OUT_OF_RANGE = gettext_lazy("Write a day between the years 1900 and 2999.")


def local_time_field(
    label: Any, *, widget_class: type[forms.TextInput] = UnfoldAdminTextInputWidget, **kwargs: Any
) -> forms.DateTimeField:
    """Return a field whose value is naive: which moment it is depends on the zone beside it."""
    widget = widget_class(
        attrs={"type": "datetime-local", "step": "any", "min": "1900-01-02T00:00", "max": "2999-12-31T00:00"}
    )
    widget.input_type = "datetime-local"
    return _LocalTimeField(
        label=label,
        widget=widget,
        input_formats=[_SHOWN, _SHOWN_TO_THE_SECOND, "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"],
        error_messages={"invalid": gettext_lazy("Write a day and a time, such as 2026-12-03 20:00.")},
        **kwargs,
    )


class _LocalTimeField(forms.DateTimeField):
    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        return value.strftime(_SHOWN_TO_THE_SECOND if value.second else _SHOWN)

    def to_python(self, value: Any) -> Any:
        """Return what was written, and not a moment in the portal's own zone."""
        if value in self.empty_values:
            return None
        for pattern in self.input_formats or ():
            try:
                return datetime.strptime(str(value).strip(), str(pattern))
            except ValueError:
                continue
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


def read_moment(local: datetime, zone: ZoneInfo, *, which: int | None) -> datetime:
    """Return the moment that somebody wrote as clocks in `zone` show it; `which` is as for `moment_of`.

    Raises ValidationError, with the code `twice` where `which` is needed.
    """
    try:
        moment = moment_of(local, zone, which=which)
    except TimeSkipped as skipped:
        text = _("Clocks in %(zone)s are put forward over this time. The next that they show is %(time)s.")
        said = {"zone": zone.key, "time": date_format(skipped.resumes_at, "j M Y H:i")}
        raise forms.ValidationError(text, code="skipped", params=said) from skipped
    except TimeTwice as twice:
        text = _("Clocks in %(zone)s are put back, and show this time twice. Say which of the two is meant.")
        raise forms.ValidationError(text, code="twice", params={"zone": zone.key}) from twice
    except (OverflowError, ValueError) as error:
        raise forms.ValidationError(_YEAR_OUT_OF_RANGE) from error
    if not EARLIEST <= moment < LATEST:
        raise forms.ValidationError(_YEAR_OUT_OF_RANGE)
    return moment


def which_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Which of the two"), choices=_WHICH, required=False, widget=UnfoldAdminSelectWidget
    )


class WindowForm(forms.Form):
    """One window. `plan()` is what it comes to, once it is valid.

    `starts_which` and `ends_which` are asked for only where a clock shows the time twice.
    """

    starts_local = local_time_field(
        gettext_lazy("Opens"), help_text=gettext_lazy("From this moment on viewers can see it.")
    )
    starts_which = which_field()
    ends_local = local_time_field(
        gettext_lazy("Closes"),
        required=False,
        help_text=gettext_lazy("The first moment at which they cannot any more. Empty: it stays open."),
    )
    ends_which = which_field()
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"list": ZONES_LIST_ID, "autocomplete": "off"}),
        help_text=gettext_lazy("Whose clocks both times are read on, such as Asia/Bangkok."),
    )
    territories = territories_field(
        most=MOST_TERRITORIES,
        label=gettext_lazy("Territories"),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "placeholder": gettext_lazy("everywhere")}),
        help_text=gettext_lazy("Codes such as TH, LA. Empty: everywhere."),
    )

    def __init__(
        self, *args: Any, known: WindowPlan | None = None, defaults: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"time_zone": settings.TIME_ZONE, **(defaults or {}), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self._known = known

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name not in available_timezones():
            raise forms.ValidationError(
                _("“%(name)s” is no time zone. Choose one from the list, such as Asia/Bangkok."),
                code="unknown_zone",
                params={"name": name},
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("time_zone"):
            zone = ZoneInfo(cleaned["time_zone"])
            for edge in ("starts", "ends"):
                if cleaned.get(f"{edge}_local"):
                    cleaned[f"{edge}_at"] = self._moment(edge, zone)
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_local", _("Choose an end that is later than the start, or none."))
        return cleaned

    def plan(self) -> WindowPlan:
        # What was not touched stays to the microsecond, which the form does not show.
        if self._known and not self.has_changed():
            return self._known
        said = self.cleaned_data
        return WindowPlan(
            starts_at=said["starts_at"],
            ends_at=said.get("ends_at"),
            time_zone=said["time_zone"],
            territories=tuple(said["territories"]),
        )

    @property
    def asks_which_start(self) -> bool:
        return self._asks_which("starts")

    @property
    def asks_which_end(self) -> bool:
        return self._asks_which("ends")

    def _asks_which(self, edge: str) -> bool:
        """Tell whether the form must ask which of two times is meant: it is not shown otherwise."""
        return bool(self[f"{edge}_which"].value()) or self.has_error(f"{edge}_local", code="twice")

    def _moment(self, edge: str, zone: ZoneInfo) -> datetime | None:
        which = self.cleaned_data.get(f"{edge}_which")
        try:
            return read_moment(self.cleaned_data[f"{edge}_local"], zone, which=int(which) if which else None)
        except forms.ValidationError as error:
            self.add_error(f"{edge}_local", error)
            return None


class WindowRows(Rows):
    """All windows of a movie."""

    form = WindowForm
    tab = "availability"
    max_num = MOST_WINDOWS
    absolute_max = MOST_WINDOWS + 10

    def shown(self, known: WindowPlan) -> dict[str, Any]:
        zone = ZoneInfo(known.time_zone)
        values: dict[str, Any] = {"time_zone": known.time_zone, "territories": list(known.territories)}
        for edge, moment in (("starts", known.starts_at), ("ends", known.ends_at)):
            if moment:
                which = which_of_two(moment, zone)
                values[f"{edge}_local"] = moment.astimezone(zone).replace(tzinfo=None, fold=0)
                values[f"{edge}_which"] = "" if which is None else str(which)
        return values

    def clean(self) -> None:
        """Tell of windows that overlap at the later one of them."""
        super().clean()
        rows = [form for form in self.kept() if form.is_valid()]
        overlap = find_overlap([form.plan() for form in rows])
        if overlap:
            first, second = (rows[place] for place in overlap)
            text = _("This window is open while that from %(start)s is. Let it start where the other ends.")
            start = date_format(first.cleaned_data["starts_local"], "j M Y H:i")
            second.add_error("starts_local", text % {"start": start})

    def plans(self) -> list[WindowPlan]:
        return [form.plan() for form in self.kept()]


def window_rows(movie: Movie, data: Any = None) -> WindowRows:
    """Return the rows of a movie, bound if there is `data`."""
    known = plans_of(movie) if movie.pk else ()
    zone = known[-1].time_zone if known else settings.TIME_ZONE
    return WindowRows(data, known=known, defaults={"time_zone": zone}, prefix="windows")


def time_zones() -> list[str]:
    """Return the zones that a list offers: those of places, not those that are there for old computers."""
    return sorted(name for name in available_timezones() if name == "UTC" or _is_place(name))


def _is_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))
