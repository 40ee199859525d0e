"""Pages travel compressed where no edge does that."""

from collections.abc import Awaitable, Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages, and nothing else: the ETag of a compressed answer is a weak one, which no `If-Match` takes.

    Behind a trusted proxy it is not used: the edge has more cores for this than web. A page holds no secret beside what
    its visitor typed that does not differ each time (the CSRF token is masked), so its length tells nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        if settings.NOVA_HAS_TRUSTED_PROXY:
            raise MiddlewareNotUsed("the proxy compresses")
        super().__init__(get_response)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
