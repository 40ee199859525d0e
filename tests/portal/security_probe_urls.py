"""Nova's addresses, and a page that fails after it took its nonce."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.urls import urlpatterns as portals


def styled(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<style nonce='{request.csp_nonce}'></style>")  # type: ignore[attr-defined]


def crash(request: HttpRequest) -> HttpResponse:
    raise ValueError("seen by nobody outside")


urlpatterns = [path("probe/styled/", styled), path("probe/crash/", crash), *portals]
