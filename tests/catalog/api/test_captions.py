"""`/api/v1/movies/<slug>/captions/`: list, upload, read, change, correct and remove captions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from catalog.captions.limits import MOST_BYTES
from catalog.models import Caption, Movie
from portal import clock
from portal.models import User
from tests.factories import SRT, make_caption, make_movie, make_window

pytestmark = pytest.mark.django_db

URL = "/api/v1/movies/meridian/captions/"
PEOPLE = (None, "viewer", "stranger", "broadcaster", "operator", "editor")


def form(content: bytes = SRT, **values: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("captions.srt", content), "language": "en", **values}


def upload(api: APIClient, content: bytes = SRT, *, headers: Mapping[str, str] | None = None, **values: Any) -> Any:
    return api.post(URL, form(content, **values), format="multipart", headers=dict(headers or {}))


@pytest.fixture
def movie(db: None) -> Movie:
    return make_movie(slug="meridian", runtime_s=5640)


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    """An editor's client."""
    api.force_authenticate(editor)
    return api


def test_an_editor_uploads_a_file_and_reads_what_became_of_it(desk: APIClient, movie: Movie) -> None:
    answer = upload(desk, language="ZH_hant", kind="CAPTIONS", is_default="true")

    body = answer.json()
    assert (answer.status_code, answer.headers["Location"], answer.headers["ETag"][:3]) == (
        201,
        f"{URL}{body['id']}/",
        '"2-',
    )
    assert (body["language"], body["kind"], body["is_default"], body["cue_count"]) == ("zh-Hant", "CAPTIONS", True, 2)
    assert (body["language_name"], body["warnings"], body["warning_count"]) == ("Chinese (Traditional)", [], 0)
    assert desk.get(answer.headers["Location"]).json() == body


