"""The state of a movie in the words of those who run the catalogue."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from catalog.models import Movie
from catalog.states import MovieState, Phase, state_at

# So far ahead a weekday says enough.
_WEEKDAY_IS_CLEAR_DAYS = 6
# More codes than these would fill the column.
_MOST_NAMED = 5


def movie_link(movie: Movie | None) -> str:
    """Return a link to the page on which a movie is written about."""
    if movie is None:
        return "–"
    url = reverse("admin:catalog_movie_change", args=[movie.pk])
    return format_html('<a class="nova-link" href="{}">{}</a>', url, movie.title)


def state_of(movie: Movie, *, at: datetime) -> MovieState:
    """Return the state of a movie whose windows should have been prefetched."""
    return state_at(movie.visibility, movie.is_announced, movie.windows.all(), at=at)


def describe_state(state: MovieState, *, at: datetime) -> str:
    """Return "Published, leaves 3 Dec 20:00", or "Scheduled for Fri 20:00, only in LA, TH"."""
    if state.phase in {Phase.DRAFT, Phase.HIDDEN}:
        return str(Movie.Visibility(state.phase).label)
    places = _("only in %(places)s") % {"places": _listing(state.territories)} if state.territories else ""
    return ", ".join(part for part in (_headline(state, at), places) if part)


def describe_moment(moment: datetime, *, time_zone: str, at: datetime) -> str:
    """Return a moment as somebody in `time_zone` says it at `at`: "Fri 20:00", "3 Dec 20:00", "3 Dec 2027 20:00"."""
    zone = ZoneInfo(time_zone)
    local, today = moment.astimezone(zone), at.astimezone(zone)
    ahead = (local.date() - today.date()).days
    if 0 <= ahead <= _WEEKDAY_IS_CLEAR_DAYS:
        return date_format(local, "D H:i")
    return date_format(local, "j M H:i" if local.year == today.year else "j M Y H:i")


def _headline(state: MovieState, at: datetime) -> str:
    kind = _("Published") if state.is_listed else _("Unlisted")
    if state.phase is Phase.LEFT and state.ended_at is not None:
        day = _day(state.ended_at, state.time_zone, at)
        text = _("Left on %(day)s") if state.is_listed else _("Unlisted, left on %(day)s")
        return text % {"day": day}
    if state.changes_at is None:
        return kind
    moment = describe_moment(state.changes_at, time_zone=state.time_zone, at=at)
    if state.phase is Phase.AVAILABLE:
        return _("%(kind)s, leaves %(moment)s") % {"kind": kind, "moment": moment}
    if state.phase is Phase.ANNOUNCED:
        return _("Coming soon, %(moment)s") % {"moment": moment}
    text = _("Scheduled for %(moment)s") if state.is_listed else _("Unlisted, opens %(moment)s")
    return text % {"moment": moment}


def _day(moment: datetime, time_zone: str, at: datetime) -> str:
    zone = ZoneInfo(time_zone)
    local = moment.astimezone(zone)
    return date_format(local, "j M" if local.year == at.astimezone(zone).year else "j M Y")


def _listing(codes: tuple[str, ...]) -> str:
    if len(codes) <= _MOST_NAMED:
        return ", ".join(codes)
    return _("%(codes)s and %(more)d more") % {
        "codes": ", ".join(codes[:_MOST_NAMED]),
        "more": len(codes) - _MOST_NAMED,
    }
