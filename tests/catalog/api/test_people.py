"""`/api/v1/people/`: who is named in the credits."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Credit, Person
from portal.models import AuditEntry, User
from tests.factories import make_credit, make_movie, make_person

pytestmark = pytest.mark.django_db

URL = "/api/v1/people/"


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


def slugs(answer: Any) -> list[str]:
    return [person["slug"] for person in answer.json()["results"]]


@pytest.fixture
def cast() -> None:
    shown, hidden = make_movie(title="Shown", slug="shown", year=2020), make_movie(slug="hidden", visibility="HIDDEN")
    both = make_person(name="Ada Loy", slug="ada", original_name="เอด้า")
    make_credit(shown, both, character="Vera")
    make_credit(shown, both, role=Credit.Role.DIRECTOR)
    make_credit(hidden, both)
    make_credit(hidden, make_person(name="Secret Star", slug="secret"))
    make_person(name="Nobody Yet", slug="nobody")


@pytest.mark.usefixtures("cast")
def test_viewers_find_those_whose_films_they_find(api: APIClient) -> None:
    assert slugs(api.get(URL)) == ["ada"]
    assert slugs(api.get(URL, {"q": "secret"})) == []
    assert api.get(f"{URL}secret/").status_code == 404
    assert [(film["slug"], film["role"], film["character"]) for film in api.get(f"{URL}ada/").json()["films"]] == [
        ("shown", "CAST", "Vera"),
        ("shown", "DIRECTOR", ""),
    ]


@pytest.mark.usefixtures("cast")
def test_who_runs_the_catalogue_finds_all_and_in_a_preview_what_viewers_find(desk: APIClient) -> None:
    now = {"at": "2026-12-24T20:00:00Z"}

    assert slugs(desk.get(URL)) == ["ada", "nobody", "secret"]
    assert slugs(desk.get(URL, now)) == ["ada"]
    assert [film["slug"] for film in desk.get(f"{URL}ada/").json()["films"]].count("hidden") == 1
    assert {film["slug"] for film in desk.get(f"{URL}ada/", now).json()["films"]} == {"shown"}
    assert desk.get(f"{URL}secret/", now).status_code == 404


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(("q", "found"), [("loy ad", ["ada"]), ("เอ", ["ada"]), ("xyz", []), ("  ", 3), ("%", [])])
def test_people_are_searched_by_parts_of_their_names(desk: APIClient, q: str, found: Any) -> None:
    answer = slugs(desk.get(URL, {"q": q}))

    assert answer == found or len(answer) == found


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("sigrun", ["sigrun"]),
        ("hall SIGR", ["sigrun"]),
        ("Sigrún", ["sigrun"]),
        ("łukasz", ["lukasz"]),
        ("lukas", ["lukasz"]),
        ("kasz", ["lukasz"]),
        ("grun", []),
        ("'&|", []),
    ],
)
def test_people_are_found_without_their_accents_by_how_a_word_begins(desk: APIClient, q: str, found: list[str]) -> None:
    make_person(name="Sigrún Hallsdóttir", slug="sigrun")
    make_person(name="Łukasz Żak", slug="lukasz")

    assert slugs(desk.get(URL, {"q": q})) == found


def test_a_long_filmography_is_cut(api: APIClient) -> None:
    person = make_person(slug="ada")
    for year in range(1901, 2003):
        make_credit(make_movie(year=year), person)

    films = api.get(f"{URL}ada/").json()["films"]

    assert [films[0]["year"], films[-1]["year"], len(films)] == [2002, 1903, 100]


def test_an_editor_adds_somebody(desk: APIClient) -> None:
    make_person(slug="ada-loy")

    answer = desk.post(URL, {"name": "Ada Loy", "biography": "Born in Bangkok."})

    assert answer.status_code == 201, answer.content
    assert answer.headers["Location"] == f"{URL}ada-loy-2/"
    assert answer.json() | {"updated_at": ""} == {
        "slug": "ada-loy-2",
        "name": "Ada Loy",
        "original_name": "",
        "biography": "Born in Bangkok.",
        "updated_at": "",
        "version": 1,
        "url": "/people/ada-loy-2/",
        "films": [],
    }


def test_an_editor_changes_what_is_sent_on_top_of_what_was_read(desk: APIClient) -> None:
    make_person(slug="ada", name="Ada", biography="Known.")
    etag = desk.get(f"{URL}ada/").headers["ETag"]

    changed = desk.patch(f"{URL}ada/", {"name": "Ada Loy"}, headers={"If-Match": etag})
    late = desk.patch(f"{URL}ada/", {"name": "Late"}, headers={"If-Match": etag})

    assert (changed.status_code, changed.json()["name"], changed.json()["biography"]) == (200, "Ada Loy", "Known.")
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (412, "person-changed-meanwhile", 2)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"name": ""}, ("/name", "blank")),
        ({"name": "x" * 121}, ("/name", "max_length")),
        ({"slug": "Upper"}, ("/slug", "invalid")),
        ({"biography": "x" * 5001}, ("/biography", "max_length")),
        ({"born": 1970}, ("/born", "unknown")),
    ],
)
def test_each_fault_is_pointed_at(desk: APIClient, body: dict[str, Any], fault: tuple[str, str]) -> None:
    make_person(slug="ada", name="Ada")

    answer = desk.patch(f"{URL}ada/", body)

    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [fault]
    assert not AuditEntry.objects.filter(object_type="catalog.person").exists()


def test_an_address_that_is_taken_is_answered_with_a_free_one(desk: APIClient) -> None:
    make_person(slug="ada")
    make_person(slug="other", name="Other")

    answer = desk.patch(f"{URL}other/", {"slug": "ada"})

    assert (answer.status_code, answer.json()["code"]) == (409, "slug-taken")


def test_who_is_credited_stays_and_who_is_not_may_go(desk: APIClient) -> None:
    make_credit(make_movie(), make_person(slug="ada"))
    twice = make_person(slug="twice", version=3)

    kept = desk.delete(f"{URL}ada/")
    late = desk.delete(f"{URL}twice/", headers={"If-Match": '"2"'})
    gone = desk.delete(f"{URL}twice/", headers={"If-Match": '"3"'})

    assert (kept.status_code, kept.json()["code"], kept.json()["films"]) == (409, "person-is-credited", 1)
    assert (late.status_code, gone.status_code, gone.content) == (412, 204, b"")
    assert not Person.objects.filter(pk=twice.pk).exists()
