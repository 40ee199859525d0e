from datetime import timedelta

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.models import SearchName
from portal import clock
from portal.models import User
from tests.factories import make_movie, make_window

pytestmark = pytest.mark.django_db

URL = "/api/v1/suggestions/"
CHOICES = f"{URL}choices/"


def test_anybody_is_told_what_goes_on_as_was_typed(api: APIClient) -> None:
    make_movie(title="Inception", slug="inception", year=2010)
    response = api.get(URL, {"q": "incep"})
    assert response.json() == {
        "suggestions": [
            {"kind": "movie", "slug": "inception", "label": "Inception", "detail": "2010", "url": "/movies/inception/"}
        ]
    }
    assert response.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "!"}, {"q": "\x00"}])
def test_nothing_typed_is_answered_with_nothing(api: APIClient, query: dict[str, str]) -> None:
    make_movie()
    assert api.get(URL, query).json() == {"suggestions": []}


def test_what_is_too_long_to_be_meant_is_refused(api: APIClient) -> None:
    response = api.get(URL, {"q": "x" * 101})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "q"


def test_an_answer_that_still_holds_is_not_sent_again_and_one_that_does_not_is(api: APIClient) -> None:
    movie = make_movie(title="Inception")
    etag = api.get(URL, {"q": "incep"}).headers["ETag"]
    again = api.get(URL, {"q": "incep"}, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    make_window(movie, ends_at=clock.now() - timedelta(seconds=1), starts_at=clock.now() - timedelta(days=1))
    after = api.get(URL, {"q": "incep"}, headers={"If-None-Match": etag})
    assert (after.status_code, after.json()) == (200, {"suggestions": []})


def test_who_runs_the_catalogue_can_look_from_another_moment(api: APIClient, editor: User, viewer: User) -> None:
    make_window(make_movie(title="Inception"), starts_at=clock.now() + timedelta(days=5))
    moment = (clock.now() + timedelta(days=6)).isoformat()
    assert api.get(URL, {"q": "incep"}).json()["suggestions"] == []
    api.force_login(editor)
    assert len(api.get(URL, {"q": "incep", "at": moment}).json()["suggestions"]) == 1
    api.force_login(viewer)
    assert api.get(URL, {"q": "incep", "at": moment}).status_code == 403


def test_typing_has_a_limit_of_its_own(api: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "suggestions": "2/minute"}
    assert [api.get(URL, {"q": "x"}).status_code for _ in range(3)] == [200, 200, 429]
    assert api.get("/api/v1/movies/").status_code == 200


def test_a_choice_is_counted(api: APIClient) -> None:
    movie = make_movie(slug="inception")
    assert api.post(CHOICES, {"kind": "movie", "slug": "inception"}, format="json").status_code == 204
    assert SearchName.objects.get(movie=movie).heat > 0


def test_nobody_learns_from_a_choice_what_exists(api: APIClient) -> None:
    make_movie(slug="secret", visibility="DRAFT")
    answers = [api.post(CHOICES, {"kind": "movie", "slug": slug}, format="json") for slug in ("secret", "nothing")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"kind": "planet", "slug": "x"}, "/kind"),
        ({"kind": "movie"}, "/slug"),
        ({"kind": "movie", "slug": "../x"}, "/slug"),
        ({"kind": "movie", "slug": "x" * 200}, "/slug"),
        ({"kind": "movie", "slug": "x", "user": 1}, "/user"),
    ],
)
def test_a_choice_of_another_form_is_refused(api: APIClient, sent: dict[str, object], pointer: str) -> None:
    response = api.post(CHOICES, sent, format="json")
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


def test_nobody_makes_a_film_come_first_by_a_loop(api: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "suggestion-choices": "2/minute"}
    sent = {"kind": "movie", "slug": "x"}
    assert [api.post(CHOICES, sent, format="json").status_code for _ in range(3)] == [204, 204, 429]
