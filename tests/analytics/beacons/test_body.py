"""What is taken for a beacon, and what is said of what is none."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.beacons.body import MOST_EVENTS, parse_body
from portal.errors import InvalidInput, MalformedRequest

EVENT: dict[str, Any] = {"e": "t", "ts": 1795220000100, "sn": 2, "sta": "p"}
BODY: dict[str, Any] = {"v": 1, "token": "t", "sent": 1795220000123, "ev": [EVENT]}


def with_event(**changes: Any) -> bytes:
    return json.dumps({**BODY, "ev": [{**EVENT, **changes}]}).encode()


def with_body(**changes: Any) -> bytes:
    return json.dumps({**BODY, **changes}).encode()


def pointer_of(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        parse_body(content)
    [fault] = refused.value.errors
    assert fault.detail
    return fault.pointer


def test_all_that_a_player_may_say_is_read() -> None:
    event = {
        **{"pt": 8890.5, "pr": 1.25, "msd": 1209, "bl": [11800], "ltc": 4100, "bsa": [1], "bsda": [250], "dfa": 3},
        **{"br": [2400], "mtp": [9100], "ec": ["media-decode"], "nova-watch": 8890, "nova-seek": 12, "nova-ups": 1},
        **{"nova-downs": 2, "nova-upscale": [0.0, 0.31], "nova-rate": 21_336_000, "nova-bytes": 123},
        **{"nova-q": "1080p", "nova-fatal": True, "nova-business": False, "nova-hidden": True},
    }
    [read] = parse_body(with_event(**event)).ev
    assert {name: getattr(read, name.replace("-", "_")) for name in event} == event


def test_what_nobody_knows_is_passed_over() -> None:
    content = json.dumps({**BODY, "later": {"a": [1]}, "ev": [{**EVENT, "nova-later": None}]}).encode()
    assert parse_body(content) == parse_body(with_body())


def test_numbers_may_have_fractions() -> None:
    assert parse_body(with_event(ts=1795220000100.25)).ev[0].ts == 1795220000100.25


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff", b'{"a":' * 3000, b"nonsense", b"\x00" * 100),
        with_body().replace(b'"v": 1', b'"v": NaN'),
        with_body().replace(b'"sent": 1795220000123', b'"sent": Infinity'),
        with_body(token="\ud800"),
        b'{"v":1,"token":"\xff","sent":1,"ev":[]}',
        b'{"v":1,"later":' + b"[" * 8000 + b"]" * 8000 + b"}",
    ],
)
def test_what_is_no_json_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_body(content)


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b"[]", ""),
        (b"null", ""),
        (b"1", ""),
        (b"{}", ""),
        (with_body(v=2), "/v"),
        (with_body(token=1), "/token"),
        (with_body(token="x" * 201), "/token"),
        (with_body(sent="now"), "/sent"),
        (with_body(sent=-1), "/sent"),
        (with_body(ev=[]), "/ev"),
        (with_body(ev={}), "/ev"),
        (with_body(ev=[EVENT] * (MOST_EVENTS + 1)), "/ev"),
        (with_body(ev=[EVENT, 1]), "/ev/1"),
        (with_event(e="x"), "/ev/0/e"),
        (with_event(sta="z"), "/ev/0/sta"),
        (with_event(sn=-1), "/ev/0/sn"),
        (with_event(sn=2**31), "/ev/0/sn"),
        (with_event(sn=1.5), "/ev/0/sn"),
        (with_event(sn=True), "/ev/0/sn"),
        (with_event(ts=10**30), "/ev/0/ts"),
        (with_event(pt=-1), "/ev/0/pt"),
        (with_event(pr=-1), "/ev/0/pr"),
        (with_event(bl=[1, 2, 3, 4, 5]), "/ev/0/bl"),
        (with_event(bl=[None]), "/ev/0/bl/0"),
        (with_event(bsa=[-1]), "/ev/0/bsa/0"),
        (with_event(br=[10**30]), "/ev/0/br/0"),
        (with_event(ec=["x" * 41]), "/ev/0/ec/0"),
        (with_event(**{"nova-watch": "8890"}), "/ev/0/nova-watch"),
        (with_event(**{"nova-bytes": 2**60}), "/ev/0/nova-bytes"),
        (with_event(**{"nova-q": "x" * 41}), "/ev/0/nova-q"),
        (with_event(**{"nova-upscale": [0, 1, 2]}), "/ev/0/nova-upscale"),
        (with_event(**{"nova-fatal": 1}), "/ev/0/nova-fatal"),
        (with_body().replace(b'"sent": 1795220000123', b'"sent": 1e400'), "/sent"),
    ],
)
def test_a_fault_is_shown_where_it_is(content: bytes, pointer: str) -> None:
    assert pointer_of(content) == pointer


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(content: bytes) -> None:
    with pytest.raises((InvalidInput, MalformedRequest)):
        parse_body(content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)


@given(st.sampled_from([*EVENT, "pt", "bl", "bsa", "ec", "nova-watch", "nova-q", "nova-upscale", "nova-fatal"]), _JSON)
def test_no_value_does_harm(name: str, value: object) -> None:
    with suppress(InvalidInput, MalformedRequest):
        parse_body(with_event(**{name: value}))
