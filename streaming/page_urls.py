"""The addresses of the streaming app's pages."""

from django.urls import path, re_path

from catalog.artwork.urls import FILE_PATH
from streaming import live_views, studio_views, views

app_name = "streaming"
urlpatterns = [
    path("embed/movies/<slug:slug>/", views.show_embed, name="embed"),
    path("live/", live_views.show_live, name="live"),
    path("live/<slug:slug>/", live_views.show_channel, name="channel"),
    re_path(
        rf"^art/channels/(?P<channel_id>[1-9][0-9]{{0,17}})/{FILE_PATH}$",
        live_views.show_channel_picture,
        name="channel-picture",
    ),
    path("studio/", studio_views.show_studio, name="studio"),
    path("studio/<slug:slug>/", studio_views.StudioChannelView.as_view(), name="studio-channel"),
    path("studio/<slug:slug>/end/", studio_views.stop_stream, name="studio-end"),
    path("studio/<slug:slug>/picture/", studio_views.change_picture, name="studio-picture"),
    path("studio/<slug:slug>/keys/<int:key_id>/revoke/", studio_views.revoke_key, name="studio-key-revoke"),
    path("studio/<slug:slug>/plans/<uuid:plan_id>/call-off/", studio_views.call_off_plan, name="studio-plan-call-off"),
    path("studio/<slug:slug>/test/", studio_views.switch_test, name="studio-test"),
    path("oembed/", views.describe_embed, name="oembed"),
]
