"""Which time a page of figures shows: one of a few that end now, or any from one moment to another."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from analytics.reading.periods import LONGEST, Period

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

HOUR, DAY, WEEK, MONTH, WHOLE, CUSTOM = "hour", "day", "week", "month", "whole", "custom"
LABELS: dict[str, str | Promise] = {
    HOUR: _("Last hour"),
    DAY: _("24 hours"),
    WEEK: _("7 days"),
    MONTH: _("30 days"),
    WHOLE: _("Whole broadcast"),
}
_LENGTHS = {
    HOUR: timedelta(hours=1),
    DAY: timedelta(days=1),
    WEEK: timedelta(days=7),
    MONTH: timedelta(days=30),
}
# Nobody has figures of before, and the first years of the calendar are none in every time zone.
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """A period, by the name under which it was asked for; `goes_on` tells whether its end is now."""

    name: str
    period: Period
    goes_on: bool = False

    @property
    def moving_s(self) -> int | None:
        """How long it always is, as its beginning moves on with its end; None if its beginning stays."""
        return int(self.period.length.total_seconds()) if self.goes_on and self.name != WHOLE else None

    @property
    def query(self) -> str:
        """The range as the API takes it for lines."""
        return urlencode({"from": _written(self.period.starts_at), "to": _written(self.period.ends_at)})

    @property
    def days_query(self) -> str:
        """The days that it touches, as the API takes them for movies."""
        return urlencode({"from": str(self.period.first_day), "to": str(self.period.last_day)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeLink:
    """One of the ranges to choose from."""

    label: str | Promise
    query: str
    is_current: bool


class RangeForm(forms.Form):
    """`?range=day`, or `?range=custom&from=…&to=…`; what is wrong is said beside the field, and `fallback` shown."""

    def __init__(
        self, query: QueryDict, *, at: datetime, presets: tuple[str, ...], whole: TimeRange | None = None
    ) -> None:
        names = (*presets, *([WHOLE] if whole else []))
        self.named = next((name for name in names if name == query.get("range")), "")
        # A range with a name is a link, and nothing of it can be wrong: its two moments are those that it comes to.
        super().__init__(None if self.named or not query.keys() & {"range", "from", "to"} else query)
        self.at, self.presets, self.whole = at, names, whole
        self.fields["range"] = forms.ChoiceField(choices=[(CUSTOM, CUSTOM)])
        self.fields["from"] = _moment_field(_("From"))
        self.fields["to"] = _moment_field(_("To"))
        shown = self.chosen.period
        self.initial = {"from": shown.starts_at, "to": shown.ends_at}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        begins_at, ends_at = cleaned.get("from"), cleaned.get("to")
        if not (begins_at and ends_at):
            return cleaned
        if not _EARLIEST <= begins_at < min(ends_at, self.at):
            self.add_error("from", ValidationError(_("It has to begin before it ends, and before now.")))
        elif ends_at - begins_at > LONGEST:
            self.add_error("from", ValidationError(_("At most 150 days can be shown at once.")))
        return cleaned

    @property
    def chosen(self) -> TimeRange:
        """Return what was asked for; the first of the presets, or the whole, where nothing was, or nothing sensible."""
        if self.is_bound and self.is_valid():
            ends_at = min(self.cleaned_data["to"], self.at)
            return TimeRange(name=CUSTOM, period=Period(starts_at=self.cleaned_data["from"], ends_at=ends_at))
        if self.whole and self.named in ("", WHOLE):
            return self.whole
        return self._preset(self.named or self.presets[0])

    @property
    def links(self) -> tuple[RangeLink, ...]:
        chosen = self.chosen.name
        return tuple(
            RangeLink(label=LABELS[name], query=f"?range={name}", is_current=name == chosen) for name in self.presets
        )

    def _preset(self, name: str) -> TimeRange:
        period = Period(starts_at=self.at - _LENGTHS[name], ends_at=self.at)
        return TimeRange(name=name, period=period, goes_on=True)


def _moment_field(label: "_StrPromise") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )


def _written(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
