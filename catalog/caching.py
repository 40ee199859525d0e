"""How long what was read of the catalogue may be kept: never past the moment at which a window opens or closes."""

from django.http import HttpResponse

from catalog import groups
from catalog.models import AvailabilityWindow
from catalog.viewpoints import Viewpoint
from portal import events
from portal.outages import REDIS_OUTAGES

# An edit is seen after so long at most by those who keep an answer; pages that people look at are not kept at all.
_LONGEST_S = 60


def keep_until_edge(response: HttpResponse, viewpoint: Viewpoint) -> HttpResponse:
    """Let its receiver, and no shared cache, keep an answer for a minute, or until the next window edge."""
    edge = AvailabilityWindow.objects.holding_in(viewpoint.territory).next_edge(viewpoint.at)
    seconds = _LONGEST_S if edge is None else min(_LONGEST_S, int((edge - viewpoint.at).total_seconds()))
    response.headers["Cache-Control"] = "no-store" if viewpoint.is_preview else f"private, max-age={seconds}"
    return response


def catalogue_revision() -> int | None:
    """Return a number that every change of the catalogue makes greater; None while Redis does not answer.

    It is the number of the last event of the lists' socket. Read it before what it is to stand for.
    """
    try:
        return events.current_sequence(groups.CATALOGUE)
    except REDIS_OUTAGES:
        return None
