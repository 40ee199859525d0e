"""The addresses of the streaming app's pages."""

from django.urls import path

from streaming import live_views, views

app_name = "streaming"
urlpatterns = [
    path("embed/movies/<slug:slug>/", views.show_embed, name="embed"),
    path("live/", live_views.show_live, name="live"),
    path("live/<slug:slug>/", live_views.show_channel, name="channel"),
    path("oembed/", views.describe_embed, name="oembed"),
]
