"""OpenAPI: the description itself, and two ways to read it, both served from here."""

from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny


class SchemaView(SpectacularAPIView):
    """The OpenAPI description of this API, as YAML or, for `Accept: application/json`, as JSON."""

    permission_classes = (AllowAny,)


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI, with its script at an address of its own: no inline script for the content policy to allow."""

    permission_classes = (AllowAny,)
    template_name = "api/swagger_ui.html"
    url_name = "api:schema"


class RedocView(SpectacularRedocView):
    """Redoc, started by its element instead of by an inline script."""

    permission_classes = (AllowAny,)
    template_name = "api/redoc.html"
    url_name = "api:schema"
