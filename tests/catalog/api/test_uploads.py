"""`/api/v1/uploads/`: the conversation of tus 1.0, held by everybody who may and some who may not."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.models import Upload
from catalog.uploads.protocol import LARGEST_PIECE
from portal.accounts.roles import Role
from portal.models import User
from streaming.models import Source
from tests.catalog.services.test_uploads import FILM, HALF, begin, send
from tests.factories import PASSWORD, make_movie, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

URL = "/api/v1/uploads/"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"
PEOPLE = (None, "stranger", "viewer", "broadcaster", "operator", "editor", "administrator")


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    """An editor's client."""
    api.force_authenticate(editor)
    return api


def metadata(**said: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())


def announce(client: APIClient, *, headers: Mapping[str, str] | None = None, size: int | str = 0, **said: str) -> Any:
    spoken = {
        **TUS,
        "Upload-Length": str(size or len(FILM)),
        "Upload-Metadata": metadata(**{"filename": "film.mp4", **said}),
    }
    return client.post(URL, headers={**spoken, **(headers or {})})


def patch(
    client: APIClient, url: str, content: bytes, offset: int | str = 0, *, type: str = PIECE, **headers: str
) -> Any:
    spoken = {**TUS, "Upload-Offset": str(offset), **{name.replace("_", "-"): text for name, text in headers.items()}}
    return client.patch(url, content, content_type=type, headers=spoken)


def checksum(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def path_of(upload: Upload) -> str:
    return f"{URL}{upload.pk}/"


# --- The conversation -------------------------------------------------------------------------------------------------


def test_a_film_is_announced_sent_in_pieces_and_asked_after(desk: APIClient, media: Path) -> None:
    begun = announce(desk, filetype="video/mp4")
    url = begun.headers["Location"]
    assert begun.status_code == 201
    assert url.startswith("http://testserver/api/v1/uploads/")
    assert begun.headers["Upload-Offset"] == "0"
    assert begun.headers["Upload-Expires"].endswith("GMT")

    first = patch(desk, url, FILM[:HALF])
    assert (first.status_code, first.headers["Upload-Offset"], first.content) == (204, str(HALF), b"")

    asked = desk.head(url, headers=TUS)
    assert (asked.status_code, asked.content) == (200, b"")
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == (str(HALF), str(len(FILM)))
    assert asked.headers["Cache-Control"] == "no-store"

    last = patch(desk, url, FILM[HALF:], HALF)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(FILM)))
    assert "Upload-Expires" not in last.headers
    upload = Upload.objects.get()
    assert (upload.state, (media / upload.storage_key).read_bytes()) == ("FINISHED", FILM)
    assert Source.objects.get().state == "WAITING"


def test_the_announcement_may_bring_the_first_piece(desk: APIClient) -> None:
    headers = {**TUS, "Upload-Length": str(len(FILM)), "Upload-Metadata": metadata(filename="film.mp4")}
    answer = desk.post(URL, FILM[:HALF], content_type=PIECE, headers=headers)

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(HALF))
    assert patch(desk, answer.headers["Location"], FILM[HALF:], HALF).status_code == 204
    assert Upload.objects.get().state == "FINISHED"


def test_what_is_spoken_here_is_told_to_everybody(api: APIClient, editor: User, settings: Settings) -> None:
    for url in (URL, path_of(begin(editor))):
        answer = api.options(url)
        assert answer.status_code == 204
        assert answer.headers["Tus-Resumable"] == answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Extension"].split(",") == [
            *("creation", "creation-with-upload", "expiration", "checksum", "termination"),
        ]
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
        assert answer.headers["Tus-Max-Size"] == str(settings.CATALOG.upload_max_bytes)


@pytest.mark.parametrize("method", ["post", "head", "patch", "delete"])
@pytest.mark.parametrize("version", [{}, {"Tus-Resumable": "0.2.2"}])
def test_another_version_is_not_spoken(desk: APIClient, editor: User, method: str, version: Mapping[str, str]) -> None:
    upload = begin(editor)
    answer = getattr(desk, method)(URL if method == "post" else path_of(upload), headers=version)

    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert Upload.objects.get().state == "ACTIVE"


