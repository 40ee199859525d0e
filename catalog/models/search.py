"""What the search looks into: kept beside the catalogue, written in the transaction of each change, and expendable."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from catalog.models.movie import Movie
from catalog.models.people import Person
from catalog.models.taxonomy import Genre, Tag

_NAMED = ("movie", "person", "genre", "tag")


class SearchDocument(models.Model):
    """All words by which one movie is found: of its titles and people, genres, tags, tagline and synopsis."""

    movie = models.OneToOneField(Movie, on_delete=models.CASCADE, primary_key=True, related_name="search_document")
    vector = SearchVectorField(
        help_text="Weights: A title, B original title and people, C tagline and shelves, D synopsis."
    )
    title_keys = models.TextField(help_text="Its titles without spaces and articles, each between two spaces.")
    # Folded text has no case and no accents: its order by code points is that of a dictionary, on every server.
    sort_title = models.CharField(max_length=250, db_collation="C")

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["vector"], name="search_document_words"),
            models.Index(fields=["sort_title", "movie"], name="search_document_by_title"),
        ]

    def __str__(self) -> str:
        return self.sort_title


class SearchName(models.Model):
    """A name that is suggested while somebody types: of a movie, a person, a genre or a tag."""

    movie = models.OneToOneField(Movie, on_delete=models.CASCADE, null=True, related_name="search_name")
    person = models.OneToOneField(Person, on_delete=models.CASCADE, null=True, related_name="search_name")
    genre = models.OneToOneField(Genre, on_delete=models.CASCADE, null=True, related_name="search_name")
    tag = models.OneToOneField(Tag, on_delete=models.CASCADE, null=True, related_name="search_name")
    vector = SearchVectorField()
    keys = models.TextField(
        help_text="The name without spaces; of a movie also without its article, and in the original."
    )
    heat = models.FloatField(
        default=0,
        help_text="How often it was chosen, in half-lives: old choices fade without being rewritten.",
    )

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["vector"], name="search_name_words")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q.create(
                    [Q(**{f"{other}__isnull": other != name for other in _NAMED}) for name in _NAMED], connector=Q.OR
                ),
                name="search_name_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.keys.strip()


class SearchWord(models.Model):
    """A word of the catalogue's names, for which others may be misspellings."""

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")
    # A tsvector and no array: PostgreSQL knows that comparing those is dear, and takes the index.
    rests = SearchVectorField(help_text="What is left when some letters are dropped.")

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["rests"], name="search_word_rests")]

    def __str__(self) -> str:
        return self.word
