"""Errors on pages: the same facts that the API answers as problems, as pages for people."""

from collections.abc import Callable

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from portal.api.middleware import API_PREFIX
from portal.errors import (
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    PortalError,
    ServiceUnavailable,
    TooManyRequests,
)
from portal.outages import as_outage
from portal.pages import ErrorPage
from portal.suggestions import suggestions_for
from portal.telemetry.correlation import current_request_id
from portal.waiting import wait_sentence

logger = structlog.get_logger(__name__)

# There is one template per status; rarer ones are told on that of their family.
_TEMPLATES = frozenset({400, 403, 404, 405, 429, 500, 503})


class ErrorPageMiddleware:
    """Answer an anticipated error with its page; what nobody anticipated goes on to Django's own handler."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            # No address of ours holds it, and PostgreSQL refuses to look for it.
            return error_response(request, NotFound())
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path.startswith(API_PREFIX):
            # Nor does any text: not every filter of the admin refuses it before PostgreSQL does. The API names it.
            return error_response(request, MalformedRequest())
        response = self._get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not request.path.startswith(API_PREFIX):
            # Django's own answer is an empty page.
            page = error_response(request, MethodNotAllowed())
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = exception if isinstance(exception, PortalError) else as_outage(exception)
        if error is None or request.path.startswith(API_PREFIX):
            return None
        logger.info("page.error", code=error.code, path=request.path, cause=repr(exception))
        if isinstance(error, NotSignedIn) and request.method in {"GET", "HEAD"}:
            return redirect_to_login(request.get_full_path())
        return error_response(request, error)


def error_response(request: HttpRequest, error: PortalError) -> HttpResponse:
    """Render the page of an error."""
    status = int(error.status)
    page = ErrorPage(
        status=status,
        title=error.title,
        detail=error.detail,
        advice=_advice(error),
        request_id=current_request_id(),
        shelves=suggestions_for(request) if isinstance(error, NotFound) else (),
    )
    template = f"errors/{status if status in _TEMPLATES else 400}.html"
    response = render(request, template, {"page": page}, status=status)
    response.headers["Cache-Control"] = "no-store"
    for name, value in error.headers().items():
        response.headers[name] = value
    return response


def _advice(error: PortalError) -> str:
    """Return how long to wait; where waiting does not help, the page has its own advice."""
    return wait_sentence(error.retry_after_s) if isinstance(error, TooManyRequests | ServiceUnavailable) else ""
