"""`/api/v1/movies/<slug>/`: read and change one movie."""

import pytest
from rest_framework.test import APIClient

from portal.models import User
from tests.factories import make_genre, make_movie

pytestmark = pytest.mark.django_db

URL = "/api/v1/movies/meridian/"


def test_anybody_reads_a_published_movie_with_its_version(api: APIClient) -> None:
    make_movie(slug="meridian", title="Meridian", version=7)

    answer = api.get(URL)

    assert (answer.status_code, answer.json()["title"], answer.json()["version"]) == (200, "Meridian", 7)
    assert answer.headers["ETag"].startswith('"7-')


PEOPLE = (None, "viewer", "stranger", "broadcaster", "operator", "editor")


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("visibility", ["HIDDEN", "PUBLISHED"])
def test_who_may_read_and_change(
    request: pytest.FixtureRequest, api: APIClient, visibility: str, person: str | None
) -> None:
    make_movie(slug="meridian", visibility=visibility)
    api.force_authenticate(request.getfixturevalue(person) if person else None)
    sees = visibility == "PUBLISHED" or person in {"editor", "operator"}

    read, changed = api.get(URL), api.patch(URL, {"tagline": "New"})

    assert read.status_code == (200 if sees else 404)
    expected = 401 if person is None else 200 if person == "editor" else 403 if sees else 404
    assert changed.status_code == expected


def test_an_editor_changes_what_is_sent_and_nothing_else(api: APIClient, editor: User) -> None:
    drama = make_genre(slug="drama")
    make_movie(slug="meridian", title="Meridian", genres=(drama,))
    api.force_authenticate(editor)

    answer = api.patch(URL, {"tagline": "The signal left before we did."}, headers={"If-Match": '"1"'})

    assert answer.status_code == 200
    assert answer.headers["ETag"] == api.get(URL).headers["ETag"]
    assert answer.headers["ETag"].startswith('"2-')
    assert answer.json()["tagline"] == "The signal left before we did."
    assert answer.json()["title"] == "Meridian"
    assert [genre["slug"] for genre in answer.json()["genres"]] == ["drama"]


def test_a_change_to_an_older_version_is_refused_with_the_newer(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian", tagline="", version=3)
    api.force_authenticate(editor)

    answer = api.patch(URL, {"tagline": "Late"}, headers={"If-Match": '"2"'})

    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (412, "movie-changed-meanwhile", 3)
    assert api.get(URL).json()["tagline"] == ""


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("*", 200),
        ('"3"', 200),
        ('"3-0123456789abcdef"', 200),
        ('"2", "3-0"', 200),
        ('W/"3"', 412),
        ('"2"', 412),
        ('"1", W/"3"', 412),
        ('""', 412),
        ('"three"', 412),
        ('"33"', 412),
    ],
)
def test_a_condition_is_compared_strongly_by_version(api: APIClient, editor: User, header: str, status: int) -> None:
    make_movie(slug="meridian", version=3)
    api.force_authenticate(editor)

    assert api.patch(URL, {"tagline": "x"}, headers={"If-Match": header}).status_code == status


@pytest.mark.parametrize("header", ["1", '"1', "", "W/1", "*, *"])
def test_a_condition_that_cannot_be_read_is_refused(api: APIClient, editor: User, header: str) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    assert api.patch(URL, {"tagline": "x"}, headers={"If-Match": header}).status_code == 400


def test_a_movie_is_found_at_its_former_address_too(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    moved = api.patch(URL, {"slug": "parallel"})

    assert (moved.status_code, moved.json()["slug"]) == (200, "parallel")
    assert api.get(URL).json()["url"] == "/movies/parallel/"


def test_a_movie_is_not_deleted(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    answer = api.delete(URL)

    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
