"""Keeps what the search looks into. The services that change the catalogue call it in their own transaction."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from catalog.models import Credit, Genre, Movie, Person, SearchDocument, SearchName, SearchWord, Tag
from catalog.search.documents import MovieTexts, name_vector
from catalog.search.spelling import stored_rests
from catalog.search.tokens import title_keys
from catalog.search.vectors import unplaced_vector, words_of

# So many are read, and written with one statement, at a time.
_BATCH = 500


def index_movies(movie_ids: Iterable[int]) -> None:
    """Make these movies found by what they say now."""
    ids = sorted(movie_ids)
    for first in range(0, len(ids), _BATCH):
        _index_movies(Movie.objects.filter(pk__in=ids[first : first + _BATCH]))


def index_people(people: Iterable[Person]) -> None:
    """Make people suggested by their names. Their films have documents of their own, which name them."""
    _index_people(people)


def index_genres(genres: Iterable[Genre]) -> None:
    _index_genres(genres)


def index_tags(tags: Iterable[Tag]) -> None:
    _index_tags(tags)


def rebuild() -> None:
    """Write everything anew, and forget words that nothing is called by any more. How often names were chosen stays."""
    before = set(SearchWord.objects.values_list("word", flat=True))
    learnt: set[str] = set()
    for movies in _batches(Movie.objects.all()):
        learnt |= _index_movies(movies)
    for people in _batches(Person.objects.all()):
        learnt |= _index_people(people)
    for genres in _batches(Genre.objects.all()):
        learnt |= _index_genres(genres)
    for tags in _batches(Tag.objects.all()):
        learnt |= _index_tags(tags)
    SearchWord.objects.filter(word__in=before - learnt).delete()


def _index_people(people: Iterable[Person]) -> set[str]:
    return _index_names("person", people, lambda person: (person.name, person.original_name))


def _index_genres(genres: Iterable[Genre]) -> set[str]:
    return _index_names("genre", genres, lambda genre: (genre.name,))


def _index_tags(tags: Iterable[Tag]) -> set[str]:
    return _index_names("tag", tags, lambda tag: (tag.name,))


def _index_movies(movies: "QuerySet[Movie]") -> set[str]:
    named = Prefetch("credits", Credit.objects.select_related("person"))
    read = {movie.pk: _texts_of(movie) for movie in movies.prefetch_related("genres", "tags", named)}
    documents = [
        SearchDocument(movie_id=pk, vector=texts.vector(), title_keys=texts.title_keys, sort_title=texts.sort_title)
        for pk, texts in read.items()
    ]
    SearchDocument.objects.bulk_create(
        documents,
        update_conflicts=True,
        unique_fields=["movie"],
        update_fields=["vector", "title_keys", "sort_title"],
    )
    names = [
        SearchName(movie_id=pk, vector=name_vector(*texts.titles), keys=texts.title_keys) for pk, texts in read.items()
    ]
    _save_names("movie", names)
    return _learn_words(name for texts in read.values() for name in texts.names())


def _index_names(kind: str, subjects: Iterable[Any], names_of: Callable[[Any], tuple[str, ...]]) -> set[str]:
    read = {subject.pk: tuple(name for name in names_of(subject) if name) for subject in subjects}
    names = [
        SearchName(**{f"{kind}_id": pk}, vector=name_vector(*texts), keys=title_keys(*texts))
        for pk, texts in read.items()
    ]
    _save_names(kind, names)
    return _learn_words(name for texts in read.values() for name in texts)


def _save_names(kind: str, names: list[SearchName]) -> None:
    SearchName.objects.bulk_create(names, update_conflicts=True, unique_fields=[kind], update_fields=["vector", "keys"])


def _learn_words(texts: Iterable[str]) -> set[str]:
    """Add the words that are new, and return all that there are in `texts`."""
    rests = {word: stored_rests(word) for word in words_of(texts)}
    wanted = {word for word, found in rests.items() if found}
    known = set(SearchWord.objects.filter(word__in=wanted).values_list("word", flat=True))
    # In one order, so that two who learn the same words at the same moment wait for each other only one way.
    new = [SearchWord(word=word, rests=unplaced_vector(rests[word])) for word in sorted(wanted - known)]
    SearchWord.objects.bulk_create(new, ignore_conflicts=True)
    return wanted


def _texts_of(movie: Movie) -> MovieTexts:
    lines = sorted(movie.credits.all(), key=lambda credit: credit.billing)
    people = {line.person_id: line.person for line in lines}.values()
    return MovieTexts(
        title=movie.title,
        original_title=movie.original_title,
        tagline=movie.tagline,
        synopsis=movie.synopsis,
        year=movie.year,
        people=[name for person in people for name in (person.name, person.original_name) if name],
        characters=sorted({line.character for line in lines if line.character}),
        shelves=[*(genre.name for genre in movie.genres.all()), *(tag.name for tag in movie.tags.all())],
    )


def _batches(rows: "QuerySet[Any]") -> "Iterator[QuerySet[Any]]":
    """Yield the rows in parts, each locked: what is written of them is what they say until it has been committed."""
    batch = [0]
    while batch:
        batch = list(rows.filter(pk__gt=batch[-1]).order_by("pk").values_list("pk", flat=True)[:_BATCH])
        with transaction.atomic():
            yield rows.filter(pk__in=batch).select_for_update().order_by("pk")
