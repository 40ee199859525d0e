"""Every call counts against a named limit: by account, or by network where nobody has signed in."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from portal import rate_limits
from portal.accounts.addresses import client_network

if TYPE_CHECKING:
    # rest_framework.views imports this module for its defaults.
    from rest_framework.views import APIView


class ScopedThrottle(BaseThrottle):
    """Count the call in the view's `throttle_scope`, or in `api-read` or `api-write` by its method."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Return True, or raise TooManyRequests."""
        scope = getattr(view, "throttle_scope", None) or ("api-read" if request.method in SAFE_METHODS else "api-write")
        rate_limits.check(scope, *identity_of(request))
        return True


def identity_of(request: Request) -> tuple[str, str]:
    """Return whom a limit counts."""
    if request.user.is_authenticated:
        return "user", str(request.user.pk)
    return "network", client_network(request._request)
