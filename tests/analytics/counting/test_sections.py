"""What was watched of a film, by the positions that were told."""

from typing import Any

import pytest

from analytics.counting.sections import MOST_SECTIONS
from analytics.counting.session import Session
from tests.analytics.counting.telling import beacon, event, session_id

Told = tuple[int, str, int | None, dict[str, Any]]


def sections(*told: Told) -> list[int]:
    """Return what was watched by (at, state, position, members)."""
    session = Session.of(beacon(event(0, 0), session=session_id()))
    for sn, (at, state, position, members) in enumerate(told):
        session.hear(event(at, sn, state, pt=position, **members))
    return session.sections


def at(moment: int, state: str, position: int | None, **members: Any) -> Told:
    return moment, state, position, members


@pytest.mark.parametrize(
    ("told", "watched"),
    [
        pytest.param([at(0, "p", 0)], [], id="one word says nothing yet"),
        pytest.param([at(0, "p", 0), at(10_000, "p", 10_000), at(20_000, "p", 20_000)], [0, 20_000], id="straight on"),
        pytest.param([at(0, "p", 0), at(10_000, "p", 20_000, pr=2.0)], [0, 10_000], id="faster than it said"),
        pytest.param([at(0, "p", 0, pr=2.0), at(10_000, "p", 20_000)], [0, 20_000], id="at double speed"),
        pytest.param([at(0, "p", 0, pr=0.5), at(10_000, "p", 5000)], [0, 5000], id="at half speed"),
        pytest.param([at(0, "p", 0), at(4000, "a", 4000), at(60_000, "p", 4000)], [0, 4000], id="a pause"),
        pytest.param(
            [at(0, "p", 0), at(3000, "k", 90_000), at(3200, "p", 90_000), at(10_000, "p", 96_800)],
            [0, 3000, 90_000, 96_800],
            id="a leap forward",
        ),
        pytest.param(
            [at(0, "p", 50_000), at(3000, "k", 0), at(3200, "p", 0), at(9000, "e", 5800)],
            [50_000, 53_000, 0, 5800],
            id="a leap back, to the end",
        ),
        pytest.param(
            [at(0, "p", 0), at(10_000, "p", 300_000, seek=400)],
            [0, 9600],
            id="a leap of which nothing else was told",
        ),
        pytest.param(
            [at(0, "p", 0), at(10_000, "p", 4000, seek=200)],
            [0, 9800],
            id="a leap that ends where one could have played to",
        ),
        pytest.param(
            [at(0, "p", 0), at(5000, "r", 5000, bsda=0), at(8000, "p", 5000, bsda=3000), at(10_000, "p", 7000)],
            [0, 7000],
            id="a stall",
        ),
        pytest.param([at(0, "p", 0), at(10_000, "p", 7000, bsda=3000)], [0, 7000], id="a stall between two words"),
        pytest.param([at(0, "p", None), at(10_000, "p", None)], [], id="where there is no position"),
        pytest.param([at(0, "p", 0), at(10_000, "p", None)], [0, 10_000], id="where the second is not told"),
        pytest.param([at(0, "p", 0), at(600_000, "p", 600_000)], [0, 600_000], id="a long silence that fits"),
        pytest.param([at(0, "p", 0), at(600_000, "p", 10_000)], [0, 10_000], id="asleep for a while"),
        pytest.param([at(0, "p", 0), at(600_000, "p", 2_000_000)], [0, 25_000], id="a long silence and a leap"),
        pytest.param([at(0, "p", 0), at(0, "p", 0)], [], id="nothing twice"),
    ],
)
def test_what_was_watched(told: list[Told], watched: list[int]) -> None:
    assert sections(*told) == watched


def test_who_leaps_about_for_ever_is_not_followed_for_ever() -> None:
    told = [at(1000 * number, "p", (number % 2) * 500_000 + number * 10_000, seek=number) for number in range(400)]
    assert len(sections(*told)) == 2 * MOST_SECTIONS
