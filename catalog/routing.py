"""The catalogue's socket addresses."""

from django.urls import path

from catalog.consumers import MovieConsumer

websocket_urlpatterns = [
    path("ws/movies/<slug:slug>/", MovieConsumer.as_asgi(), name="movie-socket"),
]
