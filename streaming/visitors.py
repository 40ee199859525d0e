"""Who watches, as far as figures may know it.

Somebody who has not signed in is known by a number that the browser keeps for a day. Nobody is known who does not want
to be, and no address is looked at for it.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from catalog.viewpoints import Viewpoint
from portal.models import User
from portal.preferences import VIEWER_COOKIE, may_be_counted_as_one
from streaming.devices import device_of

_FORM: Final = re.compile(r"[0-9a-f]{32}")
_ONE_DAY_S: Final = 24 * 3600
# Where a request carries the number that its answer is to leave in the browser.
_NEW: Final = "nova.new_viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is about to watch.

    Attributes:
        user_id: None where nobody has signed in, or that is not to be known.
        browser_id: 32 hexadecimal digits, of those who have not signed in; "" where it is not to be known.
        is_new: whether the browser has that number still to be given.
        device: phone, tablet, desktop, tv, or "". territory: as in Viewpoint.
    """

    user_id: int | None = None
    browser_id: str = ""
    is_new: bool = False
    device: str = ""
    territory: str | None = None


def visitor_of(request: HttpRequest, user: User | AnonymousUser, viewpoint: Viewpoint) -> Visitor:
    """Return who makes a request; `user` is who has signed in for it, be it by a token."""
    device = device_of(request.headers.get("User-Agent", ""))
    if not may_be_counted_as_one(request):
        return Visitor(device=device, territory=viewpoint.territory)
    if user.is_authenticated:
        return Visitor(user_id=user.pk, device=device, territory=viewpoint.territory)
    kept = request.COOKIES.get(VIEWER_COOKIE, "")
    is_new = _FORM.fullmatch(kept) is None
    return Visitor(
        browser_id=secrets.token_hex(16) if is_new else kept,
        is_new=is_new,
        device=device,
        territory=viewpoint.territory,
    )


def know_again(request: HttpRequest, visitor: Visitor) -> None:
    """Have the answer leave the visitor's number in the browser; called when a session has begun."""
    if visitor.is_new:
        request.META[_NEW] = visitor.browser_id


class VisitorMiddleware:
    """Leaves the number in the browser of whom a session has begun for. It is never renewed: a day is all it lives."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if number := request.META.get(_NEW):
            response.set_cookie(
                VIEWER_COOKIE,
                number,
                max_age=_ONE_DAY_S,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
        return response
