"""The addresses of the portal's own pages."""

from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("preferences/", views.change_preferences, name="preferences"),
    path("design/", views.show_gallery, name="gallery"),
    path("problems/", views.list_problem_types, name="problem-list"),
    path("problems/<slug:code>/", views.show_problem_type, name="problem-detail"),
]
