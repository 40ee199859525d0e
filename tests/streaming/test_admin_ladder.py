"""The ladder at the editors' desk."""

from typing import Any

import pytest
from django.test import Client

from portal.models import AuditEntry, User
from streaming.models import QualityLevel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_ladder")]

LADDER = "/admin/streaming/qualitylevel/"
FORM: dict[str, Any] = {"name": "540p", "codec": "H264", "width_px": 960, "height_px": 540, "bitrate_bps": 3_000_000}


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    """An editor's browser at the admin."""
    client.force_login(editor)
    return client


def level(name: str) -> QualityLevel:
    return QualityLevel.objects.get(name=name)


def test_the_ladder_stands_from_the_top(desk: Client) -> None:
    shown = [row.name for row in desk.get(LADDER).context["cl"].result_list]
    assert shown == ["2160p", "1080p", "720p", "480p", "360p", "240p"]


def test_the_list_says_sizes_and_rates(desk: Client) -> None:
    page = desk.get(LADDER).content.decode()
    assert "1280 × 720" in page
    assert "5.0 Mbit/s" in page


def test_a_level_is_added_and_the_trail_says_so(desk: Client, editor: User) -> None:
    assert desk.post(f"{LADDER}add/", {**FORM, "is_enabled": "on"}).status_code == 302
    assert level("540p").is_enabled
    assert AuditEntry.objects.get(action="quality_level.created").actor == editor


def test_a_level_is_changed_and_the_trail_says_what(desk: Client) -> None:
    changed = level("720p")
    form = {"name": "720p", "codec": "H264", "width_px": 1280, "height_px": 720, "bitrate_bps": 4_000_000}
    assert desk.post(f"{LADDER}{changed.pk}/change/", {**form, "is_enabled": "on"}).status_code == 302
    changed.refresh_from_db()
    assert (changed.bitrate_bps, changed.is_enabled) == (4_000_000, True)
    assert AuditEntry.objects.get(action="quality_level.updated").after == {"bitrate_bps": 4_000_000}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "720p"),
        ("name", "x" * 21),
        ("codec", "VP8"),
        ("width_px", "63"),
        ("width_px", "8193"),
        ("height_px", "-540"),
        ("height_px", "high"),
        ("bitrate_bps", "49999"),
        ("bitrate_bps", "100000001"),
    ],
)
def test_what_cannot_be_a_level_is_refused_in_the_form(desk: Client, field: str, value: str) -> None:
    answer = desk.post(f"{LADDER}add/", {**FORM, field: value})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors[field]
    assert QualityLevel.objects.count() == 6


def test_a_second_level_of_the_same_size_is_refused_in_the_form(desk: Client) -> None:
    answer = desk.post(f"{LADDER}add/", {**FORM, "width_px": 1280, "height_px": 720})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.non_field_errors()
    assert not QualityLevel.objects.filter(name="540p").exists()


def test_levels_are_switched_on_and_off_in_the_list(desk: Client) -> None:
    chosen = [level("240p").pk, level("360p").pk]
    page = desk.post(LADDER, {"action": "switch_on", "_selected_action": chosen}, follow=True).content.decode()
    assert "2 levels are in use." in page
    assert QualityLevel.objects.filter(pk__in=chosen, is_enabled=True).count() == 2
    desk.post(LADDER, {"action": "switch_off", "_selected_action": chosen[:1]})
    assert not level("240p").is_enabled
    assert AuditEntry.objects.filter(action="quality_level.updated").count() == 3


def test_an_editor_is_warned_where_nothing_would_play_everywhere(desk: Client) -> None:
    everything = list(QualityLevel.objects.values_list("pk", flat=True))
    page = desk.post(LADDER, {"action": "switch_off", "_selected_action": everything}, follow=True).content.decode()
    assert "No level is in use" in page
    form = {**FORM, "codec": "AV1", "is_enabled": "on"}
    assert "No level of H.264 is in use" in desk.post(f"{LADDER}add/", form, follow=True).content.decode()


def test_a_ladder_that_plays_everywhere_warns_of_nothing(desk: Client) -> None:
    page = desk.post(f"{LADDER}add/", FORM, follow=True).content.decode()
    assert "No level" not in page


def test_levels_are_removed_one_by_one_and_many_at_once(desk: Client) -> None:
    desk.post(f"{LADDER}{level('240p').pk}/delete/", {"post": "yes"})
    chosen = [level("360p").pk, level("2160p").pk]
    desk.post(LADDER, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert sorted(QualityLevel.objects.values_list("name", flat=True)) == ["1080p", "480p", "720p"]
    assert AuditEntry.objects.filter(action="quality_level.deleted").count() == 3


def test_the_history_of_a_level_is_told_in_words(desk: Client) -> None:
    desk.post(LADDER, {"action": "switch_on", "_selected_action": [level("240p").pk]})
    page = desk.get(f"{LADDER}{level('240p').pk}/history/").content.decode()
    assert "In use: no → yes" in page
    assert "quality_level." not in page
