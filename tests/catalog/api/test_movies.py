"""`/api/v1/movies/`: what clients find, and what editors add."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import Movie
from portal.models import AuditEntry, User
from tests.factories import AT, make_genre, make_movie

pytestmark = pytest.mark.django_db

URL = "/api/v1/movies/"


def titles(answer: Any) -> list[str]:
    return [movie["title"] for movie in answer["results"]]


def test_anybody_reads_the_published_newest_first(api: APIClient) -> None:
    make_movie(title="Old", published_at=AT - timedelta(days=1))
    make_movie(title="New", genres=(make_genre(name="Drama", slug="drama"),))
    for visibility in ("DRAFT", "HIDDEN", "UNLISTED"):
        make_movie(title=visibility, visibility=visibility)

    answer = api.get(URL).json()

    assert titles(answer) == ["New", "Old"]
    assert answer["results"][0]["genres"] == [{"slug": "drama", "name": "Drama"}]


def test_pages_follow_each_other(api: APIClient) -> None:
    for number in range(5):
        make_movie(title=str(number), published_at=AT + timedelta(minutes=-number))

    first = api.get(URL, {"page_size": 2}).json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()

    assert [titles(page) for page in (first, second, third)] == [["0", "1"], ["2", "3"], ["4"]]
    assert third["next"] is None
    assert titles(api.get(third["previous"]).json()) == ["2", "3"]


@pytest.mark.parametrize(
    ("query", "found"), [({"q": "merid"}, ["Meridian"]), ({"genre": "drama"}, ["Overtime"]), ({"year": 1999}, [])]
)
def test_filters_narrow_the_list(api: APIClient, query: dict[str, Any], found: list[str]) -> None:
    make_movie(title="Meridian")
    make_movie(title="Overtime", genres=(make_genre(slug="drama"),))

    assert titles(api.get(URL, query).json()) == found


@pytest.mark.parametrize(
    "query", [{"colour": "red"}, {"year": "soon"}, {"q": "x" * 101}, {"visibility": "SECRET"}, {"cursor": "x"}]
)
def test_a_query_that_cannot_be_used_is_refused(api: APIClient, editor: User, query: dict[str, str]) -> None:
    api.force_authenticate(editor)

    answer = api.get(URL, query)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")


@pytest.mark.parametrize(
    ("person", "status"),
    [("viewer", 403), ("stranger", 403), ("broadcaster", 403), ("editor", 200), ("operator", 200)],
)
def test_other_visibilities_are_for_those_who_run_the_catalogue(
    request: pytest.FixtureRequest, api: APIClient, person: str, status: int
) -> None:
    make_movie(title="In the making", visibility="DRAFT")
    api.force_authenticate(request.getfixturevalue(person))

    answer = api.get(URL, {"visibility": "DRAFT"})

    assert answer.status_code == status
    assert ("In the making" in answer.content.decode()) == (status == 200)


def test_drafts_are_paged_although_they_have_no_date_of_publication(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    for number in range(3):
        make_movie(title=str(number), visibility="DRAFT", updated_at=AT - timedelta(minutes=number))

    first = api.get(URL, {"visibility": "DRAFT", "page_size": "2"}).json()

    assert titles(first) == ["0", "1"]
    assert titles(api.get(first["next"]).json()) == ["2"]


def test_more_movies_cost_no_more_queries(api: APIClient) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get(URL).status_code == 200
        return len(queries)

    genre = make_genre()
    make_movie(genres=(genre,))
    few = count()
    for _ in range(9):
        make_movie(genres=(genre, make_genre()))

    assert count() == few == 6


def test_an_editor_adds_a_draft(api: APIClient, editor: User) -> None:
    make_genre(slug="drama", name="Drama")
    api.force_authenticate(editor)

    answer = api.post(URL, {"title": "Meridian", "year": 2025, "runtime_s": None, "genres": ["drama"]})

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/api/v1/movies/meridian/"
    assert answer.headers["ETag"].startswith('"1-')
    assert answer.json() | {"updated_at": ""} == {
        "slug": "meridian",
        "title": "Meridian",
        "original_title": "",
        "tagline": "",
        "synopsis": "",
        "year": 2025,
        "runtime_s": None,
        "countries": [],
        "languages": [],
        "minimum_age": None,
        "trailer_url": "",
        "genres": [{"slug": "drama", "name": "Drama"}],
        "tags": [],
        "poster": None,
        "backdrop": None,
        "availability": {"now": False, "until": None, "from": None},
        "is_announced": False,
        "visibility": "DRAFT",
        "published_at": None,
        "updated_at": "",
        "version": 1,
        "url": "/movies/meridian/",
        "credits": [],
        "windows": [],
    }
    assert AuditEntry.objects.get(action="movie.created").actor == editor


@pytest.mark.parametrize(
    ("person", "status"),
    [(None, 401), ("viewer", 403), ("stranger", 403), ("broadcaster", 403), ("operator", 403), ("editor", 201)],
)
def test_only_editors_add_movies(
    request: pytest.FixtureRequest, api: APIClient, person: str | None, status: int
) -> None:
    api.force_authenticate(request.getfixturevalue(person) if person else None)

    assert api.post(URL, {"title": "Meridian", "year": 2025}).status_code == status
    assert Movie.objects.count() == (1 if status == 201 else 0)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {("/title", "required"), ("/year", "required")}),
        ({"title": "  ", "year": 1887}, {("/title", "blank"), ("/year", "min_value")}),
        ({"title": "x", "year": 2020, "slug": "Not A Slug"}, {("/slug", "invalid")}),
        ({"title": "x", "year": 2020, "runtime_s": 0}, {("/runtime_s", "min_value")}),
        ({"title": "x", "year": 2020, "genres": ["drama", "nope"]}, {("/genres/1", "unknown_genre")}),
        ({"title": "x", "year": 2020, "visibility": "PUBLISHED"}, {("/visibility", "unknown")}),
        ({"title": "x\0", "year": 2020}, {("/title", "null_characters_not_allowed")}),
        ({"title": "x", "year": 2020, "synopsis": "x" * 5001}, {("/synopsis", "max_length")}),
    ],
)
def test_each_fault_is_pointed_at_and_nothing_is_saved(
    api: APIClient, editor: User, body: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    make_genre(slug="drama")
    api.force_authenticate(editor)

    answer = api.post(URL, body)

    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == faults
    assert not Movie.objects.exists()


def test_an_address_that_is_taken_is_answered_with_a_free_one(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    answer = api.post(URL, {"title": "Meridian", "year": 2025, "slug": "meridian"})

    assert (answer.status_code, answer.json()["code"]) == (409, "slug-taken")
    assert answer.json()["proposed"] == "meridian-2025"
