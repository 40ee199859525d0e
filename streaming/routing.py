"""The streaming app's socket addresses."""

from django.urls import path

from streaming.consumers import JobsConsumer

websocket_urlpatterns = [
    path("ws/jobs/", JobsConsumer.as_asgi(), name="jobs-socket"),
]
