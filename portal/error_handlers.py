"""Django's own errors as pages: `handler400` to `handler500`, and forms whose safety token is missing or old.

The pages for 400, 500 and 503 extend a base that asks nothing of database, session or signed-in user: one of these
may be what is broken.
"""

from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal import errors
from portal.context_processors import SITE_NAME
from portal.errors import PortalError
from portal.pages import ErrorPage
from portal.preferences import theme_of
from portal.suggestions import suggestions_for

logger = structlog.get_logger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare_page(request, errors.MalformedRequest)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _full_page(request, errors.NotAllowed)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _full_page(request, errors.NotFound)


def server_error(request: HttpRequest) -> HttpResponse:
    return _bare_page(request, errors.InternalError)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not fit (CSRF_FAILURE_VIEW)."""
    logger.info("page.csrf_refused", path=request.path, reason=reason)
    return _full_page(request, errors.NotAllowed)


def _full_page(request: HttpRequest, error: type[PortalError]) -> HttpResponse:
    return _page(request, error, {}, with_context=True)


def _bare_page(request: HttpRequest, error: type[PortalError]) -> HttpResponse:
    return _page(request, error, {"site_name": SITE_NAME, "theme": theme_of(request)}, with_context=False)


def _page(
    request: HttpRequest, error: type[PortalError], context: dict[str, Any], *, with_context: bool
) -> HttpResponse:
    status = int(error.status)
    page = ErrorPage(
        status=status,
        title=error.title,
        request_id=request.META.get("HTTP_X_REQUEST_ID", ""),
        shelves=suggestions_for(request) if error is errors.NotFound else (),
    )
    text = render_to_string(
        f"errors/{status}.html",
        {"page": page, **context},
        request=request if with_context else None,
    )
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})