def test_both_addresses_are_good_without_their_last_slash(desk: APIClient) -> None:
    headers = {**TUS, "Upload-Length": str(len(FILM)), "Upload-Metadata": metadata(filename="film.mp4")}
    answer = desk.post(URL.rstrip("/"), headers=headers)
    url = answer.headers["Location"].rstrip("/")

    assert answer.status_code == 201
    assert patch(desk, url, FILM[:HALF]).headers["Upload-Offset"] == str(HALF)
    assert desk.head(url, headers=TUS).headers["Upload-Offset"] == str(HALF)
    assert desk.delete(url, headers=TUS).status_code == 204


def test_one_reads_in_json_what_is_unfinished(desk: APIClient, editor: User, administrator: User) -> None:
    movie = make_movie(slug="meridian")
    upload = send(begin(editor, movie_id=movie.pk), 0, FILM[:HALF])
    send(begin(editor), 0, FILM)
    begin(administrator)

    (listed,) = desk.get(URL).json()
    assert listed == desk.get(path_of(upload)).json()
    assert (listed["id"], listed["state"], listed["movie"]) == (str(upload.pk), "ACTIVE", "meridian")
    assert (listed["offset_bytes"], listed["size_bytes"]) == (HALF, len(FILM))


def test_what_is_given_up_is_gone_with_its_bytes(desk: APIClient, editor: User, media: Path) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])

    assert desk.delete(path_of(upload), headers=TUS).status_code == 204

    assert desk.head(path_of(upload), headers=TUS).status_code == 410
    assert patch(desk, path_of(upload), FILM[HALF:], HALF).json()["code"] == "upload-gone"
    assert not (media / upload.storage_key).exists()


def test_a_film_is_sent_for_a_movie_that_one_may_change(desk: APIClient) -> None:
    movie = make_movie(slug="meridian", visibility="DRAFT")
    url = announce(desk, movie="meridian").headers["Location"]
    patch(desk, url, FILM)
    assert Source.objects.get().movie == movie

    for slug in ("no-such-movie", "meridian\0", "../meridian"):
        assert announce(desk, movie=slug).status_code == 404


# --- Refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [0, HALF + 1, 10**18])
def test_a_piece_that_belongs_elsewhere_is_told_where_to_go_on(desk: APIClient, editor: User, offset: int) -> None:
    answer = patch(desk, path_of(send(begin(editor), 0, FILM[:HALF])), FILM[HALF:], offset)

    assert (answer.status_code, answer.json()["code"]) == (409, "upload-offset-wrong")
    assert answer.headers["Upload-Offset"] == str(HALF)
    assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize("type", ["application/octet-stream", "video/mp4", "multipart/form-data; boundary=x"])
def test_a_piece_is_of_the_type_of_pieces(desk: APIClient, editor: User, type: str) -> None:
    upload = begin(editor)
    answer = patch(desk, path_of(upload), FILM, type=type)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert desk.head(path_of(upload), headers=TUS).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_that_changed_on_the_way_is_sent_again(desk: APIClient, editor: User, algorithm: str) -> None:
    url = path_of(begin(editor))
    answer = patch(desk, url, FILM[:HALF], Upload_Checksum=checksum(b"another", algorithm))

    assert (answer.status_code, answer.json()["code"]) == (460, "upload-piece-corrupt")
    assert desk.head(url, headers=TUS).headers["Upload-Offset"] == "0"
    assert patch(desk, url, FILM[:HALF], Upload_Checksum=checksum(FILM[:HALF], algorithm)).status_code == 204


def test_a_checksum_that_nobody_computes_here_is_refused(desk: APIClient, editor: User) -> None:
    answer = patch(desk, path_of(begin(editor)), FILM, Upload_Checksum="md5 1B2M2Y8AsgTpgAmY7PhCfg==")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")


