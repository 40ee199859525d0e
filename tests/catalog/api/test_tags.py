"""`/api/v1/tags/`: keywords, the most used first; renamed, and merged where two mean one thing."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Tag
from portal import clock
from portal.models import User
from tests.factories import make_movie, make_tag, make_window

pytestmark = pytest.mark.django_db

URL = "/api/v1/tags/"


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


def counts(answer: Any) -> dict[str, int]:
    return {tag["slug"]: tag["movie_count"] for tag in answer.json()["results"]}


@pytest.fixture
def used() -> None:
    heist, road, secret = (make_tag(slug=slug) for slug in ("heist", "road", "secret"))
    make_tag(slug="unused")
    make_movie(tags=(heist, road))
    make_movie(tags=(road,))
    make_movie(visibility="HIDDEN", tags=(heist, secret))
    make_movie(visibility="UNLISTED", tags=(heist,))
    make_window(make_movie(tags=(secret, heist)), starts_at=clock.now() + timedelta(days=1))


@pytest.mark.usefixtures("used")
def test_viewers_are_told_what_they_would_find(api: APIClient) -> None:
    """A hidden or coming film must not be told of by its tags."""
    answer = api.get(URL)

    assert list(counts(answer).items()) == [("road", 2), ("heist", 1)]
    assert api.get(f"{URL}heist/").json()["movie_count"] == 1
    assert api.get(f"{URL}secret/").status_code == 404


@pytest.mark.usefixtures("used")
def test_who_runs_the_catalogue_is_told_of_all_and_in_a_preview_of_what_viewers_find(desk: APIClient) -> None:
    later = (clock.now() + timedelta(days=2)).isoformat()

    assert counts(desk.get(URL)) == {"heist": 4, "road": 2, "secret": 2, "unused": 0}
    assert list(counts(desk.get(URL))) == ["heist", "road", "secret", "unused"]
    assert counts(desk.get(URL, {"at": later})) == {"heist": 2, "road": 2, "secret": 1}


@pytest.mark.usefixtures("used")
def test_pages_follow_each_other_by_use(desk: APIClient) -> None:
    first = desk.get(URL, {"page_size": 3})
    second = desk.get(first.json()["next"])

    assert [*counts(first), *counts(second)] == ["heist", "road", "secret", "unused"]


def test_a_tag_is_made_by_being_used(desk: APIClient) -> None:
    make_tag(name="heist", slug="heist")
    body = {"title": "Meridian", "year": 2025, "tags": ["Heist", "one  location", "ONE LOCATION"]}

    answer = desk.post("/api/v1/movies/", body)

    assert answer.json()["tags"] == [
        {"slug": "heist", "name": "heist"},
        {"slug": "one-location", "name": "one location"},
    ]
    assert Tag.objects.count() == 2


def test_a_tag_is_renamed_on_top_of_what_was_read(desk: APIClient) -> None:
    make_tag(name="heist", slug="heist")
    etag = desk.get(f"{URL}heist/").headers["ETag"]

    renamed = desk.patch(f"{URL}heist/", {"name": "robbery"}, headers={"If-Match": etag})
    late = desk.patch(f"{URL}heist/", {"name": "theft"}, headers={"If-Match": etag})

    assert (renamed.status_code, renamed.json()) == (200, {"slug": "heist", "name": "robbery", "movie_count": 0})
    assert (late.status_code, late.json()["code"]) == (412, "shelf-changed-meanwhile")


def test_more_use_of_a_tag_is_no_change_of_its_name(desk: APIClient) -> None:
    tag = make_tag(slug="heist")
    etag = desk.get(f"{URL}heist/").headers["ETag"]
    make_movie(tags=(tag,))

    assert desk.get(f"{URL}heist/", headers={"If-None-Match": etag}).status_code == 200
    assert desk.patch(f"{URL}heist/", {"name": "x"}, headers={"If-Match": etag}).status_code == 200


def test_a_name_that_is_taken_is_refused_with_the_tag_to_merge_with(desk: APIClient) -> None:
    make_tag(name="robbery", slug="robbery")
    make_tag(slug="heist")

    answer = desk.patch(f"{URL}heist/", {"name": "Robbery"})

    assert (answer.status_code, answer.json()["code"], answer.json()["slug"]) == (409, "name-taken", "robbery")


def test_two_tags_become_one(desk: APIClient) -> None:
    heist, robbery = make_tag(slug="heist"), make_tag(slug="robbery")
    make_movie(tags=(robbery,))
    make_movie(tags=(heist, robbery))

    answer = desk.post(f"{URL}robbery/merge/", {"into": "heist"})

    assert (answer.status_code, answer.json()["slug"], answer.json()["movie_count"]) == (200, "heist", 2)
    assert desk.get(f"{URL}robbery/").status_code == 404


@pytest.mark.parametrize("into", ["nothing", "heist", "Not A Slug", "", None, 7])
def test_a_tag_is_merged_with_another_that_exists(desk: APIClient, into: Any) -> None:
    make_tag(slug="heist")

    answer = desk.post(f"{URL}heist/merge/", {"into": into})

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/into"]
    assert Tag.objects.count() == 1
