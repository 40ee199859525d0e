"""The addresses of the portal's own pages."""

from django.urls import path, re_path

from portal import views

app_name = "portal"
urlpatterns = [
    re_path(
        r"^art/covers/(?P<shape>poster|wide)/(?P<seed>[0-9a-f]{16})\.(?P<edition>[0-9a-f]{8})\.svg$",
        views.show_cover,
        name="cover",
    ),
    path("preferences/", views.change_preferences, name="preferences"),
    path("design/", views.show_gallery, name="gallery"),
    path("problems/", views.list_problem_types, name="problem-list"),
    path("problems/<slug:code>/", views.show_problem_type, name="problem-detail"),
]
