from django.urls import path, re_path

from catalog.api import artwork, captions, suggestions, views

_CAPTION = "movies/<slug:slug>/captions/<int:caption_id>/"

app_name = "catalog-api"
urlpatterns = [
    path("movies/", views.MovieListView.as_view(), name="movie-list"),
    path("movies/<slug:slug>/", views.MovieView.as_view(), name="movie-detail"),
    path("movies/<slug:slug>/visibility/", views.MovieVisibilityView.as_view(), name="movie-visibility"),
    re_path(
        r"^movies/(?P<slug>[-a-zA-Z0-9_]+)/artwork/(?P<kind>poster|backdrop)/$",
        artwork.ArtworkView.as_view(),
        name="artwork",
    ),
    path("movies/<slug:slug>/captions/", captions.CaptionListView.as_view(), name="caption-list"),
    path(_CAPTION, captions.CaptionView.as_view(), name="caption-detail"),
    path(f"{_CAPTION}corrections/", captions.CaptionCorrectionView.as_view(), name="caption-correction"),
    path(f"{_CAPTION}webvtt/", captions.CaptionTextView.as_view(), name="caption-text"),
    path("suggestions/", suggestions.SuggestionListView.as_view(), name="suggestion-list"),
    path("suggestions/choices/", suggestions.SuggestionChoiceView.as_view(), name="suggestion-choice"),
    path("genres/", views.GenreListView.as_view(), name="genre-list"),
]
