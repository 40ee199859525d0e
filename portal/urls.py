"""The addresses of every app (composition root)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.api.views import unknown_address

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("catalog.urls")),
    path("", include("portal.page_urls")),
    path("", include("streaming.page_urls")),
    path("", include("analytics.privacy.urls")),
    path("", include("analytics.page_urls")),
    path("art/", include("catalog.artwork.urls")),
    path("accounts/", include("portal.accounts.urls")),
    path("admin/", include("portal.accounts.admin_urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("portal.api.urls")),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("streaming.api.urls")),
    path("api/v1/", include("analytics.api.urls")),
    path("api/v1/", include("analytics.privacy.api_urls")),
    # Below every other pattern of the API: it takes what they leave.
    path("api/<path:rest>", unknown_address),
]

handler400 = "portal.error_handlers.bad_request"
handler403 = "portal.error_handlers.permission_denied"
handler404 = "portal.error_handlers.page_not_found"
handler500 = "portal.error_handlers.server_error"
