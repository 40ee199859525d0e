"""Requests for playlists that are not there yet."""

import pytest

from streaming.media.live.reload import Refuse, Reload, ReloadInvalid, Serve, Wait, decide, parse_reload
from streaming.media.live.window import Edge
from tests.streaming.media.live.showing import Shown


def asked(**query: str) -> Reload | None:
    return parse_reload({f"_HLS_{name}": value for name, value in query.items()})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, None),
        ({"msn": "7"}, Reload(msn=7)),
        ({"msn": "7", "part": "0"}, Reload(msn=7, part=0)),
        ({"msn": "7", "skip": "YES"}, Reload(msn=7, skip=True)),
        ({"skip": "v2"}, Reload(skip=True)),
        ({"skip": "maybe"}, None),
        ({"tempo": "presto"}, None),
    ],
)
def test_directives_are_read(query: dict[str, str], expected: Reload | None) -> None:
    assert asked(**query) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"part": "1"},
        {"msn": ""},
        {"msn": "-1"},
        {"msn": "x"},
        {"msn": "1", "part": "1.5"},
        {"msn": "9" * 30},
        {"msn": "²"},
    ],
)
def test_directives_that_make_no_sense_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(ReloadInvalid):
        asked(**query)


@pytest.fixture(scope="module")
def shown() -> Shown:
    """Return a stream with four whole segments and two parts of the fifth; the first has left the window."""
    shown = Shown().run(8.9)
    assert shown.window.newest == (5, 1)
    return shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, Serve()),
        ({"skip": "YES"}, Serve()),
        ({"msn": "0"}, Serve()),
        ({"msn": "3", "part": "99"}, Serve()),
        ({"msn": "4", "part": "6"}, Serve()),
        ({"msn": "5"}, Serve()),
        ({"msn": "5", "part": "1"}, Serve()),
        ({"msn": "5", "part": "2"}, Wait(Edge(5, 2))),
        ({"msn": "5", "part": "9"}, Wait(Edge(5, 9))),
        ({"msn": "5", "part": "10"}, Refuse()),
        ({"msn": "6"}, Wait(Edge(6, 0))),
        ({"msn": "6", "part": "0"}, Wait(Edge(6, 0))),
        ({"msn": "7"}, Refuse()),
        ({"msn": "999999", "part": "0"}, Refuse()),
    ],
)
def test_a_request_is_answered_or_waits_or_is_refused(
    shown: Shown, query: dict[str, str], expected: Serve | Wait | Refuse
) -> None:
    assert decide(asked(**query), shown.window) == expected


def test_a_part_that_its_segment_does_not_have_is_the_first_of_the_next() -> None:
    shown = Shown().run(2.2)
    decision = decide(asked(msn="1", part="6"), shown.window)
    assert decision == Wait(Edge(1, 6))
    assert not shown.window.has(1, 6)
    later = Shown().run(2.4)
    assert later.window.has(1, 6)


def test_nobody_waits_for_a_stream_that_has_ended() -> None:
    shown = Shown().run(3).end()
    assert decide(asked(msn="400", part="3"), shown.window) == Serve()
