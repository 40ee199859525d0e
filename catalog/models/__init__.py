from catalog.models.artwork import Artwork, UnclaimedFile
from catalog.models.availability import AvailabilityWindow
from catalog.models.caption import Caption, CaptionQuerySet
from catalog.models.movie import Movie, MovieSlug
from catalog.models.people import Credit, Person
from catalog.models.queryset import MovieQuerySet
from catalog.models.search import SearchDocument, SearchName, SearchWord
from catalog.models.taxonomy import Genre, Tag
from catalog.models.upload import Upload

__all__ = [
    "Artwork",
    "AvailabilityWindow",
    "Caption",
    "CaptionQuerySet",
    "Credit",
    "Genre",
    "Movie",
    "MovieQuerySet",
    "MovieSlug",
    "Person",
    "SearchDocument",
    "SearchName",
    "SearchWord",
    "Tag",
    "UnclaimedFile",
    "Upload",
]
