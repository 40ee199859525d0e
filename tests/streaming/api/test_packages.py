"""`/api/v1/packages/`: what players are given."""

import json
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from portal.models import User
from streaming.media.index_json import format_index
from streaming.media.package_index import (
    AudioTrack,
    ImageTrack,
    PackageIndex,
    SegmentEntry,
    TextFile,
    TextTrack,
    VideoTrack,
)
from tests.factories import AT, make_job, make_movie, make_package, make_source

pytestmark = pytest.mark.django_db

URL = "/api/v1/packages/"


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


def ids(answer: Any) -> list[str]:
    return [package["id"] for package in answer.json()["results"]]


def an_index() -> dict[str, Any]:
    segments = (SegmentEntry(96000, 500_000, 20_000), SegmentEntry(96000, 300_000, 20_000))
    video = VideoTrack(
        name="v-h264-1280x720", codec="avc1.64001f", timescale=24000, start=240000, segments=segments,
        width_px=1280, height_px=720, frame_rate=Fraction(24000, 1001),
    )  # fmt: skip
    audio = AudioTrack(
        name="a1-stereo", codec="mp4a.40.2", timescale=48000, start=480000,
        segments=(SegmentEntry(192000, 64_000, 0),), channels=2, sample_rate_hz=48000, label="ไทย", language="th",
    )  # fmt: skip
    text = TextTrack(name="c1", label="English", language="en", files=(TextFile(Fraction(8), 900),))
    images = ImageTrack(
        name="storyboard", width_px=240, height_px=134, columns=10, rows=10, interval_s=Fraction(2), sheets=1,
        size_bytes=70_000,
    )  # fmt: skip
    index = PackageIndex(
        is_whole=True, target_duration_s=4, video=(video,), audio=(audio,), texts=(text,), images=(images,)
    )
    stored: dict[str, Any] = json.loads(format_index(index))
    return stored


def test_the_list_begins_with_the_newest(desk: APIClient) -> None:
    first, last = make_package(), make_package(created_at=AT + timedelta(1))

    assert ids(desk.get(URL)) == [str(last.pk), str(first.pk)]


def test_a_package_says_since_when_it_can_be_played_and_not_where_its_files_are(desk: APIClient) -> None:
    source = make_source(movie=make_movie(slug="film"), file_name="master.mov")
    package = make_package(source, duration_s=60.0, size_bytes=42_000_000)
    job = make_job(source=source, package=package, state="SUCCEEDED")

    answer = desk.get(URL)

    assert answer.json()["results"] == [
        {
            "id": str(package.pk),
            "source": str(source.pk),
            "file_name": "master.mov",
            "movie": "film",
            "job": str(job.pk),
            "state": "READY",
            "duration_s": 60.0,
            "size_bytes": 42_000_000,
            "created_at": "2026-11-20T18:00:00Z",
            "playable_at": "2026-11-20T18:00:00Z",
            "ready_at": "2026-11-20T18:00:00Z",
            "retired_at": None,
        }
    ]
    assert package.path not in answer.content.decode()
    assert package.path not in desk.get(f"{URL}{package.pk}/").content.decode()


def test_packages_are_found_by_movie_and_state(desk: APIClient) -> None:
    movie = make_movie(slug="film")
    movie.slugs.create(slug="former")
    ready = make_package(source=make_source(movie=movie))
    retired = make_package(source=make_source(movie=movie), state="RETIRED", retired_at=AT)
    other = make_package()

    assert set(ids(desk.get(URL, {"movie": "former"}))) == {str(ready.pk), str(retired.pk)}
    assert ids(desk.get(URL, {"movie": "film", "state": "READY"})) == [str(ready.pk)]
    assert set(ids(desk.get(URL, {"state": ["READY", "DELETED"]}))) == {str(ready.pk), str(other.pk)}


@pytest.mark.parametrize(("name", "value"), [("state", "ready"), ("source", "7"), ("cursor", "x")])
def test_a_query_that_means_nothing_is_refused(desk: APIClient, name: str, value: str) -> None:
    assert desk.get(URL, {name: value}).status_code == 400


def test_a_package_tells_its_tracks(desk: APIClient) -> None:
    package = make_package(index=an_index())

    video, audio, text, images = desk.get(f"{URL}{package.pk}/").json()["tracks"]

    assert video == {
        "name": "v-h264-1280x720",
        "kind": "video",
        "size_bytes": 800_000,
        "codec": "avc1.64001f",
        "bitrate_bps": 800_000,
        "width_px": 1280,
        "height_px": 720,
        "frame_rate": pytest.approx(23.976, abs=0.001),
        "channels": None,
        "language": None,
        "label": None,
    }
    assert (audio["kind"], audio["channels"], audio["language"], audio["label"]) == ("audio", 2, "th", "ไทย")
    assert (text["kind"], text["size_bytes"], text["codec"]) == ("text", 900, None)
    assert (images["kind"], images["width_px"], images["bitrate_bps"]) == ("images", 240, None)


@pytest.mark.parametrize("index", [{}, {"version": 99}])
def test_tracks_that_cannot_be_told_are_null(desk: APIClient, index: dict[str, Any]) -> None:
    package = make_package(index=index)

    assert desk.get(f"{URL}{package.pk}/").json()["tracks"] is None


def test_a_package_that_is_kept_need_not_be_sent_again(desk: APIClient) -> None:
    path = f"{URL}{make_package().pk}/"

    again = desk.get(path, headers={"If-None-Match": desk.get(path).headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_a_package_that_there_is_not_is_not_found(desk: APIClient) -> None:
    assert desk.get(f"{URL}{uuid4()}/").status_code == 404
