from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.show_home, name="home"),
    path("movies/", views.list_movies, name="movie-list"),
    path("movies/<slug:slug>/", views.show_movie, name="movie-detail"),
]
