"""Lists cost the same number of queries however long they are, and no more than a page of that kind needs."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Movie, Person, Tag
from catalog.services import genres, movies
from portal import clock
from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from streaming.models import Channel
from tests.factories import (
    AT,
    make_caption,
    make_channel,
    make_credit,
    make_genre,
    make_movie,
    make_package,
    make_person,
    make_plan,
    make_stream,
    make_stream_key,
    make_tag,
    make_upload,
    make_user,
    make_window,
    receive_source,
)

pytestmark = pytest.mark.django_db

# The most queries of an answer, with those of session, account and permissions, and two that find until when it may be
# remembered.
BUDGETS = {
    "/": 18,
    "/movies/": 11,
    "/movies/?q=film": 11,
    "/movies/first/": 14,
    "/genres/first/": 10,
    "/people/first/": 7,
    "/live/": 9,
    "/live/first/": 16,
    "/studio/": 7,
    "/studio/first/": 15,
    "/dashboard/": 16,
    "/dashboard/?range=month": 16,
    "/dashboard/movies/first/": 15,
    "/dashboard/definitions/": 4,
    "/feeds/new-movies.atom": 6,
    "/sitemap.xml": 7,
    "/sitemaps/movies-1.xml": 5,
    "/accounts/profile/": 7,
    "/problems/": 4,
    "/api/v1/": 4,
    "/api/v1/movies/": 11,
    "/api/v1/movies/?q=film": 11,
    "/api/v1/movies/?visibility=PUBLISHED": 8,
    "/api/v1/movies/?genre=first": 11,
    "/api/v1/movies/first/": 9,
    "/api/v1/movies/first/availability/": 6,
    "/api/v1/movies/first/credits/": 7,
    "/api/v1/movies/first/captions/": 8,
    "/api/v1/genres/": 4,
    "/api/v1/genres/first/": 4,
    "/api/v1/tags/": 4,
    "/api/v1/tags/first/": 4,
    "/api/v1/people/": 4,
    "/api/v1/people/?q=person": 4,
    "/api/v1/people/first/": 5,
    "/api/v1/suggestions/?q=film": 10,
    "/api/v1/channels/": 6,
    "/api/v1/channels/first/": 6,
    "/api/v1/channels/first/stream-keys/": 6,
    "/api/v1/streams/": 5,
    "/api/v1/streams/?channel=first&state=ACTIVE": 5,
    "/api/v1/streams/planned/": 5,
    "/api/v1/jobs/": 5,
    "/api/v1/jobs/?movie=first&state=QUEUED": 5,
    "/api/v1/packages/": 5,
    "/api/v1/packages/?movie=first&state=READY": 5,
    "/api/v1/quality-levels/": 5,
    "/api/v1/audience/": 8,
    "/api/v1/movies/first/audience/": 5,
    "/api/v1/movies/first/retention/": 4,
    "/api/v1/audit-entries/": 5,
    "/api/v1/auth/me/": 5,
    "/api/v1/auth/me/audience/": 5,
    "/audience/you/": 5,
    "/admin/": 12,
    "/admin/catalog/movie/": 14,
    "/admin/catalog/movie/?missing=genres": 14,
    "/admin/catalog/movie/?state=leaving": 14,
    "/admin/catalog/movie/?q=film&o=4.-5": 14,
    "/admin/catalog/movie/add/": 10,
    "/admin/catalog/movie/similar-titles/?title=Film": 6,
    "/admin/catalog/genre/": 10,
    "/admin/catalog/person/": 10,
    "/admin/catalog/tag/": 10,
    "/admin/catalog/upload/": 10,
    "/admin/portal/auditentry/": 10,
    "/admin/portal/user/": 10,
    "/admin/auth/group/": 10,
    "/admin/streaming/channel/": 12,
    "/admin/streaming/plannedstream/": 10,
    "/admin/streaming/stream/": 10,
    "/admin/streaming/streamkey/": 10,
    "/admin/streaming/source/": 10,
    "/admin/streaming/packagingjob/": 10,
    "/admin/streaming/package/": 10,
    "/admin/streaming/qualitylevel/": 10,
    "/admin/autocomplete/?app_label=catalog&model_name=movie&field_name=genres&term=": 8,
}

HAS_SHELVES = {"/", "/movies/first/", "/live/first/", "/studio/first/"}


@pytest.fixture
def visitor(client: Client, administrator: User, operator: User) -> Client:
    """Somebody to whom every list is open, through a role and not past the permissions."""
    movie = make_movie(slug="first", title="Film", genres=(make_genre(slug="first"),), tags=(make_tag(slug="first"),))
    make_credit(movie, make_person(slug="first"))
    make_window(movie, ends_at=clock.now() + timedelta(days=10))
    make_movie(visibility="HIDDEN")
    channel = make_stream(make_channel(slug="first")).channel
    make_stream(channel, phase="ended")
    make_plan(channel, starts_at=clock.now() + timedelta(days=1))
    client.force_login(administrator)
    return client


def fill() -> None:
    """Make every list longer by several rows, each with relations of its own."""
    shelf = [make_genre() for _ in range(4)]
    for number in range(12):
        movie = make_movie(title=f"Film {number}", genres=(shelf[number % 4], shelf[(number + 1) % 4]))
        movies.update_movie(movie_id=movie.pk, changes={"tagline": "Told."}, by=make_user(Role.EDITOR), at=AT)
        make_movie(visibility="HIDDEN")
        make_credit(movie, Person.objects.filter(slug="first").first())
        make_window(movie, ends_at=clock.now() + timedelta(days=10) if number % 2 else None)
        movie.tags.add(*Tag.objects.all())
    genres.rename_genre(genre_id=shelf[0].pk, name="Renamed", by=None, at=AT)
    for film in Movie.objects.filter(slug="first"):
        for language in ("th", "de", "fr", "ja"):
            make_caption(film, language=language)
    for number in range(4):
        make_package(receive_source(make_upload(state="FINISHED", movie=make_movie())))
        make_plan(make_stream().channel, starts_at=clock.now() + timedelta(days=1))
        for channel in Channel.objects.filter(slug="first"):
            make_stream_key(channel=channel)
            make_plan(channel, starts_at=clock.now() + timedelta(days=2 + number))
            make_stream(channel, phase="ended", recording=make_package())
        make_user(Role.VIEWER, Role.BROADCASTER)


def count(get: Callable[[], object]) -> list[str]:
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        get()
    return [query["sql"] for query in queries]


def assert_is_flat(client: Client, path: str, most: int) -> None:
    """What is read on the way to a first answer, such as content types, is read before anything is counted."""
    response = client.get(path)
    assert response.status_code == 200
    few = count(lambda: client.get(path))
    fill()
    many = count(lambda: client.get(path))
    told = "\n".join(sql[:160] for sql in many)
    # A shelf begins with its first film: an empty one needs no query.
    assert len(many) <= max(len(few), most if path in HAS_SHELVES else 0), f"{len(few)} became {len(many)}:\n{told}"
    assert len(many) <= most, told


@pytest.mark.parametrize("path", BUDGETS)
def test_a_longer_list_costs_no_more_queries(visitor: Client, path: str) -> None:
    assert_is_flat(visitor, path, BUDGETS[path])


@pytest.mark.parametrize("path", ["/admin/catalog/movie/", "/api/v1/audit-entries/", "/api/v1/movies/", "/admin/"])
def test_neither_does_it_for_those_whose_permissions_are_looked_up(visitor: Client, operator: User, path: str) -> None:
    visitor.force_login(operator)
    assert_is_flat(visitor, path, BUDGETS[path] + 2)


@pytest.mark.parametrize("page", ["change", "history"])
def test_a_film_with_a_long_history_costs_its_desk_no_more_queries(visitor: Client, page: str) -> None:
    movie = Movie.objects.get(slug="first")
    path = f"/admin/catalog/movie/{movie.pk}/{page}/"

    def change(number: int) -> None:
        changes = {"title": f"Film {number}", "genres": [make_genre()]}
        movies.update_movie(movie_id=movie.pk, changes=changes, by=make_user(), at=AT)  # type: ignore[arg-type]

    change(0)
    visitor.get(path)
    few = len(count(lambda: visitor.get(path)))
    for number in range(1, 15):
        change(number)
    assert len(count(lambda: visitor.get(path))) == few


def test_a_page_of_an_anonymous_visitor_asks_for_no_account(client: Client) -> None:
    make_movie(slug="first", genres=(make_genre(),))
    for path in ("/", "/movies/", "/movies/first/", "/api/v1/movies/", "/api/v1/genres/", "/accounts/login/"):
        client.get(path)
        asked = [sql for sql in count(partial(client.get, path)) if '"portal_user"' in sql or "session" in sql]
        assert asked == [], path


def test_writing_costs_the_same_however_much_there_is(editor: User) -> None:
    def write() -> list[str]:
        movie = make_movie()
        return count(lambda: movies.update_movie(movie_id=movie.pk, changes={"title": "New"}, by=editor, at=AT))

    few = len(write())
    fill()
    assert len(write()) == few <= 16
    assert AuditEntry.objects.filter(action="movie.updated", actor=editor).count() == 2
