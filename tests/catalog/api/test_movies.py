"""`/api/v1/movies/`: what clients find, and what editors add."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.models import Movie, Tag
from portal import clock
from portal.models import AuditEntry, User
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_tag, make_window

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
    ("query", "found"),
    [
        ({"q": "merid"}, ["Meridian"]),
        ({"genre": "drama"}, ["Overtime"]),
        ({"genre": "nothing"}, []),
        ({"tag": "heist", "genre": "drama"}, ["Overtime"]),
        ({"person": "ada"}, ["Meridian"]),
        ({"country": ["th", "FR"]}, ["Meridian"]),
        ({"language": "th"}, ["Meridian"]),
        ({"age": 12}, ["Meridian"]),
        ({"year": 1999}, []),
        ({"year_from": 2021, "year_to": 2022}, ["Overtime"]),
        ({"availability": "coming"}, ["Tomorrow"]),
        ({"availability": "leaving"}, []),
        ({"sort": "-title"}, ["Overtime", "Meridian"]),
        ({"sort": "runtime"}, ["Meridian", "Overtime"]),
    ],
)
def test_filters_narrow_and_orders_arrange_the_list(api: APIClient, query: dict[str, Any], found: list[str]) -> None:
    meridian = make_movie(title="Meridian", countries=["TH"], languages=["th"], minimum_age=6, year=2020, runtime_s=60)
    make_credit(meridian, make_person(slug="ada"))
    make_movie(title="Overtime", genres=(make_genre(slug="drama"),), tags=(make_tag(slug="heist"),), year=2022)
    make_window(make_movie(title="Tomorrow", is_announced=True, year=1900), starts_at=clock.now() + timedelta(days=1))

    assert titles(api.get(URL, query).json()) == found


def test_a_misspelt_search_is_answered_by_what_was_meant(api: APIClient) -> None:
    make_movie(title="Overtime")

    answer = api.get(URL, {"q": "ovretime"}).json()

    assert (titles(answer), answer["answered_query"], answer["is_near"]) == (["Overtime"], "overtime", False)
    assert api.get(URL, {"q": "overtime"}).json()["answered_query"] == ""


def test_a_list_that_has_not_changed_is_not_sent_again(api: APIClient) -> None:
    movie = make_movie()
    etag = api.get(URL).headers["ETag"]

    assert api.get(URL, headers={"If-None-Match": f'"other", W/{etag}'}).status_code == 304
    assert api.get(URL, headers={"If-None-Match": '"other"'}).status_code == 200
    movie.visibility = "HIDDEN"
    movie.save()
    assert api.get(URL, headers={"If-None-Match": etag}).status_code == 200


def test_an_editor_previews_the_list_of_another_moment_and_place(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    make_window(make_movie(title="Coming"), starts_at=clock.now() + timedelta(days=9), territories=["TH"])
    later = (clock.now() + timedelta(days=10)).isoformat()

    assert titles(api.get(URL).json()) == []
    assert titles(api.get(URL, {"at": later}).json()) == []
    assert titles(api.get(URL, {"at": later, "territory": "TH"}).json()) == ["Coming"]


def test_editors_list_all_there_is_with_the_same_filters_and_orders(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    make_movie(title="Draft", visibility="DRAFT", year=1999)
    make_movie(title="Hidden", visibility="HIDDEN", updated_at=AT - timedelta(days=1))
    make_window(
        make_movie(title="Coming", updated_at=AT - timedelta(days=2)), starts_at=clock.now() + timedelta(days=9)
    )

    assert titles(api.get(URL, {"visibility": "ANY"}).json()) == ["Draft", "Hidden", "Coming"]
    assert titles(api.get(URL, {"visibility": "ANY", "sort": "title"}).json()) == ["Coming", "Draft", "Hidden"]
    assert titles(api.get(URL, {"visibility": "ANY", "q": "draft"}).json()) == ["Draft"]
    assert titles(api.get(URL, {"visibility": "DRAFT", "year": "1999"}).json()) == ["Draft"]
    first = api.get(URL, {"visibility": "ANY", "sort": "-title", "page_size": "2"}).json()
    assert [*titles(first), *titles(api.get(first["next"]).json())] == ["Hidden", "Draft", "Coming"]


@pytest.mark.parametrize(
    "query",
    [
        *({"colour": "red"}, {"year": "soon"}, {"q": "x" * 101}, {"visibility": "SECRET"}, {"cursor": "x"}),
        *({"visibility": "ANY", "sort": "added"}, {"visibility": "ANY", "availability": "coming"}, {"at": "soon"}),
        *({"visibility": ""}, {"territory": "Siam"}, {"sort": "relevance"}, {"age": "5"}, {"page_size": "101"}),
    ],
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

    # Two of them look for the moment until which the answer may be remembered.
    assert count() == few == 9


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
        ({"title": "x", "year": 2020, "countries": ["TH", "ZZ"]}, {("/countries/1", "unknown_territory")}),
        ({"title": "x", "year": 2020, "languages": ["th", "english"]}, {("/languages/1", "unknown_language")}),
        ({"title": "x", "year": 2020, "languages": ["th"] * 21}, {("/languages", "max_length")}),
        ({"title": "x", "year": 2020, "minimum_age": 5}, {("/minimum_age", "invalid_choice")}),
        ({"title": "x", "year": 2020, "trailer_url": "http://example.com/"}, {("/trailer_url", "no_https")}),
        ({"title": "x", "year": 2020, "trailer_url": "javascript:alert(1)"}, {("/trailer_url", "invalid")}),
        ({"title": "x", "year": 2020, "tags": ["x" * 41, ""]}, {("/tags/0", "max_length"), ("/tags/1", "blank")}),
        ({"title": "x", "year": 2020, "tags": ["new"], "genres": ["nope"]}, {("/genres/0", "unknown_genre")}),
        ({"title": "x", "year": 2020, "credits": []}, {("/credits", "unknown")}),
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
    assert not Tag.objects.exists()


def test_an_address_that_is_taken_is_answered_with_a_free_one(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    answer = api.post(URL, {"title": "Meridian", "year": 2025, "slug": "meridian"})

    assert (answer.status_code, answer.json()["code"]) == (409, "slug-taken")
    assert answer.json()["proposed"] == "meridian-2025"
    detail = "“meridian” belongs to another one; “meridian-2025” is free."
    assert answer.json()["errors"] == [{"pointer": "/slug", "code": "slug-taken", "detail": detail}]


def test_tags_of_a_movie_that_is_refused_are_not_kept(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    answer = api.post(URL, {"title": "Meridian", "year": 2025, "slug": "meridian", "tags": ["new"]})

    assert answer.status_code == 409
    assert not Tag.objects.exists()


def test_a_movie_is_added_once_however_often_the_call_is_sent(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    calls = [
        api.post(URL, {"title": "Meridian", "year": 2025, "tags": ["new"]}, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]

    assert [call.status_code for call in calls] == [201, 201]
    assert calls[0].json() == calls[1].json()
    assert Movie.objects.count() == AuditEntry.objects.filter(action="movie.created").count() == 1


def test_adding_has_a_limit_of_its_own(api: APIClient, editor: User, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "catalogue-create": "1/minute"}
    api.force_authenticate(editor)
    first, second = (api.post(URL, {"title": "Meridian", "year": 2025}) for _ in range(2))

    assert (first.status_code, second.status_code, second.json()["scope"]) == (201, 429, "catalogue-create")
    assert int(second.headers["Retry-After"]) >= 1
    assert api.patch(first.headers["Location"], {"tagline": "x"}).status_code == 200
    assert api.get(URL).status_code == 200
