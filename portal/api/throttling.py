"""Every call counts against a named limit: by account, or by network where nobody has signed in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from portal import rate_limits
from portal.accounts.addresses import client_network
from portal.models import User

if TYPE_CHECKING:
    # rest_framework.views imports this module for its defaults.
    from rest_framework.views import APIView


class ScopedThrottle(BaseThrottle):
    """Count the call in the view's `throttle_scope`, or in that which its `throttle_scopes` names for the method.

    Without either it counts in `api-read` or `api-write`.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Return True, or raise TooManyRequests."""
        rate_limits.check(_scope_of(request, view), *identity_of(request.user, request._request))
        return True


def _scope_of(request: Request, view: "APIView") -> str:
    by_method: Mapping[str | None, str] = getattr(view, "throttle_scopes", {})
    usual = "api-read" if request.method in SAFE_METHODS else "api-write"
    return getattr(view, "throttle_scope", None) or by_method.get(request.method, usual)


def identity_of(user: User | AnonymousUser, request: HttpRequest) -> tuple[str, str]:
    """Return whom a limit counts."""
    if user.is_authenticated:
        return "user", str(user.pk)
    return "network", client_network(request)
