"""Turn whatever a view raises into one of Nova's errors, and that into an answer."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import structlog
from django.core import exceptions as django_errors
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions as drf_errors

from portal import errors
from portal.api.pointers import field_errors
from portal.api.problems import problem_response
from portal.api.serializers import MOST_FAULTS
from portal.errors import PortalError
from portal.outages import as_outage

logger = structlog.get_logger(__name__)

_Translation = Callable[[Any], PortalError]

# The first class that fits decides: a subclass stands above its base.
_TRANSLATIONS: tuple[tuple[type[Exception], _Translation], ...] = (
    (
        drf_errors.ValidationError,
        lambda error: errors.InvalidInput(tuple(islice(field_errors(error.detail), MOST_FAULTS))),
    ),
    (drf_errors.ParseError, lambda error: errors.MalformedRequest(_sentence(error))),
    (drf_errors.NotAuthenticated, lambda error: errors.NotSignedIn()),
    (drf_errors.AuthenticationFailed, lambda error: errors.NotSignedIn(_sentence(error))),
    (drf_errors.PermissionDenied, lambda error: errors.NotAllowed(_sentence(error))),
    (drf_errors.NotFound, lambda error: errors.NotFound()),
    (drf_errors.MethodNotAllowed, lambda error: errors.MethodNotAllowed(_sentence(error))),
    (drf_errors.NotAcceptable, lambda error: errors.NotAcceptable(_sentence(error))),
    (drf_errors.UnsupportedMediaType, lambda error: errors.UnsupportedMediaType(_sentence(error))),
    (Http404, lambda error: errors.NotFound()),
    (django_errors.PermissionDenied, lambda error: errors.NotAllowed(str(error))),
    (django_errors.RequestDataTooBig, lambda error: errors.RequestTooLarge()),
    (django_errors.SuspiciousOperation, lambda error: errors.MalformedRequest()),
    (django_errors.BadRequest, lambda error: errors.MalformedRequest(str(error))),
    (UnreadablePostError, lambda error: errors.MalformedRequest()),
)


def answer_exception(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer for a DRF view that raised; this is DRF's EXCEPTION_HANDLER."""
    return answer_error(error, context["request"])


def answer_error(error: Exception, request: HttpRequest) -> HttpResponse:
    """Log the error and answer with its problem."""
    problem = as_portal_error(error)
    if problem is None:
        # Django's own signal of an unforeseen error: tracing listens to it, and so does the test client.
        logger.exception("api.internal_error", path=request.path)
        got_request_exception.send(sender=None, request=request)
        problem = errors.InternalError()
    else:
        logger.info("api.problem", code=problem.code, path=request.path, cause=repr(error))
    return problem_response(problem, request)


def as_portal_error(error: Exception) -> PortalError | None:
    """Return the anticipated error that `error` is or stands for, or None if nobody anticipated it."""
    if isinstance(error, PortalError):
        return error
    for kind, translate in _TRANSLATIONS:
        if isinstance(error, kind):
            return translate(error)
    return as_outage(error)


def _sentence(error: drf_errors.APIException) -> str:
    """Return an exception's text; simplejwt's exceptions keep it in a mapping."""
    detail: object = error.detail
    if isinstance(detail, Mapping):
        detail = detail.get("detail", "")
    return str(detail)
