"""`/api/v1/movies/<slug>/`: read and change one movie."""

from datetime import timedelta

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.models import Tag
from catalog.services.genres import rename_genre
from portal.models import User
from tests.factories import (
    AT,
    make_artwork,
    make_credit,
    make_genre,
    make_movie,
    make_person,
    make_window,
)

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


ALL_OF_IT = {
    "title": "Meridian",
    "original_title": "เมอริเดียน",
    "tagline": "The signal left first.",
    "synopsis": "A station at the end of the line.",
    "year": 2025,
    "runtime_s": 6240,
    "countries": ["TH", "FR"],
    "languages": ["th", "zh-Hant"],
    "minimum_age": 13,
    "trailer_url": "https://video.example/meridian",
    "is_announced": True,
}


def test_an_editor_says_all_there_is_to_say(api: APIClient, editor: User) -> None:
    make_genre(slug="drama", name="Drama")
    make_movie(slug="meridian")
    api.force_authenticate(editor)
    sent = {**ALL_OF_IT, "countries": ["th", "FR", "TH"], "languages": ["TH", "zh_hant"]}

    answer = api.patch(URL, {**sent, "genres": ["drama"], "tags": ["heist"]}).json()

    assert {name: answer[name] for name in ALL_OF_IT} == ALL_OF_IT
    assert (answer["genres"], answer["tags"]) == (
        [{"slug": "drama", "name": "Drama"}],
        [{"slug": "heist", "name": "heist"}],
    )
    cleared = api.patch(URL, {"minimum_age": None, "runtime_s": None, "trailer_url": "", "tags": []}).json()
    assert [cleared[name] for name in ("minimum_age", "runtime_s", "trailer_url", "tags")] == [None, None, "", []]


def test_a_movie_brings_its_people_and_pictures_and_windows_to_those_who_run_it(api: APIClient, editor: User) -> None:
    movie = make_movie(slug="meridian")
    make_credit(movie, make_person(name="Ada Loy", slug="ada-loy"), character="Vera")
    make_window(movie)
    make_artwork(movie)

    seen = api.get(URL).json()
    api.force_authenticate(editor)
    run = api.get(URL).json()

    assert [(line["person"]["name"], line["character"]) for line in seen["credits"]] == [("Ada Loy", "Vera")]
    assert (seen["poster"]["focal_x"], seen["backdrop"]) == (0.5, None)
    assert seen["poster"]["picture"]["src"].endswith(".jpg")
    assert seen["availability"] == {"now": True, "until": None, "from": None}
    assert (seen["windows"], [window["territories"] for window in run["windows"]]) == (None, [[]])


def test_a_movie_that_has_not_changed_is_not_sent_again(api: APIClient, editor: User) -> None:
    movie = make_movie(slug="meridian", genres=(make_genre(name="B"), make_genre(name="A")))
    kept = {"If-None-Match": api.get(URL).headers["ETag"]}
    assert api.get(URL, headers=kept).status_code == 304

    rename_genre(genre_id=movie.genres.get(name="A").pk, name="C", by=editor, at=AT)

    assert api.get(URL, headers=kept).status_code == 200


def test_an_editor_who_previews_sees_no_more_than_viewers(api: APIClient, editor: User) -> None:
    make_window(make_movie(slug="meridian"), starts_at=AT, ends_at=AT + timedelta(days=1))
    api.force_authenticate(editor)

    assert api.get(URL, {"at": AT.isoformat()}).json()["windows"] is None
    assert api.get(URL, {"at": (AT + timedelta(days=1)).isoformat()}).status_code == 404
    assert api.get(URL, {"moment": AT.isoformat()}).status_code == 400


@pytest.mark.parametrize("url", ["movies/meridian/", "movies/meridian/availability/", "movies/meridian/credits/"])
def test_a_movie_that_cannot_be_seen_now_is_not_there(api: APIClient, url: str) -> None:
    make_window(make_movie(slug="meridian"), ends_at=AT + timedelta(microseconds=1))

    assert api.get(f"/api/v1/{url}").status_code == 404


def test_changing_has_a_limit_of_its_own(api: APIClient, editor: User, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "catalogue-update": "1/minute"}
    make_movie(slug="meridian")
    api.force_authenticate(editor)
    first, second = (api.patch(URL, {"tagline": tagline}) for tagline in "ab")

    assert (first.status_code, second.status_code, second.json()["scope"]) == (200, 429, "catalogue-update")


def test_tags_of_a_change_that_is_refused_are_not_kept(api: APIClient, editor: User) -> None:
    make_movie(slug="meridian")
    api.force_authenticate(editor)

    assert api.patch(URL, {"tags": ["new"]}, headers={"If-Match": '"9"'}).status_code == 412
    assert not Tag.objects.exists()
