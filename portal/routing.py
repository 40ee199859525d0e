"""The socket addresses of every app (composition root)."""

from channels.routing import URLRouter
from django.urls import URLPattern, URLResolver, re_path

from analytics.routing import websocket_urlpatterns as analytics_sockets
from catalog.routing import websocket_urlpatterns as catalog_sockets
from portal.consumers import UnknownSocketConsumer
from streaming.routing import websocket_urlpatterns as streaming_sockets

websocket_urlpatterns: list[URLPattern | URLResolver | URLRouter] = [
    *catalog_sockets,
    *streaming_sockets,
    *analytics_sockets,
    # The last one: whatever is none of the above.
    re_path(r"", UnknownSocketConsumer.as_asgi()),
]
