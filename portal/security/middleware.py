"""The headers that Django's own middleware does not set."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """Sends the content policy that belongs to the address, and keeps other sites from embedding what we serve.

    A page gets its nonce as `request.csp_nonce`. A view that decorates itself with a policy of its own keeps it.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only:
            parts.config = _policy_for(request.path_info)
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return super().process_response(request, response)


def _policy_for(path: str) -> dict[str, object]:
    prefixes = [prefix for prefix in settings.NOVA_CONTENT_POLICIES if path.startswith(prefix)]
    if not prefixes:
        return dict(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
    return dict(settings.NOVA_CONTENT_POLICIES[max(prefixes, key=len)])
