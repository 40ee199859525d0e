"""What a query for figures may say: of which time, and how finely."""

from datetime import UTC, date, datetime
from typing import Literal, NoReturn

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from analytics.reading.periods import Days, Period, Resolution
from catalog.windows import EARLIEST, LATEST
from portal.errors import MalformedRequest

AUTO = "auto"
MOST_DAYS = 366

_FROM, _TO, _RESOLUTION = "from", "to", "resolution"
PERIOD_NAMES = (_FROM, _TO, _RESOLUTION)
DAYS_NAMES = (_FROM, _TO)
PERIOD = [
    OpenApiParameter(_FROM, datetime, description="A moment of RFC 3339, with its offset."),
    OpenApiParameter(_TO, datetime, description="The same; not of the period any more."),
    OpenApiParameter(
        _RESOLUTION,
        str,
        enum=[AUTO, *Resolution],
        description="`auto`, as if absent: seconds up to an hour, minutes up to two days, hours beyond.",
    ),
]
DAYS = [
    OpenApiParameter(_FROM, date, description="The first day (UTC); 30 days if absent."),
    OpenApiParameter(
        _TO, date, description=f"The last day, which is included; {MOST_DAYS} days at most. Today if absent."
    ),
]

_Fault = Literal["invalid", "not_before_end", "too_long"]


def read_period(request: Request, usual: Period) -> Period:
    """Return what `from` and `to` say; where one is absent, `usual` does. Raises MalformedRequest."""
    starts_at, ends_at = _moment(request, _FROM), _moment(request, _TO)
    end = ends_at or usual.ends_at
    start = starts_at or (usual.starts_at if ends_at is None else max(end - usual.length, EARLIEST))
    if start >= end:
        refuse(_FROM, "not_before_end", _("The period ends before it begins."))
    return Period(starts_at=start, ends_at=end)


def read_days(request: Request, usual: Days) -> Days:
    """Return the days from `from` to `to`. Raises MalformedRequest."""
    last = _day(request, _TO) or usual.last
    first = _day(request, _FROM) or last - (usual.last - usual.first)
    days = Days(first=first, last=last)
    if days.count < 1:
        refuse(_FROM, "not_before_end", _("The period ends before it begins."))
    if days.count > MOST_DAYS:
        refuse(_FROM, "too_long", _("At most %(most)d days are answered at once.") % {"most": MOST_DAYS})
    return days


def read_resolution(request: Request) -> Resolution | None:
    """Return the one that was asked for; None stands for the best. Raises MalformedRequest."""
    text = request.query_params.get(_RESOLUTION, AUTO)
    if text == AUTO:
        return None
    try:
        return Resolution(text)
    except ValueError:
        refuse(_RESOLUTION, "invalid", _("“resolution” takes auto, 1s, 1m or 1h."))


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        # A plus that was not escaped arrives as a space.
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or is_naive(moment) or not EARLIEST <= moment < LATEST:
        refuse(name, "invalid", _("This takes a moment with its offset, such as 2026-12-24T20:00:00Z."))
    return moment.astimezone(UTC)


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST.date() <= day < LATEST.date():
        refuse(name, "invalid", _("This takes a day, such as 2026-12-24."))
    return day


def refuse(name: str, code: _Fault, detail: str | Promise) -> NoReturn:
    """Raise MalformedRequest for one parameter."""
    fault = {"parameter": name, "code": code, "detail": str(detail)}
    raise MalformedRequest(_("Some parameters of the query cannot be used."), errors=[fault])
