"""The catalogue's socket addresses."""

from django.urls import path

from catalog.consumers import CatalogueConsumer, MovieConsumer

websocket_urlpatterns = [
    path("ws/catalogue/", CatalogueConsumer.as_asgi(), name="catalogue-socket"),
    path("ws/movies/<slug:slug>/", MovieConsumer.as_asgi(), name="movie-socket"),
]