def test_a_film_that_is_longer_than_announced_is_refused(desk: APIClient, editor: User, media: Path) -> None:
    upload = begin(editor)
    answer = patch(desk, path_of(upload), FILM + b"x")

    assert (answer.status_code, answer.json()["limit_bytes"]) == (413, len(FILM))
    assert (media / upload.storage_key).read_bytes() == b""


def test_a_piece_has_a_largest_size(desk: APIClient, editor: User) -> None:
    upload = begin(editor, size_bytes=10 * LARGEST_PIECE)
    answer = patch(desk, path_of(upload), bytes(LARGEST_PIECE + 1))
    assert (answer.status_code, answer.json()["limit_bytes"]) == (413, LARGEST_PIECE)


def test_a_film_that_is_too_large_is_refused_before_it_is_sent(desk: APIClient, settings: Settings) -> None:
    answer = announce(desk, size=settings.CATALOG.upload_max_bytes + 1)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")


def test_uploads_that_nobody_finishes_are_not_piled_up(desk: APIClient, settings: Settings) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_open_max=2)
    assert [announce(desk).status_code for _ in range(4)] == [201, 201, 409, 409]
    assert Upload.objects.count() == 2


def test_what_is_no_film_is_named_and_told_how_to_mend(desk: APIClient, media: Path) -> None:
    url = announce(desk, size=2000).headers["Location"]
    answer = patch(desk, url, b"PK\x03\x04" + bytes(1996))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/filename")
    assert not Source.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]
    assert desk.head(url, headers=TUS).status_code == 410


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.5", "1e9", "0x10", "１２", "9" * 20, "9" * 3000, "None", "1 2"])
def test_lengths_and_offsets_that_are_no_numbers_are_malformed(desk: APIClient, editor: User, text: str) -> None:
    header = text.encode().decode("latin-1")
    assert announce(desk, headers={"Upload-Length": header}).json()["code"] == "malformed-request"
    answer = patch(desk, path_of(begin(editor)), FILM, header)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")
    assert Upload.objects.get().offset_bytes == 0


def test_the_largest_number_of_64_bits_and_more_is_too_large_and_no_fault_of_ours(desk: APIClient) -> None:
    for size in (2**63 - 1, 2**63, 10**19 - 1):
        assert announce(desk, size=size).status_code == 413


@pytest.mark.parametrize(
    "said",
    [
        "filename",
        "filename !!!",
        "filename /w==",
        "filename ZmlsbS5tcDQ=,filename ZmlsbS5tcDQ=",
        "filename " + "A" * 5000,
        ",".join(f"key{number} eA==" for number in range(30)),
        "f\x00lename eA==",
        ",",
    ],
)
def test_metadata_that_say_nothing_leave_nothing_behind(desk: APIClient, said: str) -> None:
    answer = announce(desk, headers={"Upload-Metadata": said})
    assert answer.status_code in (400, 422)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("../../../etc/cron.d/film.mp4", "film.mp4"),
        ("C:\\Windows\\film.mp4", "film.mp4"),
        ("/film.mp4", "film.mp4"),
        ("a\x00b\n.mp4", "ab.mp4"),
        ("<script>alert(1)</script>.mp4", "script>.mp4"),
        ("ภาพยนตร์.mp4", "ภาพยนตร์.mp4"),
        ("n" * 500 + ".mp4", "n" * 196 + ".mp4"),
    ],
)
def test_a_name_never_chooses_where_a_film_is_stored(desk: APIClient, media: Path, said: str, name: str) -> None:
    url = announce(desk, filename=said).headers["Location"]
    patch(desk, url, FILM)

    upload = Upload.objects.get()
    assert upload.file_name == name
    assert upload.storage_key == f"sources/{upload.pk}/original.mp4"
    assert [path for path in media.rglob("*") if path.is_file()] == [media / upload.storage_key]


@pytest.mark.parametrize("name", ["film.exe", ".mp4", "mp4"])
def test_a_name_that_is_no_films_is_refused_and_named(desk: APIClient, name: str) -> None:
    answer = announce(desk, filename=name)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/filename")


