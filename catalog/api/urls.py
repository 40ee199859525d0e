from django.urls import path

from catalog.api import views

app_name = "catalog-api"
urlpatterns = [
    path("movies/", views.MovieListView.as_view(), name="movie-list"),
    path("movies/<slug:slug>/", views.MovieView.as_view(), name="movie-detail"),
    path("movies/<slug:slug>/visibility/", views.MovieVisibilityView.as_view(), name="movie-visibility"),
    path("genres/", views.GenreListView.as_view(), name="genre-list"),
]
