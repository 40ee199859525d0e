"""Every filter with every order and both directions of the cursor, against a plain reading of what each one says.

The oracle below knows no SQL: it goes through the films one by one.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.http import QueryDict

from catalog.listing.query import Availability, ListingQuery, Sort
from catalog.listing.reading import find_movies, ordering_of, parse_cursor, read_listing, write_cursor
from catalog.models import Genre, Movie, Person, Tag
from catalog.models.queryset import LEAVING_SOON
from catalog.search.tokens import sort_key
from catalog.viewpoints import Viewpoint
from portal.api.pagination import Cursor
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_tag, make_window

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HERE = Viewpoint(at=AT + DAY, territory="TH")
FILMS = 45
TITLES = ("The Harbour", "harbour 2", "Harbour 10", "Été", "แฟนฉัน", "เรือ", "An Ark", "Zorn", "花樣年華", "Ark")

FILTERS = (
    "",
    "genre=drama",
    "genre=drama&genre=war",
    "tag=cult",
    "person=ada",
    "country=TH&country=FR",
    "language=zh",
    "language=zh-Hant&language=en",
    "year_from=1990",
    "year_to=1990",
    "year=1991",
    "year_from=1985&year_to=1992",
    "age=12",
    "genre=war&tag=cult&language=th&age=18&year_from=1980",
    "person=ada&genre=drama&country=TH",
    "tag=nothing",
)
AVAILABILITIES = ("", "availability=coming", "availability=leaving")


def _shelves() -> tuple[list[Genre], list[Tag], Person]:
    genres = [make_genre(slug=slug) for slug in ("drama", "war", "comedy")]
    return genres, [make_tag(slug=slug) for slug in ("cult", "noir")], make_person(slug="ada")


@pytest.fixture
def films() -> list[Movie]:
    """Many films in which few values meet often, so that orders have ties and filters have hits."""
    chance = random.Random(7)
    genres, tags, ada = _shelves()
    for _ in range(FILMS):
        film = make_movie(
            title=chance.choice(TITLES),
            year=chance.randrange(1988, 1994),
            runtime_s=chance.choice([None, 5400, 6000, 7200]),
            minimum_age=chance.choice([None, 0, 12, 18]),
            countries=chance.sample(["TH", "FR", "DE"], chance.randrange(3)),
            languages=chance.sample(["th", "en", "zh-Hant", "zh-Hans", "en-GB", "enm"], chance.randrange(3)),
            visibility=chance.choice(["PUBLISHED"] * 6 + ["HIDDEN", "UNLISTED", "DRAFT"]),
            is_announced=chance.random() < 0.7,
            first_available_at=AT + chance.randrange(3) * DAY,
            genres=tuple(chance.sample(genres, chance.randrange(3))),
            tags=tuple(chance.sample(tags, chance.randrange(3))),
        )
        _open(film, chance)
        if chance.random() < 0.4:
            make_credit(film, ada)
    return list(Movie.objects.prefetch_related("windows", "genres", "tags", "credits__person"))


def _open(film: Movie, chance: random.Random) -> None:
    territories = chance.choice([[], [], ["TH"], ["FR"]])
    days = chance.randrange(1, 4) * DAY
    match chance.randrange(4):
        case 0:
            make_window(film, ends_at=HERE.at + days, territories=territories)
        case 1:
            make_window(film, starts_at=HERE.at + days, territories=territories)
        case 2:
            make_window(film, ends_at=HERE.at, territories=territories)
            make_window(film, starts_at=HERE.at + days, ends_at=HERE.at + 60 * DAY)


# --- The oracle -------------------------------------------------------------------------------------------------------


def _holding(film: Movie) -> list[Any]:
    return [window for window in film.windows.all() if not window.territories or "TH" in window.territories]


def _opened(film: Movie) -> list[Any]:
    return [w for w in _holding(film) if w.starts_at <= HERE.at and (w.ends_at is None or HERE.at < w.ends_at)]


def _is_now(film: Movie) -> bool:
    return film.visibility == "PUBLISHED" and (not film.windows.all() or bool(_opened(film)))


def _is_coming(film: Movie) -> bool:
    later = [window for window in _holding(film) if window.starts_at > HERE.at]
    return film.visibility == "PUBLISHED" and film.is_announced and bool(later) and not _opened(film)


def _is_leaving(film: Movie) -> bool:
    """No film of these has windows that touch, so that what closes is gone."""
    return _is_now(film) and any(w.ends_at and w.ends_at <= HERE.at + LEAVING_SOON for w in _opened(film))


def _speaks(film: Movie, wanted: str) -> bool:
    return any(spoken == wanted or spoken.startswith(f"{wanted}-") for spoken in film.languages)


def _meets(film: Movie, query: ListingQuery) -> bool:
    slugs: Sequence[tuple[tuple[str, ...], set[str]]] = (
        (query.genres, {genre.slug for genre in film.genres.all()}),
        (query.tags, {tag.slug for tag in film.tags.all()}),
        (query.people, {line.person.slug for line in film.credits.all()}),
        (query.countries, set(film.countries)),
    )
    return (
        {Availability.NOW: _is_now, Availability.COMING: _is_coming, Availability.LEAVING: _is_leaving}[
            query.availability
        ](film)
        and all(not wanted or set(wanted) & has for wanted, has in slugs)
        and (not query.languages or any(_speaks(film, wanted) for wanted in query.languages))
        and (query.year_from is None or film.year >= query.year_from)
        and (query.year_to is None or film.year <= query.year_to)
        and (query.age is None or (film.minimum_age is not None and film.minimum_age <= query.age))
    )


_KEYS: Mapping[Sort, Callable[[Movie], Any]] = {
    Sort.ADDED: lambda film: film.first_available_at,
    Sort.YEAR: lambda film: film.year,
    Sort.RUNTIME: lambda film: film.runtime_s,
    Sort.RATING: lambda film: film.minimum_age,
    Sort.OPENING: lambda film: min(w.starts_at for w in _holding(film) if w.starts_at > HERE.at),
    Sort.CLOSING: lambda film: min(w.ends_at for w in _opened(film) if w.ends_at),
}


def _ordered(films: list[Movie], query: ListingQuery) -> list[int]:
    """Return the ids in order: what is not known last, and of two alike the id decides, in the same direction."""
    order = query.effective_order
    key = _KEYS[order.by]
    known = sorted((f for f in films if key(f) is not None), key=lambda f: (key(f), f.pk), reverse=order.is_descending)
    unknown = sorted((f for f in films if key(f) is None), key=lambda f: f.pk, reverse=order.is_descending)
    return [film.pk for film in (*known, *unknown)]


# --- What is asked ----------------------------------------------------------------------------------------------------


def _asked(*parts: str) -> ListingQuery:
    query, faults = ListingQuery.parse(QueryDict("&".join(part for part in parts if part)))
    assert faults == []
    return query


def _orders(availability: str) -> Iterator[str]:
    fitting = _asked(availability).possible_sorts()
    for sort in fitting:
        if sort in _KEYS:
            yield from (f"sort={sort}", f"sort=-{sort}")


def _walk(query: ListingQuery, size: int) -> tuple[list[list[int]], Cursor | None]:
    """Return the pages from first to last, by cursors as an address carries them, and the way back from the last."""
    pages: list[list[int]] = []
    cursor: Cursor | None = None
    while True:
        page = read_listing(query, viewpoint=HERE, cursor=cursor, size=size).page
        pages.append([movie.pk for movie in page.rows])
        if page.next is None:
            return pages, page.previous
        cursor = parse_cursor(query, write_cursor(query, page.next))


def _walk_back(query: ListingQuery, cursor: Cursor | None, size: int) -> list[list[int]]:
    pages: list[list[int]] = []
    while cursor is not None:
        page = read_listing(
            query, viewpoint=HERE, cursor=parse_cursor(query, write_cursor(query, cursor)), size=size
        ).page
        pages.insert(0, [movie.pk for movie in page.rows])
        cursor = page.previous
    return pages


def test_every_filter_in_every_order_is_what_each_film_says(films: list[Movie]) -> None:
    hits = Counter[str]()
    for narrowing, availability in product(FILTERS, AVAILABILITIES):
        expected = [film for film in films if _meets(film, _asked(narrowing, availability))]
        hits[availability] += len(expected)
        for order in _orders(availability):
            query = _asked(narrowing, availability, order)
            found = find_movies(query, HERE).order_by(*ordering_of(query))
            assert list(found.values_list("pk", flat=True)) == _ordered(expected, query), (narrowing, order)
    assert min(hits.values()) > 20, "the films of this test must give its filters something to find"


def test_pages_forth_and_back_are_the_whole_list(films: list[Movie]) -> None:
    for availability, (size, narrowing) in product(AVAILABILITIES, ((4, ""), (1, "year_from=1992"))):
        expected = [film for film in films if _meets(film, _asked(narrowing, availability))]
        for order in _orders(availability):
            query = _asked(narrowing, availability, order)
            whole = _ordered(expected, query)
            pages, back = _walk(query, size)
            assert [pk for page in pages for pk in page] == whole, order
            assert all(len(page) == size for page in pages[:-1])
            assert _walk_back(query, back, size) == pages[:-1], order


def test_titles_are_in_the_order_of_their_keys(films: list[Movie]) -> None:
    """Their column compares by code points, as Python does, whatever the database's language is."""
    expected = sorted(sort_key(film.title) for film in films if _is_now(film))
    for sign in ("", "-"):
        pages, _ = _walk(_asked(f"sort={sign}title"), 5)
        titles = dict(Movie.objects.values_list("pk", "title"))
        keys = [sort_key(titles[pk]) for page in pages for pk in page]
        assert keys == (expected[::-1] if sign else expected)


def test_a_search_finds_the_same_films_under_every_filter(films: list[Movie]) -> None:
    for narrowing, availability in product(FILTERS, AVAILABILITIES):
        query = _asked(narrowing, availability, "q=harbour")
        expected = {f.pk for f in films if "harbour" in f.title.casefold() and _meets(f, query)}
        listing = read_listing(query, viewpoint=HERE, cursor=None, size=FILMS)
        assert {movie.pk for movie in listing.page.rows} == expected, narrowing
        assert (listing.total, listing.has_more) == (len(expected), False)


def test_an_address_asks_the_same_again_whatever_is_in_it() -> None:
    for narrowing, availability in product(FILTERS, AVAILABILITIES):
        for order in _orders(availability):
            query = _asked(narrowing, availability, order)
            assert _asked(query.to_query_string()) == query
