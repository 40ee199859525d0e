"""How long what was read of the catalogue may be kept: never past the moment at which a window opens or closes."""

from django.http import HttpResponse

from catalog.models import AvailabilityWindow
from catalog.viewpoints import Viewpoint

# An edit is seen after so long at most by those who keep an answer; pages that people look at are not kept at all.
_LONGEST_S = 60


def keep_until_edge(response: HttpResponse, viewpoint: Viewpoint) -> HttpResponse:
    """Let its receiver, and no shared cache, keep an answer for a minute, or until the next window edge."""
    edge = AvailabilityWindow.objects.holding_in(viewpoint.territory).next_edge(viewpoint.at)
    seconds = _LONGEST_S if edge is None else min(_LONGEST_S, int((edge - viewpoint.at).total_seconds()))
    response.headers["Cache-Control"] = "no-store" if viewpoint.is_preview else f"private, max-age={seconds}"
    return response
