from django.urls import path

from analytics.api import movies, portal_audience, streams

app_name = "analytics-api"
urlpatterns = [
    path("audience/", portal_audience.PortalAudienceView.as_view(), name="audience"),
    path("audience.csv", portal_audience.PortalAudienceFileView.as_view(), name="audience-file"),
    path("streams/<uuid:stream_id>/metrics/", streams.StreamMetricsView.as_view(), name="stream-metrics"),
    path("streams/<uuid:stream_id>/metrics.csv", streams.StreamMetricsFileView.as_view(), name="stream-metrics-file"),
    path("streams/<uuid:stream_id>/viewers/", streams.StreamViewersView.as_view(), name="stream-viewers"),
    path("movies/<slug:slug>/audience/", movies.MovieAudienceView.as_view(), name="movie-audience"),
    path("movies/<slug:slug>/audience.csv", movies.MovieAudienceFileView.as_view(), name="movie-audience-file"),
    path("movies/<slug:slug>/retention/", movies.MovieRetentionView.as_view(), name="movie-retention"),
]
