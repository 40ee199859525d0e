"""The ladder is changed by editors, and the trail says how."""

from typing import Any

import pytest

from portal.errors import NotFound
from portal.models import AuditEntry, User
from streaming.errors import QualityLevelExists
from streaming.models import QualityLevel
from streaming.services.quality_levels import create_quality_level, delete_quality_level, update_quality_level
from tests.factories import AT

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "name": "540p",
    "codec": "H264",
    "width_px": 960,
    "height_px": 540,
    "bitrate_bps": 3_000_000,
    "is_enabled": False,
}
NOBODYS = 2**40


@pytest.fixture
def level(editor: User) -> QualityLevel:
    return create_quality_level(facts=FACTS, by=editor, at=AT)


def test_a_level_is_added_and_the_trail_says_what_it_is(level: QualityLevel, editor: User) -> None:
    level.refresh_from_db()
    assert {name: getattr(level, name) for name in FACTS} == FACTS
    entry = AuditEntry.objects.get(action="quality_level.created")
    assert (entry.actor, entry.object_id, entry.after) == (editor, str(level.pk), FACTS)


def test_a_change_is_written_with_what_was_before(level: QualityLevel, editor: User) -> None:
    update_quality_level(level_id=level.pk, facts={"is_enabled": True, "name": "540p"}, by=editor, at=AT)
    level.refresh_from_db()
    assert level.is_enabled
    entry = AuditEntry.objects.get(action="quality_level.updated")
    assert (entry.before, entry.after) == ({"is_enabled": False}, {"is_enabled": True})


def test_what_is_so_already_is_no_change(level: QualityLevel, editor: User) -> None:
    update_quality_level(level_id=level.pk, facts=FACTS, by=editor, at=AT)
    assert not AuditEntry.objects.filter(action="quality_level.updated").exists()


def test_a_level_is_removed_and_the_trail_keeps_what_it_was(level: QualityLevel, editor: User) -> None:
    delete_quality_level(level_id=level.pk, by=editor, at=AT)
    assert not QualityLevel.objects.filter(name="540p").exists()
    assert AuditEntry.objects.get(action="quality_level.deleted").before == FACTS


@pytest.mark.parametrize("alike", [{"name": "540p", "width_px": 970}, {"name": "Other"}])
def test_two_levels_have_neither_a_name_nor_a_size_in_common(
    level: QualityLevel, editor: User, alike: dict[str, object]
) -> None:
    with pytest.raises(QualityLevelExists):
        create_quality_level(facts=FACTS | alike, by=editor, at=AT)
    assert AuditEntry.objects.filter(action="quality_level.created").count() == 1


def test_the_same_size_in_another_codec_is_another_level(level: QualityLevel, editor: User) -> None:
    made = create_quality_level(facts=FACTS | {"name": "540p HEVC", "codec": "HEVC"}, by=editor, at=AT)
    assert made.pk != level.pk


def test_what_is_gone_is_neither_changed_nor_removed(editor: User) -> None:
    with pytest.raises(NotFound):
        update_quality_level(level_id=NOBODYS, facts={"name": "x"}, by=editor, at=AT)
    with pytest.raises(NotFound):
        delete_quality_level(level_id=NOBODYS, by=editor, at=AT)