@pytest.mark.parametrize("identity", ["1", "../1", "x" * 36, "00000000-0000-0000-0000-000000000000"])
def test_an_address_that_is_no_uploads_is_not_found(desk: APIClient, identity: str) -> None:
    assert desk.head(f"{URL}{identity}", headers=TUS).status_code == 404


# --- People -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"), list(zip(PEOPLE, (401, 403, 403, 403, 403, 201, 201), strict=True)), ids=str
)
def test_who_may_begin_an_upload(
    request: pytest.FixtureRequest, api: APIClient, person: str | None, status: int
) -> None:
    if person:
        api.force_authenticate(request.getfixturevalue(person))
    assert announce(api).status_code == status
    assert Upload.objects.exists() == (status == 201)


@pytest.mark.parametrize("person", [person for person in PEOPLE if person != "editor"])
@pytest.mark.parametrize("method", ["get", "head", "patch", "delete"])
def test_nobody_knows_of_other_peoples_uploads(
    request: pytest.FixtureRequest, api: APIClient, editor: User, person: str | None, method: str
) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])
    if person:
        api.force_authenticate(request.getfixturevalue(person))
    if method == "patch":
        answer = patch(api, path_of(upload), FILM[HALF:], HALF)
    else:
        answer = getattr(api, method)(path_of(upload), headers=TUS)

    assert answer.status_code == (404 if person else 401)
    upload.refresh_from_db()
    assert (upload.offset_bytes, upload.state) == (HALF, "ACTIVE")


def test_who_is_no_editor_any_more_does_not_go_on(desk: APIClient, editor: User) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])
    editor.groups.clear()
    desk.force_authenticate(User.objects.get(pk=editor.pk))

    assert patch(desk, path_of(upload), FILM[HALF:], HALF).status_code == 403
    assert not Source.objects.exists()


def test_a_browser_needs_its_token_for_every_piece(api: APIClient, editor: User) -> None:
    upload = begin(editor)
    api.force_login(editor)
    assert patch(api, path_of(upload), FILM).status_code == 403
    assert announce(api).status_code == 403
    assert api.delete(path_of(upload), headers=TUS).status_code == 403

    api.get(reverse("accounts:login"))
    token = api.cookies["csrftoken"].value
    assert patch(api, path_of(upload), FILM, X_CSRFToken=token).status_code == 204


def test_a_client_comes_with_a_bearer_token(api: APIClient) -> None:
    upload = begin(make_user(Role.EDITOR, username="ada", password=PASSWORD))
    signed_in = api.post("/api/v1/auth/token/", {"username": "ada", "password": PASSWORD}, format="json")
    answer = patch(api, path_of(upload), FILM, Authorization=f"Bearer {signed_in.json()['access']}")
    assert answer.status_code == 204


def test_what_expired_is_gone(desk: APIClient, editor: User) -> None:
    upload = begin(editor)
    Upload.objects.update(state="EXPIRED", expires_at=upload.expires_at - timedelta(days=9))
    assert desk.head(path_of(upload), headers=TUS).status_code == 410
    assert patch(desk, path_of(upload), FILM).json()["code"] == "upload-gone"


def test_pages_elsewhere_that_may_speak_to_us_may_speak_tus(api: APIClient, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://studio.example"]
    origin = {"Origin": "https://studio.example"}
    spoken = ("tus-resumable", "upload-length", "upload-metadata", "upload-offset", "upload-checksum")
    preflight = api.options(
        URL,
        headers={
            **origin,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": ", ".join(spoken),
        },
    )
    assert set(spoken) <= set(preflight.headers["Access-Control-Allow-Headers"].replace(" ", "").split(","))
    assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]

    exposed = api.head(URL, headers=origin).headers["Access-Control-Expose-Headers"].replace(" ", "").split(",")
    assert {"location", "upload-offset", "upload-length", "upload-expires", "tus-resumable"} <= set(exposed)
