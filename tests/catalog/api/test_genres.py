"""`/api/v1/genres/`: the shelves that editors make."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Genre
from portal.models import AuditEntry, User
from tests.factories import make_genre, make_movie

pytestmark = pytest.mark.django_db

URL = "/api/v1/genres/"


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


def test_anybody_reads_the_genres_by_name(api: APIClient) -> None:
    make_genre(name="Western", slug="western")
    make_genre(name="Comedy", slug="comedy")

    answer = api.get(URL)

    assert [genre["slug"] for genre in answer.json()["results"]] == ["comedy", "western"]
    assert api.get(URL, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_one_genre_is_read_by_its_address(api: APIClient) -> None:
    make_genre(name="Western", slug="western")

    assert api.get(f"{URL}western/").json() == {"slug": "western", "name": "Western"}
    assert api.get(f"{URL}nothing/").status_code == 404
    assert api.get(f"{URL}western/", {"colour": "red"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "slug"),
    [({"name": "Science fiction"}, "science-fiction"), ({"name": "Sci-fi", "slug": "science"}, "science")],
)
def test_an_editor_adds_a_genre(desk: APIClient, body: dict[str, str], slug: str) -> None:
    answer = desk.post(URL, body)

    assert (answer.status_code, answer.json()) == (201, {"slug": slug, "name": body["name"]})
    assert answer.headers["Location"] == f"{URL}{slug}/"
    assert desk.get(answer.headers["Location"]).headers["ETag"] == answer.headers["ETag"]


def test_an_editor_renames_a_genre_and_its_movies_change_with_it(desk: APIClient) -> None:
    genre = make_genre(name="Comedy", slug="comedy")
    movie = make_movie(genres=(genre,))
    etag = desk.get(f"{URL}comedy/").headers["ETag"]

    answer = desk.patch(f"{URL}comedy/", {"name": "Comedies"}, headers={"If-Match": etag})

    assert (answer.status_code, answer.json()) == (200, {"slug": "comedy", "name": "Comedies"})
    movie.refresh_from_db()
    assert movie.version == 2
    late = desk.patch(f"{URL}comedy/", {"name": "Funny"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"], late.json()["name"]) == (412, "shelf-changed-meanwhile", "Comedies")
    assert AuditEntry.objects.filter(action="genre.renamed").count() == 1


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [({"name": "Drama"}, "/name", "name-taken"), ({"name": "Other", "slug": "drama"}, "/slug", "slug-taken")],
)
def test_what_is_taken_is_refused(desk: APIClient, body: dict[str, str], pointer: str, code: str) -> None:
    make_genre(name="Drama", slug="drama")

    answer = desk.post(URL, body)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert Genre.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 61}, "/name"),
        ({"name": "x", "slug": "Upper"}, "/slug"),
        ({"name": "x", "slug": "x" * 61}, "/slug"),
        ({"name": "x", "colour": "red"}, "/colour"),
    ],
)
def test_each_fault_is_pointed_at(desk: APIClient, body: dict[str, Any], pointer: str) -> None:
    answer = desk.post(URL, body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_an_address_is_not_changed(desk: APIClient) -> None:
    make_genre(slug="drama")

    assert desk.patch(f"{URL}drama/", {"name": "x", "slug": "y"}).status_code == 422