def test_an_upload_that_is_sent_twice_with_one_key_is_taken_once(desk: APIClient, movie: Movie) -> None:
    key = {"Idempotency-Key": "d7f5a1c2"}
    first, again = (upload(desk, headers=key) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert movie.captions.count() == 1
    other = upload(desk, SRT + b"\n", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_the_list_is_by_language_and_holds_no_text(api: APIClient, movie: Movie) -> None:
    make_caption(movie, language="th", label="ไทย")
    make_caption(movie)
    make_caption(movie, kind="FORCED")
    make_caption(make_movie())

    results = api.get(URL).json()["results"]

    assert [(row["language"], row["kind"]) for row in results] == [
        ("en", "FORCED"),
        ("en", "SUBTITLES"),
        ("th", "SUBTITLES"),
    ]
    assert "webvtt" not in results[0]
    assert results[0]["webvtt_url"] == f"{URL}{results[0]['id']}/webvtt/"


def test_the_list_can_be_previewed_by_those_who_run_the_catalogue(desk: APIClient, viewer: User, movie: Movie) -> None:
    make_window(movie, starts_at=clock.now() + timedelta(days=30))
    make_caption(movie)

    assert desk.get(URL, {"at": "2026-11-21T07:00:00Z"}).status_code == 404
    later = desk.get(URL, {"at": (clock.now() + timedelta(days=31)).isoformat()})
    assert (later.status_code, len(later.json()["results"])) == (200, 1)
    desk.force_authenticate(viewer)
    assert desk.get(URL, {"at": "2026-11-21T07:00:00Z"}).status_code == 403


def test_a_player_reads_the_text(api: APIClient, movie: Movie) -> None:
    caption = make_caption(movie)

    for accepted in ("*/*", "text/vtt", "text/vtt, */*;q=0.1"):
        answer = api.get(f"{URL}{caption.pk}/webvtt/", headers={"Accept": accepted})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/vtt; charset=utf-8")
        assert answer.content.decode() == caption.webvtt
        assert "no-cache" in answer.headers["Cache-Control"]


def test_a_text_that_is_known_already_is_not_sent_again(api: APIClient, movie: Movie) -> None:
    path = f"{URL}{make_caption(movie).pk}/webvtt/"
    etag = api.get(path).headers["ETag"]

    again = api.get(path, headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    Caption.objects.update(webvtt="WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOther\n\n")
    assert api.get(path, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("visibility", ["HIDDEN", "PUBLISHED"])
def test_who_may_read_and_change(
    request: pytest.FixtureRequest, api: APIClient, visibility: str, person: str | None
) -> None:
    movie = make_movie(slug="meridian", visibility=visibility)
    path = f"{URL}{make_caption(movie).pk}/"
    api.force_authenticate(request.getfixturevalue(person) if person else None)
    sees = visibility == "PUBLISHED" or person in {"editor", "operator"}
    writes = 401 if person is None else 200 if person == "editor" else 403 if sees else 404

    for read in (URL, path, f"{path}webvtt/"):
        assert api.get(read).status_code == (200 if sees else 404), read
    assert api.patch(path, {"label": "New"}).status_code == writes
    assert api.post(f"{path}corrections/", {"offset_s": 1}).status_code == writes
    assert upload(api, language="th").status_code == (201 if writes == 200 else writes)
    assert api.delete(path).status_code == (204 if writes == 200 else writes)
    assert Caption.objects.filter(language="en").exists() is (writes != 200)


def test_the_text_of_an_announced_film_waits_for_its_window(api: APIClient, editor: User) -> None:
    movie = make_movie(slug="meridian", is_announced=True)
    window = make_window(movie, starts_at=clock.now() + timedelta(days=1))
    path = f"{URL}{make_caption(movie).pk}/webvtt/"

    assert api.get(URL).status_code == 200
    assert api.get(path).status_code == 404
    window.starts_at = clock.now() - timedelta(days=1)
    window.save()
    assert api.get(path).status_code == 200
    window.ends_at = clock.now()
    window.save()
    assert api.get(path).status_code == 404
    api.force_authenticate(editor)
    assert api.get(path).status_code == 200


def test_what_a_former_address_leads_to_is_read_there_too(api: APIClient, movie: Movie) -> None:
    caption = make_caption(movie)
    movie.slugs.create(slug="former")

    assert api.get("/api/v1/movies/former/captions/").status_code == 200
    assert api.get(f"/api/v1/movies/former/captions/{caption.pk}/webvtt/").status_code == 200


def test_captions_are_found_only_at_their_own_movie(desk: APIClient, movie: Movie) -> None:
    elsewhere = make_caption(make_movie(slug="elsewhere"))
    path = f"{URL}{elsewhere.pk}/"

    assert desk.get(path).status_code == 404
    assert desk.get(f"{path}webvtt/").status_code == 404
    assert desk.patch(path, {"label": "Mine"}).status_code == 404
    assert desk.delete(path).status_code == 404
    assert desk.get(f"{URL}{10**30}/").status_code == 404


def test_every_fault_of_a_file_names_its_line_and_cue(desk: APIClient, movie: Movie) -> None:
    broken = SRT.replace(b"00:00:06,000", b"00:00:04,000") + b"\n3\nnot a time --> 00:00:09,000\nWhat?\n"

    answer = upload(desk, broken)

    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "caption-file-refused")
    assert [(fault["pointer"], fault["code"], fault["line"], fault["cue"]) for fault in body["errors"]] == [
        ("/file", "ends-before-it-starts", 6, 2),
        ("/file", "times-unreadable", 10, 3),
    ]
    assert body["detail"] == "Line 6, cue 2: It does not end after it starts. Correct its times."
    assert not Caption.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"PK\x03\x04" + b"\0" * 100, "is-another-file"),
        (b"\x00\x01\x02\xff" * 100, "not-text"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is-html"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><tt>&a;</tt>', "xml-forbidden"),
        (b"Some words that are no captions.", "format-unknown"),
        (b"WEBVTT\n", "no-cues"),
        (SRT * (MOST_BYTES // len(SRT) + 1), "file-too-large"),
        (SRT * 10_001, "too-many-cues"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_caption_file_is_refused_by_name(desk: APIClient, movie: Movie, content: bytes, code: str) -> None:
    answer = upload(desk, content)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert not Caption.objects.exists()


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"language": "klingonish"}, "/language", "unknown_language"),
        ({"language": ""}, "/language", "blank"),
        ({"language": "x" * 100_000}, "/language", "unknown_language"),
        ({"kind": "LYRICS"}, "/kind", "invalid_choice"),
        ({"label": "x" * 101}, "/label", "max_length"),
        ({"label": "a\0b"}, "/label", "null_characters_not_allowed"),
        ({"is_default": "perhaps"}, "/is_default", "invalid"),
        ({"cue_count": "3"}, "/cue_count", "unknown"),
        ({"file": "no file"}, "/file", "invalid"),
    ],
)
def test_each_bad_value_is_pointed_at(
    desk: APIClient, movie: Movie, values: dict[str, Any], pointer: str, code: str
) -> None:
    answer = upload(desk, **values)

    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]


def test_an_upload_without_a_file_or_form_is_refused(desk: APIClient, movie: Movie) -> None:
    missing = desk.post(URL, {"language": "en"}, format="multipart")
    assert missing.json()["errors"][0]["pointer"] == "/file"
    assert desk.post(URL, {"language": "en"}).status_code == 415
    broken = desk.generic("POST", URL, "no parts", content_type="multipart/form-data")
    assert broken.status_code == 400


def test_markup_of_a_file_and_of_a_label_stays_text(desk: APIClient, movie: Movie) -> None:
    evil = b"1\n00:00:01,000 --> 00:00:02,000\n<script>alert(1)</script><i onclick=x>Hi</i>\n"

    answer = upload(desk, evil, label="<b>x</b>")

    body = answer.json()
    assert [warning["code"] for warning in body["warnings"]] == ["tags-removed"]
    assert body["warnings"][0]["detail"] == "Tags that captions cannot have were left out: script."
    assert Caption.objects.get().webvtt.endswith("00:00:02.000\nalert(1)<i>Hi</i>\n\n")
    assert body["label"] == "<b>x</b>"


def test_viewers_are_told_nothing_of_warnings(api: APIClient, movie: Movie, viewer: User) -> None:
    warning = {"code": "out-of-order", "line": 2, "cue": 1, "values": {}}
    caption = make_caption(movie, warnings=[warning], warning_count=1)
    api.force_authenticate(viewer)

    body = api.get(f"{URL}{caption.pk}/").json()

    assert (body["warnings"], body["warning_count"]) == ([], 0)


def test_a_second_text_of_the_same_kind_is_refused(desk: APIClient, movie: Movie) -> None:
    make_caption(movie)

    answer = upload(desk)

    assert (answer.status_code, answer.json()["code"], answer.json()["kind"]) == (409, "caption-exists", "SUBTITLES")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/language"]


def test_an_editor_changes_what_is_sent_and_nothing_else(desk: APIClient, movie: Movie) -> None:
    caption = make_caption(movie, is_default=True)

    answer = desk.patch(f"{URL}{caption.pk}/", {"label": "English (US)"}, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.headers["ETag"][:3]) == (200, '"2-')
    assert (answer.json()["label"], answer.json()["is_default"], answer.json()["language"]) == (
        "English (US)",
        True,
        "en",
    )


def test_a_new_file_replaces_the_text_alone(desk: APIClient, movie: Movie) -> None:
    caption = make_caption(movie, is_default=True, label="Mine")
    file = SimpleUploadedFile("x.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nNew\n")

    answer = desk.patch(f"{URL}{caption.pk}/", {"file": file}, format="multipart")

    assert (answer.status_code, answer.json()["cue_count"], answer.json()["label"]) == (200, 1, "Mine")
    assert answer.json()["is_default"] is True
    assert "New" in desk.get(answer.json()["webvtt_url"]).content.decode()


def test_a_broken_file_leaves_the_old_text(desk: APIClient, movie: Movie) -> None:
    caption = make_caption(movie)

    answer = desk.patch(f"{URL}{caption.pk}/", {"file": SimpleUploadedFile("x", b"nothing")}, format="multipart")

    assert answer.status_code == 422
    before = caption.webvtt
    caption.refresh_from_db()
    assert caption.webvtt == before


def test_a_lost_update_is_refused_everywhere(desk: APIClient, movie: Movie) -> None:
    Movie.objects.update(version=5)
    path = f"{URL}{make_caption(movie).pk}/"
    late = {"If-Match": '"4"'}

    answers = [
        desk.patch(path, {"label": "x"}, headers=late),
        desk.post(f"{path}corrections/", {"offset_s": 1}, headers=late),
        desk.delete(path, headers=late),
        upload(desk, language="th", headers=late),
    ]

    assert [(answer.status_code, answer.json()["version"]) for answer in answers] == [(412, 5)] * 4


def test_cues_are_moved_by_an_offset_and_a_stretch(desk: APIClient, movie: Movie) -> None:
    caption = make_caption(movie)

    answer = desk.post(f"{URL}{caption.pk}/corrections/", {"offset_s": -0.5, "stretch": 2})

    assert answer.status_code == 200
    text = desk.get(answer.json()["webvtt_url"]).content.decode()
    assert "00:00:01.500 --> 00:00:05.500" in text
    assert "00:00:08.500 --> 00:00:11.500" in text


def test_cues_are_moved_so_that_two_of_them_are_where_they_should(desk: APIClient, movie: Movie) -> None:
    caption = make_caption(movie)

    points = [{"cue": 1, "at_s": 2}, {"cue": 2, "at_s": 6.2}]
    answer = desk.post(f"{URL}{caption.pk}/corrections/", {"points": points})

    assert answer.status_code == 200
    text = desk.get(answer.json()["webvtt_url"]).content.decode()
    assert "00:00:02.000 --> " in text
    assert "00:00:06.200 --> " in text


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "invalid-input", ""),
        ({"stretch": 3}, "invalid-input", "/stretch"),
        ({"stretch": "NaN"}, "invalid-input", "/stretch"),
        ({"offset_s": "soon"}, "invalid-input", "/offset_s"),
        ({"offset_s": 1e300}, "invalid-input", "/offset_s"),
        ({"points": [{"cue": 1, "at_s": 1}]}, "invalid-input", "/points"),
        ({"points": [{"cue": 1, "at_s": 1}, {"cue": 9, "at_s": 1}]}, "invalid-input", "/points/1/cue"),
        ({"points": [{"cue": 1, "at_s": 1}, {"cue": 2}]}, "invalid-input", "/points/1/at_s"),
        ({"points": [{"cue": 1, "at_s": 1}] * 2, "stretch": 1}, "invalid-input", "/points"),
        ({"points": [{"cue": 1, "at_s": 1}] * 2}, "caption-times-refused", "/points/1"),
        ({"points": [{"cue": 1, "at_s": 1}, {"cue": 2, "at_s": 500}]}, "caption-times-refused", "/points/1"),
        ({"offset_s": -100}, "caption-times-refused", "/offset_s"),
    ],
)
def test_a_correction_that_makes_no_sense_is_pointed_at(
    desk: APIClient, movie: Movie, body: dict[str, Any], code: str, pointer: str
) -> None:
    caption = make_caption(movie)

    answer = desk.post(f"{URL}{caption.pk}/corrections/", body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    caption.refresh_from_db()
    assert "00:00:01.000 --> 00:00:03.000" in caption.webvtt


def test_removed_captions_are_gone(desk: APIClient, movie: Movie) -> None:
    path = f"{URL}{make_caption(movie).pk}/"

    assert desk.delete(path).status_code == 204
    assert desk.get(path).status_code == 404
    assert desk.delete(path).status_code == 404
    assert desk.get(URL).json()["results"] == []
