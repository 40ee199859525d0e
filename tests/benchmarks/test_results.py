"""The arithmetic of the benchmarks, and what they say of a bar."""

import pytest

from benchmarks.results import Row, percentile, print_rows


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.95, 7.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        (list(map(float, range(1, 101))), 0.95, 95.0),
        (list(map(float, range(1, 102))), 0.95, 96.0),
        (list(map(float, range(1, 21))), 0.95, 19.0),
        (list(map(float, range(1, 20))), 0.95, 19.0),
        ([1.0, 2.0, 3.0], 1.0, 3.0),
        ([1.0, 2.0, 3.0], 0.0, 1.0),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("row", "is_missed", "verdict"),
    [
        (Row(what="a", figure=200.0, unit="ms", bar=200), False, "| <= 200: met |"),
        (Row(what="a", figure=200.1, unit="ms", bar=200), True, "| <= 200: missed |"),
        (Row(what="a", figure=95, unit="", bar=95, is_least=True), False, "| >= 95: met |"),
        (Row(what="a", figure=94, unit="", bar=95, is_least=True), True, "| >= 95: missed |"),
        (Row(what="a", figure=1e9, unit="ms"), False, "|  |"),
    ],
)
def test_a_row_tells_whether_its_bar_is_met(row: Row, is_missed: bool, verdict: str) -> None:
    assert row.is_missed is is_missed
    assert str(row).endswith(verdict)


def test_one_missed_bar_is_the_exit_status_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = Row(what="good", figure=0, unit="", bar=0), Row(what="bad", figure=1, unit="", bar=0)
    assert print_rows([good]) == 0
    assert print_rows(iter([bad, good])) == 1
    assert capsys.readouterr().out.count("| good |") == 2
