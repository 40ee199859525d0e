"""`/api/v1/movies/<slug>/credits/`: who made a movie."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Credit, Movie
from portal.models import AuditEntry, User
from tests.factories import make_credit, make_movie, make_person

pytestmark = pytest.mark.django_db

URL = "/api/v1/movies/meridian/credits/"
ADA = {"person": "ada", "role": "CAST", "character": "Vera"}


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


@pytest.fixture
def movie() -> Movie:
    for slug in ("ada", "niran"):
        make_person(slug=slug, name=slug.title())
    return make_movie(slug="meridian")


def told(answer: Any) -> list[tuple[str, str, str, int]]:
    return [
        (line["person"]["slug"], line["role"], line["character"], line["billing"]) for line in answer.json()["credits"]
    ]


def test_an_editor_bills_people_in_the_order_of_the_list(desk: APIClient, movie: Movie) -> None:
    make_credit(movie)
    credits = [ADA, {"person": "niran", "role": "CAST"}, {"person": "niran", "role": "DIRECTOR"}]

    answer = desk.put(URL, {"credits": credits}, headers={"If-Match": '"1"'})

    assert answer.status_code == 200, answer.content
    assert told(answer) == [("niran", "DIRECTOR", "", 1), ("ada", "CAST", "Vera", 1), ("niran", "CAST", "", 2)]
    assert answer.headers["ETag"].startswith('"2-')
    assert AuditEntry.objects.get(object_type="catalog.movie").action == "movie.credited"


def test_anybody_reads_them_and_reads_them_once(api: APIClient, movie: Movie) -> None:
    make_credit(movie, make_person(name="Ada Loy", slug="ada-loy"), character="Vera")

    answer = api.get(URL)

    assert answer.json()["credits"] == [
        {"person": {"slug": "ada-loy", "name": "Ada Loy"}, "role": "CAST", "character": "Vera", "billing": 1}
    ]
    assert api.get(URL, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("credits", "faults"),
    [
        (None, {("/credits", "null")}),
        ([[]], {("/credits/0", "invalid")}),
        ([{}], {("/credits/0/person", "required"), ("/credits/0/role", "required")}),
        ([ADA, {**ADA, "person": "nobody"}], {("/credits/1/person", "unknown_person")}),
        ([{**ADA, "person": "Not A Slug"}], {("/credits/0/person", "invalid")}),
        ([{**ADA, "role": "STAR"}], {("/credits/0/role", "invalid_choice")}),
        ([{**ADA, "role": "DIRECTOR"}], {("/credits/0/character", "no_character")}),
        ([{**ADA, "character": "x" * 121}], {("/credits/0/character", "max_length")}),
        ([ADA, ADA], {("/credits/1/person", "credit-twice")}),
        ([{**ADA, "billing": 1}], {("/credits/0/billing", "unknown")}),
        ([ADA] * 501, {("/credits", "max_length")}),
    ],
)
def test_each_fault_is_pointed_at_and_nothing_is_saved(
    desk: APIClient, movie: Movie, credits: Any, faults: set[tuple[str, str]]
) -> None:
    kept = make_credit(movie)

    answer = desk.put(URL, {"credits": credits})

    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == faults
    assert Credit.objects.get() == kept


def test_credits_on_top_of_another_change_are_refused(desk: APIClient, movie: Movie) -> None:
    answer = desk.put(URL, {"credits": [ADA]}, headers={"If-Match": '"9"'})

    assert (answer.status_code, answer.json()["code"]) == (412, "movie-changed-meanwhile")
    assert not Credit.objects.exists()
