"""What the pages of the catalogue show: one frozen dataclass per template, complete before rendering begins."""

from catalog.pages.cards import MovieCard, format_runtime, genre_names
from catalog.pages.following import Following, follow_catalogue
from catalog.pages.genre import GenrePage, genre_page
from catalog.pages.home import HomePage, Programme, home_page, read_programme
from catalog.pages.movie import MoviePage, movie_page, movie_page_for_viewers, with_viewers
from catalog.pages.movie_list import MovieListPage, movie_list_page
from catalog.pages.person import PersonPage, person_page
from catalog.pages.playing import Playing, playing_of
from catalog.pages.preview import AbsentMoviePage, Preview, absent_movie_page, preview_of

__all__ = [
    "AbsentMoviePage",
    "Following",
    "GenrePage",
    "HomePage",
    "MovieCard",
    "MovieListPage",
    "MoviePage",
    "PersonPage",
    "Playing",
    "Preview",
    "Programme",
    "absent_movie_page",
    "follow_catalogue",
    "format_runtime",
    "genre_names",
    "genre_page",
    "home_page",
    "movie_list_page",
    "movie_page",
    "movie_page_for_viewers",
    "person_page",
    "playing_of",
    "preview_of",
    "read_programme",
    "with_viewers",
]
