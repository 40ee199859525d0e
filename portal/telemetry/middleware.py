"""Give every request its correlation id, before anything logs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.telemetry.correlation import HEADER, accept_request_id


class RequestIdMiddleware:
    """Take the client's X-Request-ID if its form is acceptable, make one otherwise, and send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = accept_request_id(request.headers.get(HEADER))
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self._get_response(request)
        response.headers[HEADER] = request_id
        return response
