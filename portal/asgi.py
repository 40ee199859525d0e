"""The web process: HTTP to Django, sockets to Channels."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.asgi_handler import make_django_application
from portal.telemetry.tracing import set_up_tracing

set_up_tracing("web")

# Before anything that imports models: this call loads the apps.
django_application = make_django_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from portal.routing import websocket_urlpatterns
from portal.telemetry.asgi import with_spans

application = with_spans(
    ProtocolTypeRouter(
        {
            "http": django_application,
            "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        }
    )
)
