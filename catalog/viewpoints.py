"""From when and where somebody looks at the catalogue: what every read of it takes.

Whether a movie can be seen is computed from a viewpoint, each time, and stored nowhere: there is no flag that a job
has to flip when a window opens or closes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _

from catalog.windows import EARLIEST, LATEST
from portal import clock
from portal.errors import MalformedRequest, NotAllowed
from portal.models import User

TERRITORY_PATTERN = r"^[A-Z]{2}$"
_PREVIEW = "at"
_PREVIEW_TERRITORY = "territory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """A moment and a place. `territory` is an ISO 3166-1 alpha-2 code; None if the edge does not tell.

    `is_preview` is set when somebody who runs the catalogue looks as a viewer would: they see no more than viewers do.
    """

    at: datetime
    territory: str | None = None
    is_preview: bool = False


def viewpoint_of(request: HttpRequest) -> Viewpoint:
    """Return the viewpoint of a request: now, where the trusted edge says that it comes from.

    `?at=` (ISO 8601, in the portal's time zone if it names none) and `?territory=` move those who run the catalogue to
    another one. Raises NotAllowed, MalformedRequest.
    """
    moment, territory = request.GET.get(_PREVIEW), request.GET.get(_PREVIEW_TERRITORY)
    here = _territory_in(request.headers.get)
    if not asks_for_preview(request):
        return Viewpoint(at=clock.now(), territory=here)
    _require_may_preview(request.user)
    at = _parse_moment(moment) if moment else clock.now()
    return Viewpoint(at=at, territory=_parse_territory(territory) or here, is_preview=True)


def asks_for_preview(request: HttpRequest) -> bool:
    """Tell whether an address wants another moment or place, whoever asks for it."""
    return any(request.GET.get(name) for name in (_PREVIEW, _PREVIEW_TERRITORY))


def viewpoint_of_scope(scope: Mapping[str, object]) -> Viewpoint:
    """Return the viewpoint of a socket, at this moment."""

    def header(name: str) -> str | None:
        # Looked for only where there is one to trust: thousands of sockets are told of each viewer of a film.
        headers = {key.lower(): value for key, value in scope["headers"]}  # type: ignore[attr-defined]
        found = headers.get(name.lower().encode("latin-1"))
        return None if found is None else found.decode("latin-1")

    return Viewpoint(at=clock.now(), territory=_territory_in(header))


def _territory_in(header: Callable[[str], str | None]) -> str | None:
    """Return what the trusted edge says; anything but two letters, and "XX", means that it does not know."""
    if not settings.NOVA_TERRITORY_HEADER:
        return None
    claimed = (header(settings.NOVA_TERRITORY_HEADER) or "").strip().upper()
    return claimed if re.match(TERRITORY_PATTERN, claimed) and claimed != "XX" else None


def _require_may_preview(user: User | AnonymousUser) -> None:
    if not user.has_perm("catalog.view_movie"):
        raise NotAllowed(_("Only those who run the catalogue may look at another moment."))


def _parse_moment(text: str) -> datetime:
    try:
        # A plus that was not escaped arrives as a space.
        moment = parse_datetime(text.strip().replace(" ", "+") if "T" in text else text.strip())
    except ValueError:
        moment = None
    moment = make_aware(moment) if moment and is_naive(moment) else moment
    if moment is None or not EARLIEST <= moment < LATEST:
        raise MalformedRequest(_("“at” takes a moment such as 2026-12-24T20:00."))
    return moment


def _parse_territory(text: str | None) -> str | None:
    if not text:
        return None
    if not re.match(TERRITORY_PATTERN, text):
        raise MalformedRequest(_("“territory” takes a code of two capital letters, such as TH."))
    return text
