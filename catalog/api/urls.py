from django.urls import path, re_path

from catalog.api import (
    artwork,
    availability,
    captions,
    credits,
    genres,
    movies,
    people,
    suggestions,
    tags,
    uploads,
)

_CAPTION = "movies/<slug:slug>/captions/<int:caption_id>/"

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

app_name = "catalog-api"
urlpatterns = [
    path("movies/", movies.MovieListView.as_view(), name="movie-list"),
    path("movies/<slug:slug>/", movies.MovieView.as_view(), name="movie-detail"),
    path("movies/<slug:slug>/visibility/", movies.MovieVisibilityView.as_view(), name="movie-visibility"),
    path("movies/<slug:slug>/availability/", availability.AvailabilityView.as_view(), name="movie-availability"),
    path("movies/<slug:slug>/credits/", credits.CreditsView.as_view(), name="movie-credits"),
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
    # tus clients leave the final slash away.
    re_path(r"^uploads/?$", uploads.UploadListView.as_view(), name="upload-list"),
    re_path(rf"^uploads/(?P<upload_id>{_UUID})/?$", uploads.UploadView.as_view(), name="upload-detail"),
    path("genres/", genres.GenreListView.as_view(), name="genre-list"),
    path("genres/<slug:slug>/", genres.GenreView.as_view(), name="genre-detail"),
    path("tags/", tags.TagListView.as_view(), name="tag-list"),
    path("tags/<slug:slug>/", tags.TagView.as_view(), name="tag-detail"),
    path("tags/<slug:slug>/merge/", tags.TagMergerView.as_view(), name="tag-merger"),
    path("people/", people.PersonListView.as_view(), name="person-list"),
    path("people/<slug:slug>/", people.PersonView.as_view(), name="person-detail"),
]
