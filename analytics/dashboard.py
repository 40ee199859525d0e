"""The first page of the admin (Unfold's DASHBOARD_CALLBACK)."""

from typing import Any

from django.http import HttpRequest

from analytics.queries import read_desk
from portal import clock


def add_desk(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the page what needs attention."""
    return {**context, "desk": read_desk(request.user, at=clock.now())}
