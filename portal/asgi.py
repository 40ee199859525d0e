"""The web process: beacons to their own endpoint, all other HTTP to Django, sockets to Channels (composition root)."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.asgi_handler import make_django_application
from portal.telemetry.tracing import set_up_tracing

set_up_tracing("web")

# Before anything that imports models: this call loads the apps.
django_application = make_django_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from analytics.beacons.endpoint import build_endpoint
from analytics.beacons.membership import PATH as BEACONS
from portal.routing import websocket_urlpatterns
from portal.telemetry.asgi import Receive, Scope, Send, with_spans

take_beacon = build_endpoint()


async def answer_http(scope: Scope, receive: Receive, send: Send) -> None:
    # Its stubs know Django's handler by dictionaries alone.
    answer: Any = take_beacon if scope["path"] == BEACONS else django_application
    await answer(scope, receive, send)


application = with_spans(
    ProtocolTypeRouter(
        {
            "http": answer_http,
            "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        }
    )
)
