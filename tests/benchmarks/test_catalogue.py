"""What the benchmark of the catalogue has its users do, and how it reads what they were answered."""

import asyncio
from itertools import pairwise
from random import Random

import pytest

from benchmarks.catalogue import told, wander
from benchmarks.catalogue_changes import Answer, agreement, lateness
from benchmarks.load import Ask, Outcome, visit


def test_users_do_all_that_the_bars_are_about() -> None:
    lot = Random(1)
    asks = [ask for _ in range(600) for ask in wander(lot)]
    assert {ask.kind for ask in asks} == {
        *(f"{kind}, {face}" for kind in ("list", "film") for face in ("page", "API")),
        *(f"search, {kind}, {face}" for kind in ("words", "misspelt", "Thai", "Chinese") for face in ("page", "API")),
        "search as you type, API",
    }
    assert all(ask.path.isascii() and " " not in ask.path for ask in asks)
    assert all(2 <= ask.then_s <= 8 or 0.15 <= ask.then_s <= 0.25 for ask in asks)


def test_what_is_typed_grows_by_a_letter_at_a_time() -> None:
    typed = [ask.path for ask in next(asks for asks in _turns() if len(asks) > 3)]
    assert all(longer.startswith(shorter) for shorter, longer in pairwise(typed))


def _turns() -> list[list[Ask]]:
    lot = Random(2)
    return [list(wander(lot)) for _ in range(200)]


def test_rows_tell_of_each_kind_and_of_every_failure(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome(seconds=10, own_cpu=0.1, failures=["500 /movies/"])
    outcome.times_s["list, page"] += [0.1] * 94 + [0.25] * 6
    rows = {row.what.split(":")[0]: row for row in told(outcome)}
    assert rows["list, page"].figure == pytest.approx(250)
    assert rows["list, page"].is_missed
    assert rows["errors of 100 requests"].is_missed
    assert "500 /movies/" in capsys.readouterr().err


def test_a_portal_that_does_not_answer_is_a_failure_and_no_time() -> None:
    outcome = asyncio.run(
        visit(
            "http://127.0.0.1:9",
            lambda lot: [Ask("list", "/movies/", 0.01)],
            people=1,
            seconds=0.05,
            is_patient=False,
        )
    )
    assert outcome.count == 0
    assert outcome.failures[0] == "ConnectError /movies/"


# --- The edge of a window ---------------------------------------------------------------------------------------------

EDGE = 100.0


def answers(*seen: tuple[float, bool]) -> list[Answer]:
    return [Answer(asked_at, asked_at + 0.05, is_shown) for asked_at, is_shown in seen]


def test_a_surface_that_follows_is_as_late_as_its_first_right_answer() -> None:
    seen = answers((99.5, False), (99.9, False), (100.1, True), (100.3, True))
    assert lateness(seen, edge_at=EDGE, is_shown_after=True) == pytest.approx(0.1)


def test_an_answer_that_is_wrong_once_more_counts() -> None:
    seen = answers((99.5, True), (100.1, False), (100.3, True), (100.5, False))
    assert lateness(seen, edge_at=EDGE, is_shown_after=False) == pytest.approx(0.5)


def test_a_request_that_the_edge_passes_over_may_say_either() -> None:
    seen = [Answer(99.0, 99.1, False), Answer(99.9, 100.2, True), Answer(100.2, 100.3, True)]
    assert lateness(seen, edge_at=EDGE, is_shown_after=True) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "seen",
    [
        answers((99.5, False), (100.1, False)),
        answers((99.5, True), (100.1, True)),
        answers((99.5, False)),
        answers((100.1, True)),
        [],
    ],
    ids=["never follows", "does not go by the edge", "not asked after", "not asked before", "not asked"],
)
def test_a_surface_that_does_not_go_by_the_edge_is_told_apart(seen: list[Answer]) -> None:
    assert lateness(seen, edge_at=EDGE, is_shown_after=True) is None


def test_one_surface_that_does_not_follow_misses_the_bar() -> None:
    rows = {row.what.split(": ")[1].split(",")[0]: row for row in agreement({"list": [0.1, 0.3], "feed": [0.1, None]})}
    assert rows["list"].figure == pytest.approx(0.3)
    assert not rows["list"].is_missed
    assert rows["feed"].is_missed
