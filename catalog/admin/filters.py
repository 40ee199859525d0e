"""What the list of movies can be narrowed down to."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from catalog.models import AvailabilityWindow, Movie
from catalog.models.queryset import LEAVING_SOON
from portal import clock

_SEEN = Q(visibility__in=("PUBLISHED", "UNLISTED"))


class StateFilter(DropdownFilter):  # type: ignore[misc]  # Unfold has no types
    """Where a movie stands now, in any territory: as the column says it."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str | Promise]]:
        return [(value, label) for value, (label, _condition) in _STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Movie]) -> QuerySet[Movie]:
        chosen = _STATES.get(self.value() or "")
        return queryset.filter(chosen[1](clock.now())) if chosen else queryset


class MissingFilter(DropdownFilter):  # type: ignore[misc]  # Unfold has no types
    """What viewers would miss on the movie's page."""

    title = _("what is missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str | Promise]]:
        return [
            ("synopsis", _("Synopsis")),
            ("genres", _("Genres")),
            ("runtime", _("Running time")),
            ("poster", _("Poster")),
            ("captions", _("Captions")),
            ("people", _("People")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Movie]) -> QuerySet[Movie]:
        what = self.value()
        return queryset.filter(pk__in=Movie.objects.missing(what)) if what else queryset


def _windows(**conditions: Any) -> QuerySet[AvailabilityWindow]:
    return AvailabilityWindow.objects.filter(movie=OuterRef("pk"), **conditions)


def _open(at: datetime) -> QuerySet[AvailabilityWindow]:
    return _windows(starts_at__lte=at).filter(Q(ends_at=None) | Q(ends_at__gt=at))


def _is_available(at: datetime) -> Q:
    return Q(Exists(_open(at))) | Q(~Exists(_windows()))


def _is_scheduled(at: datetime) -> Q:
    return _SEEN & Q(~Exists(_open(at))) & Q(Exists(_windows(starts_at__gt=at)))


def _is_leaving(at: datetime) -> Q:
    followed = AvailabilityWindow.objects.filter(movie=OuterRef("movie"), starts_at=OuterRef("ends_at"))
    closing = _open(at).filter(~Exists(followed), ends_at__lte=at + LEAVING_SOON)
    return _SEEN & Q(Exists(closing))


def _has_left(at: datetime) -> Q:
    still = _windows().filter(Q(ends_at=None) | Q(ends_at__gt=at))
    return _SEEN & Q(Exists(_windows())) & Q(~Exists(still))


def _is_limited(at: datetime) -> Q:
    return _SEEN & Q(Exists(_open(at))) & Q(~Exists(_open(at).filter(territories=[])))


_STATES: Mapping[str, tuple[str | Promise, Callable[[datetime], Q]]] = {
    "draft": (_("Draft"), lambda at: Q(visibility="DRAFT")),
    "hidden": (_("Hidden"), lambda at: Q(visibility="HIDDEN")),
    "unlisted": (_("Unlisted"), lambda at: Q(visibility="UNLISTED")),
    "available": (_("Published, can be seen now"), lambda at: Q(visibility="PUBLISHED") & _is_available(at)),
    "limited": (_("Only in some territories"), _is_limited),
    "scheduled": (_("Scheduled"), _is_scheduled),
    "announced": (_("Coming soon"), lambda at: _is_scheduled(at) & Q(is_announced=True, visibility="PUBLISHED")),
    "leaving": (_("Leaving within two weeks"), _is_leaving),
    "left": (_("Left"), _has_left),
}
