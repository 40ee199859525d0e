"""`/api/v1/movies/<slug>/artwork/<kind>/`: read, set, cut anew and remove a picture."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from catalog.artwork.intake import LARGEST_FILE
from catalog.models import Artwork, Movie
from portal.models import User
from tests.factories import make_artwork, make_movie, make_picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

URL = "/api/v1/movies/meridian/artwork/poster/"
POSTER = make_picture_file(500, 750)
WIDE = make_picture_file(1000, 750)


@pytest.fixture
def movie(db: None) -> Movie:
    return make_movie(slug="meridian")


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    """An editor's client."""
    api.force_authenticate(editor)
    return api


def send(api: APIClient, content: bytes = POSTER, *, headers: dict[str, str] | None = None, **values: Any) -> Any:
    form = {"file": SimpleUploadedFile("poster.jpg", content), **values}
    return api.put(URL, form, format="multipart", headers=headers or {})


def send_raw(api: APIClient, content: bytes, kind: str = "image/jpeg") -> Any:
    # Its stub knows texts alone.
    return api.generic("PUT", URL, content, content_type=kind)  # type: ignore[arg-type]


def faults_of(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


def test_an_editor_sets_a_poster_and_reads_what_was_made_of_it(desk: APIClient, movie: Movie) -> None:
    answer = send(desk, focal_x="0.25", focal_y="1")

    body = answer.json()
    assert (answer.status_code, answer.headers["ETag"].partition("-")[0]) == (200, '"2')
    assert (body["kind"], body["width_px"], body["height_px"]) == ("poster", 500, 750)
    assert (body["focal_x"], body["focal_y"], body["warnings"]) == (0.25, 1, [])
    assert [source["type"] for source in body["picture"]["sources"]] == ["image/webp"]
    assert desk.get(URL).json() == body
    assert desk.get(body["picture"]["src"]).headers["Content-Type"] == "image/jpeg"


def test_the_body_may_be_the_file_alone(desk: APIClient, movie: Movie) -> None:
    answer = send_raw(desk, POSTER, kind="image/png")

    assert answer.status_code == 200, answer.content
    assert (answer.json()["focal_x"], answer.json()["focal_y"]) == (0.5, 0.5)


def test_the_same_again_changes_nothing(desk: APIClient, movie: Movie) -> None:
    first = send(desk)
    assert send(desk).json() == first.json()
    assert desk.get(URL).headers["ETag"].startswith('"2-')


def test_a_shape_that_fits_badly_is_taken_with_a_warning(desk: APIClient, movie: Movie) -> None:
    assert [warning["code"] for warning in send(desk, WIDE).json()["warnings"]] == ["cut-off"]


def test_the_focal_point_alone_is_moved(desk: APIClient, movie: Movie) -> None:
    first = send(desk, WIDE).json()

    moved = desk.patch(URL, {"focal_x": 0, "focal_y": 0.5})

    assert (moved.status_code, moved.headers["ETag"][:3], moved.json()["focal_x"]) == (200, '"3-', 0)
    assert moved.json()["picture"]["src"] != first["picture"]["src"]


def test_a_picture_is_removed(desk: APIClient, movie: Movie) -> None:
    send(desk)
    assert desk.delete(URL).status_code == 204
    assert [call(URL).status_code for call in (desk.get, desk.delete)] == [404, 404]
    assert desk.patch(URL, {"focal_x": 0, "focal_y": 0}).status_code == 404


# --- Bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 a ZIP by another name", "no-picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "drawing"),
        (POSTER[: len(POSTER) // 2], "damaged"),
        (make_picture_file(499, 750), "too-small"),
        (b"\xff\xd8\xff" + b"\0" * LARGEST_FILE, "file-too-large"),
    ],
)
def test_each_bad_file_is_told_what_is_wrong_with_it(desk: APIClient, movie: Movie, content: bytes, code: str) -> None:
    for answer in (send(desk, content), send_raw(desk, content)):
        assert faults_of(answer) == [("/file", code)]
        assert answer.json()["code"] == "picture-refused"
    assert not Artwork.objects.exists()
    movie.refresh_from_db()
    assert movie.version == 1


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"focal_x": "1.5"}, "/focal_x", "max_value"),
        ({"focal_y": "left"}, "/focal_y", "invalid"),
        ({"focal_x": "nan"}, "/focal_x", "invalid"),
        ({"file": "not a file"}, "/file", "invalid"),
        ({"colour": "red"}, "/colour", "unknown"),
    ],
)
def test_bad_fields_are_named(desk: APIClient, movie: Movie, values: dict[str, Any], pointer: str, code: str) -> None:
    assert faults_of(send(desk, **values)) == [(pointer, code)]


def test_a_file_is_required(desk: APIClient, movie: Movie) -> None:
    assert faults_of(send(desk, b"")) == [("/file", "no-picture")]
    assert faults_of(send_raw(desk, b"")) == [("/file", "required")]
    assert faults_of(desk.put(URL, {}, format="multipart")) == [("/file", "required")]


def test_other_bodies_are_refused(desk: APIClient, movie: Movie) -> None:
    assert send_raw(desk, POSTER, kind="video/mp4").status_code == 415


def test_a_picture_on_top_of_another_version_is_refused(desk: APIClient, movie: Movie) -> None:
    answer = send(desk, headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "movie-changed-meanwhile")
    assert not Artwork.objects.exists()


def test_there_are_two_kinds(desk: APIClient, movie: Movie) -> None:
    assert desk.get("/api/v1/movies/meridian/artwork/banner/").status_code == 404


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 401), ("viewer", 403), ("stranger", 403), ("broadcaster", 403), ("operator", 403), ("editor", 200)],
)
def test_who_may_change_pictures(
    request: pytest.FixtureRequest, api: APIClient, movie: Movie, role: str | None, status: int
) -> None:
    make_artwork(movie)
    if role:
        api.force_authenticate(request.getfixturevalue(role))
    assert api.get(URL).status_code == 200
    assert send(api).status_code == status
    if status != 200:
        assert api.patch(URL, {"focal_x": 0, "focal_y": 0}).status_code == status
        assert api.delete(URL).status_code == status
        assert Artwork.objects.get().content_hash == "0" * 64


def test_the_pictures_of_a_hidden_movie_are_for_editors(api: APIClient, viewer: User) -> None:
    make_artwork(make_movie(slug="meridian", visibility="HIDDEN"))
    api.force_authenticate(viewer)
    assert api.get(URL).status_code == send(api).status_code == api.delete(URL).status_code == 404
