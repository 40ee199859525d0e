"""The ladder that streams begin with."""

import pytest
from django.db import OperationalError

from streaming.models import QualityLevel
from streaming.origin.live import means
from streaming.origin.live.means import Ladder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_ladder")]


def names(ladder: Ladder) -> list[str]:
    return [rung.name for rung in ladder.rungs()]


def test_a_change_of_the_ladder_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(means, "_FRESH_S", 0.0)
    ladder = Ladder()
    assert names(ladder) == ["1080p", "720p", "480p"]
    QualityLevel.objects.filter(name="1080p").update(is_enabled=False)
    assert names(ladder) == ["720p", "480p"]


def test_while_the_database_is_away_it_is_the_one_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(means, "_FRESH_S", 0.0)
    ladder, stranger = Ladder(), Ladder()
    known = names(ladder)
    monkeypatch.setattr(means, "read_ladder", fail)
    assert names(ladder) == known
    with pytest.raises(OperationalError):
        stranger.rungs()
