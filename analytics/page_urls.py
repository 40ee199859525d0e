"""The addresses of the pages of figures."""

from django.urls import path

from analytics import views

app_name = "analytics"
urlpatterns = [
    path("dashboard/", views.show_dashboard, name="dashboard"),
    path("dashboard/definitions/", views.show_definitions, name="definitions"),
    path("dashboard/movies/<slug:slug>/", views.show_movie, name="movie"),
    path("dashboard/streams/<uuid:stream_id>/", views.show_stream, name="stream"),
]
