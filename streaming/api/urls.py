from django.urls import path

from streaming.api import (
    channels,
    jobs,
    packages,
    playback,
    quality_levels,
    stream_health,
    stream_keys,
    stream_plans,
    streams,
)

app_name = "streaming-api"
urlpatterns = [
    path("channels/", channels.ChannelListView.as_view(), name="channel-list"),
    path("channels/<slug:slug>/", channels.ChannelView.as_view(), name="channel-detail"),
    path("channels/<slug:slug>/stream-keys/", stream_keys.StreamKeyListView.as_view(), name="stream-key-list"),
    path(
        "channels/<slug:slug>/stream-keys/<int:key_id>/", stream_keys.StreamKeyView.as_view(), name="stream-key-detail"
    ),
    path(
        "channels/<slug:slug>/stream-keys/<int:key_id>/rotate/",
        stream_keys.StreamKeyRotateView.as_view(),
        name="stream-key-rotate",
    ),
    path("streams/", streams.StreamListView.as_view(), name="stream-list"),
    path("streams/planned/", stream_plans.StreamPlanListView.as_view(), name="stream-plan-list"),
    path("streams/planned/<uuid:plan_id>/", stream_plans.StreamPlanView.as_view(), name="stream-plan-detail"),
    path("streams/<uuid:stream_id>/", streams.StreamView.as_view(), name="stream-detail"),
    path("streams/<uuid:stream_id>/end/", streams.StreamEndView.as_view(), name="stream-end"),
    path("streams/<uuid:stream_id>/health/", stream_health.StreamHealthView.as_view(), name="stream-health"),
    path("streams/<uuid:stream_id>/playback/", streams.StreamPlaybackView.as_view(), name="stream-playback"),
    path("packages/", packages.PackageListView.as_view(), name="package-list"),
    path("packages/<uuid:package_id>/", packages.PackageView.as_view(), name="package-detail"),
    path("jobs/", jobs.JobListView.as_view(), name="job-list"),
    path("jobs/<uuid:job_id>/", jobs.JobView.as_view(), name="job-detail"),
    path("jobs/<uuid:job_id>/cancel/", jobs.JobCancelView.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", jobs.JobRetryView.as_view(), name="job-retry"),
    path("movies/<slug:slug>/playback/", playback.PlaybackView.as_view(), name="playback"),
    path("movies/<slug:slug>/position/", playback.PositionView.as_view(), name="position"),
    path("playback-reports/", playback.PlaybackReportView.as_view(), name="playback-report"),
    path("playback-sessions/<uuid:session_id>/", playback.PlaybackSessionView.as_view(), name="playback-session"),
    path("quality-levels/", quality_levels.QualityLevelListView.as_view(), name="quality-level-list"),
    path("quality-levels/<int:level_id>/", quality_levels.QualityLevelView.as_view(), name="quality-level-detail"),
]
