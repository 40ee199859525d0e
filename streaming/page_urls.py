"""The addresses of the streaming app's pages."""

from django.urls import path

from streaming import views

app_name = "streaming"
urlpatterns = [
    path("embed/movies/<slug:slug>/", views.show_embed, name="embed"),
    path("oembed/", views.describe_embed, name="oembed"),
]
