"""What the benchmark of the audience tells of the answers it got."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.audience_parts import history
from benchmarks.audience_parts.history import told
from benchmarks.audience_parts.history_names import end_of, names_of_streams


def test_a_question_is_judged_by_the_slowest_of_twenty() -> None:
    row = told({"what": "portal", "times_ms": [10.0] * 37 + [190.0, 201.0, 900.0]})
    assert (row.figure, row.bar, row.is_missed) == (190.0, 200, False)
    assert told({"what": "portal", "times_ms": [10.0] * 37 + [201.0] * 3}).is_missed
    assert "p50 10 ms, longest 900 ms" in row.what


def test_a_figure_is_there_to_be_known() -> None:
    row = told({"what": "disk", "figure": 12.5, "unit": "GB"})
    assert (str(row), row.is_missed) == ("| disk | 12.5 GB |  |", False)


def test_streams_have_the_same_names_for_who_fills_and_who_asks() -> None:
    names = names_of_streams(20)
    assert (len(set(names)), names[0]) == (20, "stream:00000000-0000-0000-0000-000000000001")


def test_the_history_ends_with_a_full_hour() -> None:
    assert end_of(datetime(2026, 11, 22, 9, 59, 59, 5, UTC)) == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_one_day_of_one_stream_can_be_filled_and_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty days of twenty would tell after minutes only that a column is new."""
    # PostgreSQL runs as another user, who has to get there.
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o711)
    monkeypatch.setattr(history, "_FOLDER", tmp_path / "history")
    figures = {row.what.partition(":")[0]: row for row in history.measure_history(days=1, streams=1)}
    # The portal as a whole has seconds too.
    assert figures["rows of seconds"].figure == pytest.approx(2 * 86_400 / 1e6)
    asked = [row for row in figures.values() if row.unit == "ms"]
    assert len(asked) == 13
    assert all(row.figure > 0 for row in asked)
    assert not (tmp_path / "history").exists()
