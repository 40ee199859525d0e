"""The analytics app's socket addresses."""

from django.urls import path

from analytics.consumers import DashboardConsumer, StreamMetricsConsumer

websocket_urlpatterns = [
    path("ws/dashboard/", DashboardConsumer.as_asgi(), name="dashboard-socket"),
    path("ws/streams/<uuid:stream_id>/metrics/", StreamMetricsConsumer.as_asgi(), name="stream-metrics-socket"),
]
