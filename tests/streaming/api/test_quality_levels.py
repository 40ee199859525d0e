"""`/api/v1/quality-levels/`: the ladder."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from portal.models import AuditEntry, User
from streaming.models import QualityLevel

pytestmark = pytest.mark.django_db

URL = "/api/v1/quality-levels/"
FACTS = {"name": "540p", "codec": "HEVC", "width_px": 960, "height_px": 540, "bitrate_bps": 2_500_000}


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    QualityLevel.objects.all().delete()
    api.force_authenticate(editor)
    return api


def make_level(**overrides: Any) -> QualityLevel:
    return QualityLevel.objects.create(**FACTS | overrides)


def test_the_ladder_begins_with_its_highest_rung(desk: APIClient) -> None:
    low, high = make_level(name="low", height_px=240), make_level(name="high", height_px=2160, is_enabled=False)

    answer = desk.get(URL)

    assert [level["name"] for level in answer.json()["results"]] == ["high", "low"]
    assert answer.json()["results"][1] == {**FACTS, "id": low.pk, "name": "low", "height_px": 240, "is_enabled": True}
    assert answer.json()["results"][0]["id"] == high.pk
    assert desk.get(URL, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_editor_adds_a_rung(desk: APIClient, editor: User) -> None:
    answer = desk.post(URL, FACTS)

    assert answer.status_code == 201, answer.content
    level = QualityLevel.objects.get()
    assert answer.headers["Location"] == f"{URL}{level.pk}/"
    assert answer.json() == {**FACTS, "id": level.pk, "is_enabled": True}
    assert AuditEntry.objects.get(action="quality_level.created").actor == editor
    assert desk.get(answer.headers["Location"]).headers["ETag"] == answer.headers["ETag"]


def test_a_rung_is_h264_unless_something_else_is_said(desk: APIClient) -> None:
    facts = {name: value for name, value in FACTS.items() if name != "codec"}

    assert desk.post(URL, facts).json()["codec"] == "H264"


def test_the_same_call_with_the_same_key_adds_one_rung(desk: APIClient) -> None:
    key = {"Idempotency-Key": "once"}

    first, again = desk.post(URL, FACTS, headers=key), desk.post(URL, FACTS, headers=key)

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert QualityLevel.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": ""}, ("/name", "blank")),
        ({"name": "x" * 21}, ("/name", "max_length")),
        ({"name": "\u3164"}, ("/name", "invisible")),
        ({"codec": "VP9"}, ("/codec", "invalid_choice")),
        ({"width_px": 63}, ("/width_px", "min_value")),
        ({"height_px": 8193}, ("/height_px", "max_value")),
        ({"bitrate_bps": "fast"}, ("/bitrate_bps", "invalid")),
        ({"bitrate_bps": 49_999}, ("/bitrate_bps", "min_value")),
        ({"is_enabled": "perhaps"}, ("/is_enabled", "invalid")),
        ({"id": 7}, ("/id", "unknown")),
    ],
)
def test_each_fault_is_pointed_at(desk: APIClient, change: dict[str, Any], fault: tuple[str, str]) -> None:
    level = make_level()

    added = desk.post(URL, FACTS | change)
    changed = desk.patch(f"{URL}{level.pk}/", change)

    for answer in (added, changed):
        assert answer.status_code == 422
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [fault]
    assert not AuditEntry.objects.filter(object_type="streaming.qualitylevel").exists()


@pytest.mark.parametrize(
    ("change", "pointers"),
    [({"height_px": 720}, ["/name"]), ({"name": "other"}, ["/codec", "/width_px", "/height_px"])],
)
def test_a_rung_that_there_is_already_is_answered_with_the_fields(
    desk: APIClient, change: dict[str, Any], pointers: list[str]
) -> None:
    make_level()

    answer = desk.post(URL, FACTS | change)

    assert (answer.status_code, answer.json()["code"]) == (409, "quality-level-exists")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
    assert QualityLevel.objects.count() == 1


def test_an_editor_changes_what_is_sent_on_top_of_what_was_read(desk: APIClient) -> None:
    path = f"{URL}{make_level().pk}/"
    etag = desk.get(path).headers["ETag"]

    changed = desk.patch(path, {"is_enabled": False}, headers={"If-Match": etag})
    late = desk.patch(path, {"bitrate_bps": 9_000_000}, headers={"If-Match": etag})
    anyhow = desk.patch(path, {"bitrate_bps": 3_000_000})

    assert (changed.status_code, changed.json()["is_enabled"], changed.json()["name"]) == (200, False, "540p")
    assert changed.headers["ETag"] != etag
    assert (late.status_code, late.json()["code"]) == (412, "quality-level-changed-meanwhile")
    assert (anyhow.status_code, anyhow.json()["bitrate_bps"]) == (200, 3_000_000)
    assert AuditEntry.objects.filter(action="quality_level.updated").count() == 2


def test_a_rung_is_removed_by_who_saw_it_as_it_is(desk: APIClient) -> None:
    path = f"{URL}{make_level().pk}/"
    etag = desk.get(path).headers["ETag"]

    late = desk.delete(path, headers={"If-Match": '"0123456789ab-0"'})
    gone = desk.delete(path, headers={"If-Match": etag})

    assert (late.status_code, gone.status_code, gone.content) == (412, 204, b"")
    assert not QualityLevel.objects.exists()
    assert desk.get(path).status_code == 404


def test_a_tag_that_is_none_is_refused(desk: APIClient) -> None:
    answer = desk.patch(f"{URL}{make_level().pk}/", {"is_enabled": False}, headers={"If-Match": "7"})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")
