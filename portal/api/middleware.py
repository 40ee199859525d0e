"""Below /api/ every error is a problem document, whoever made it: a view, a middleware, or Django itself."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from portal import errors
from portal.api.exceptions import answer_error
from portal.api.problems import CONTENT_TYPE, problem_response
from portal.errors import PortalError

API_PREFIX = "/api/"

_BY_STATUS: dict[int, type[PortalError]] = {
    int(error.status): error
    for error in (
        errors.MalformedRequest,
        errors.NotSignedIn,
        errors.NotAllowed,
        errors.NotFound,
        errors.MethodNotAllowed,
        errors.RequestTooLarge,
        errors.InternalError,
    )
}


class ApiProblemMiddleware:
    """Answer errors of plain Django views as problems, and replace the HTML that Django makes of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if not request.path.startswith(API_PREFIX):
            return response
        if _is_page_of_error(response):
            response = problem_response(_BY_STATUS[response.status_code](), request)
        # Answers depend on who asks: no shared cache may keep one that does not say so itself.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path.startswith(API_PREFIX):
            return None
        return answer_error(exception, request)


def _is_page_of_error(response: HttpResponse) -> bool:
    content_type = response.headers.get("Content-Type", "")
    return (
        response.status_code >= HTTPStatus.BAD_REQUEST
        and response.status_code in _BY_STATUS
        and not content_type.startswith((CONTENT_TYPE, "application/json"))
    )
