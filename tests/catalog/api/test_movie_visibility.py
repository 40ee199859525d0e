"""`/api/v1/movies/<slug>/visibility/`: who may see a movie."""

import pytest
from rest_framework.test import APIClient

from catalog.models import Movie
from portal.models import AuditEntry, User
from tests.factories import make_movie

pytestmark = pytest.mark.django_db

URL = "/api/v1/movies/meridian/visibility/"


@pytest.mark.parametrize("visibility", ["HIDDEN", "UNLISTED", "PUBLISHED"])
def test_an_editor_decides_who_may_see_a_movie(api: APIClient, editor: User, visibility: str) -> None:
    make_movie(slug="meridian", visibility="DRAFT")
    api.force_authenticate(editor)

    answer = api.put(URL, {"visibility": visibility})

    assert (answer.status_code, answer.json()["visibility"], answer.json()["version"]) == (200, visibility, 2)
    assert AuditEntry.objects.filter(action=f"movie.{visibility.lower()}", actor=editor).exists()


@pytest.mark.parametrize(
    ("person", "status"),
    [(None, 401), ("viewer", 403), ("stranger", 403), ("broadcaster", 403), ("operator", 403), ("editor", 200)],
)
def test_only_editors_decide(request: pytest.FixtureRequest, api: APIClient, person: str | None, status: int) -> None:
    movie = make_movie(slug="meridian")
    api.force_authenticate(request.getfixturevalue(person) if person else None)

    assert api.put(URL, {"visibility": "HIDDEN"}).status_code == status
    assert Movie.objects.get(pk=movie.pk).visibility == ("HIDDEN" if status == 200 else "PUBLISHED")


def test_what_viewers_have_seen_is_no_draft_and_the_answer_says_what_it_can_be(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    answer = api.put(URL, {"visibility": "DRAFT"})

    assert (answer.status_code, answer.json()["code"]) == (409, "movie-was-published")
    assert answer.json()["allowed"] == ["HIDDEN", "UNLISTED", "PUBLISHED"]


@pytest.mark.parametrize("body", [{}, {"visibility": "hidden"}, {"visibility": None}, {"visibility": ["HIDDEN"]}])
def test_a_visibility_that_is_none_is_refused(api: APIClient, editor: User, body: dict[str, object]) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    answer = api.put(URL, body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/visibility"]


def test_a_decision_about_an_older_version_is_refused(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian", version=2)
    api.force_authenticate(editor)

    assert api.put(URL, {"visibility": "HIDDEN"}, headers={"If-Match": '"1"'}).status_code == 412
