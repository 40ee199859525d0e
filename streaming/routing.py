"""The streaming app's socket addresses."""

from django.urls import path

from streaming.consumers import JobsConsumer
from streaming.live_consumers import ChannelConsumer, LiveListConsumer, StreamConsumer

websocket_urlpatterns = [
    path("ws/jobs/", JobsConsumer.as_asgi(), name="jobs-socket"),
    path("ws/live/", LiveListConsumer.as_asgi(), name="live-socket"),
    path("ws/channels/<slug:slug>/", ChannelConsumer.as_asgi(), name="channel-socket"),
    path("ws/streams/<uuid:stream_id>/", StreamConsumer.as_asgi(), name="stream-socket"),
]
