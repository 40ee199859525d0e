"""From what a player says to what is counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from analytics.beacons.body import BeaconBody, BeaconEvent
from analytics.beacons.reading import read_beacon
from analytics.beacons.token import BeaconClaims
from analytics.records import Beacon, PlayerEvent
from portal.errors import InvalidInput
from portal.ids import uuid7

BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BEGAN_MS = int(BEGAN.timestamp() * 1000)
# A minute into the session, of which ten seconds more are granted.
NOW_MS = BEGAN_MS + 60_000
MOST_MS = 70_000


def claims(**changes: Any) -> BeaconClaims:
    given = {"session": uuid7(BEGAN).hex, "subject": "movie:7", "viewer": "ab" * 16, "expires_s": 2**31}
    return BeaconClaims(**{**given, "length_ms": 596_400, **changes})


def event(**changes: Any) -> BeaconEvent:
    given: dict[str, Any] = {"e": "t", "ts": NOW_MS, "sn": 0}
    return BeaconEvent(**{**given, **changes})


def read(*events: BeaconEvent, sent: float = NOW_MS, of: BeaconClaims | None = None) -> Beacon:
    body = BeaconBody(v=1, token="", sent=sent, ev=list(events))
    return read_beacon(body, of or claims(), received_ms=NOW_MS)


def counted(**changes: Any) -> PlayerEvent:
    [only] = read(event(**changes)).events
    return only


def test_it_says_whose_it_is_as_the_token_does() -> None:
    given = claims(user=42, device="tv", country="TH")
    beacon = read(event(), of=given)
    assert (beacon.session, beacon.subject, beacon.viewer) == (given.session, given.subject, given.viewer)
    assert (beacon.user, beacon.length, beacon.device, beacon.country) == (42, 596_400, "tv", "TH")
    assert beacon.at == NOW_MS


def test_it_says_how_often_its_player_was_told_to_tell() -> None:
    body = BeaconBody(v=1, token="", sent=NOW_MS, ev=[event()])
    assert read_beacon(body, claims(), received_ms=NOW_MS, interval_s=20).interval == 20


def test_what_was_said_is_counted() -> None:
    assert counted(
        sta="p",
        pt=8890.7,
        pr=1.5,
        msd=1209,
        bl=[11_800],
        ltc=4100,
        bsa=[2],
        bsda=[250],
        dfa=3,
        br=[2400],
        mtp=[9100],
        nova_watch=8890,
        nova_seek=12,
        nova_ups=1,
        nova_downs=2,
        nova_upscale=[0.1, 0.31],
        nova_rate=21_336_000,
        nova_bytes=123,
        nova_q="1080p",
        nova_hidden=True,
    ) == PlayerEvent(
        e="t",
        at=NOW_MS,
        sn=0,
        sta="p",
        pt=8890,
        pr=1.5,
        msd=1209,
        bl=11_800,
        ltc=4100,
        bsa=2,
        bsda=250,
        dfa=3,
        br=2400,
        mtp=9100,
        watch=8890,
        seek=12,
        ups=1,
        downs=2,
        upscale=0.1,
        upscale_most=0.31,
        rate_ms=21_336_000,
        bytes=123,
        q="1080p",
        hidden=True,
    )


def test_nothing_said_is_nothing_known() -> None:
    assert counted(bl=[], ec=[], nova_upscale=[]) == PlayerEvent(e="t", at=NOW_MS, sn=0)


@pytest.mark.parametrize(
    ("said", "name", "most"),
    [
        ({"nova_watch": 2.0**53}, "watch", MOST_MS),
        ({"bsda": [2.0**53]}, "bsda", MOST_MS),
        ({"nova_seek": 2.0**53}, "seek", MOST_MS),
        ({"msd": 2.0**53}, "msd", MOST_MS),
        ({"bsa": [2.0**53]}, "bsa", 700),
        ({"nova_ups": 2.0**53}, "ups", 700),
        ({"nova_downs": 2.0**53}, "downs", 700),
        ({"sn": 2**31 - 1}, "sn", 700),
        ({"dfa": 2.0**53}, "dfa", 70 * 240),
        ({"nova_rate": 2.0**53}, "rate_ms", MOST_MS * 200_000),
        ({"nova_bytes": 2.0**53}, "bytes", MOST_MS * 25_000),
        ({"pt": 2.0**53}, "pt", 596_400),
        ({"br": [2.0**53]}, "br", 200_000),
        ({"mtp": [2.0**53]}, "mtp", 10_000_000),
        ({"pr": 2.0**53}, "pr", 16),
        ({"nova_upscale": [0.0, 2.0**53]}, "upscale_most", 100),
        # The score of a session is at most 100.
        ({"nova_upscale": [-1.0, 0.5]}, "upscale", 0),
        ({"nova_upscale": [-1.0]}, "upscale_most", 0),
        ({"bl": [2.0**53]}, "bl", 24 * 3600 * 1000),
        ({"ltc": 2.0**53}, "ltc", 24 * 3600 * 1000),
    ],
)
def test_nobody_can_claim_more_than_the_session_can_have_come_to(said: dict[str, Any], name: str, most: int) -> None:
    assert getattr(counted(**said), name) == most


def test_a_session_from_a_clock_ahead_of_ours_has_its_seconds_too() -> None:
    ahead = claims(session=uuid7(datetime.fromtimestamp(NOW_MS / 1000 + 3600, UTC)).hex)
    [only] = read(event(nova_watch=10**9), of=ahead).events
    assert (only.watch, only.at) == (10_000, NOW_MS)


def test_what_is_live_has_no_end_to_hold_a_place_against() -> None:
    [only] = read(event(pt=10**9), of=claims(subject="stream:x", length_ms=None)).events
    assert only.pt == 10**9


def test_a_player_whose_clock_is_wrong_is_set_right() -> None:
    years = 10 * 365 * 86_400_000
    for shift in (-years, years):
        [only] = read(event(ts=NOW_MS - 3000 + shift), sent=NOW_MS + shift).events
        assert only.at == NOW_MS - 3000


def test_what_could_not_be_told_for_long_is_told_of_ten_minutes_ago() -> None:
    hours_ago = claims(session=uuid7(BEGAN - timedelta(hours=4)).hex)
    [only] = read(event(ts=NOW_MS - 3 * 3600_000), of=hours_ago).events
    assert only.at == NOW_MS - 600_000


def test_nothing_happened_before_the_session_began() -> None:
    told = read(event(ts=BEGAN_MS - 45_000), event(sn=1, ts=0), event(sn=2, ts=BEGAN_MS + 1))
    assert [each.at for each in told.events] == [BEGAN_MS, BEGAN_MS, BEGAN_MS + 1]


def test_what_lies_a_little_behind_its_being_sent_is_of_now() -> None:
    [only] = read(event(ts=NOW_MS + 299_000)).events
    assert only.at == NOW_MS


def test_what_lies_further_ahead_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidInput) as refused:
        read(event(), event(sn=1, ts=NOW_MS + 301_000))
    assert [fault.pointer for fault in refused.value.errors] == ["/ev/1/ts"]


def test_events_are_put_in_the_order_of_their_numbers() -> None:
    beacon = read(event(sn=2, ts=NOW_MS - 1), event(sn=0, ts=NOW_MS - 3), event(sn=1, ts=NOW_MS - 2))
    assert [(each.sn, each.at - NOW_MS) for each in beacon.events] == [(0, -3), (1, -2), (2, -1)]


@pytest.mark.parametrize(
    ("said", "code"),
    [(["media-decode"], "media-decode"), (["made-up"], "unknown"), (["made-up", "offline"], "unknown")],
)
def test_an_error_has_one_of_our_codes(said: list[str], code: str) -> None:
    read_one = counted(e="e", ec=said, nova_fatal=True, nova_business=True)
    assert (read_one.ec, read_one.fatal, read_one.business) == (code, True, True)


@pytest.mark.parametrize(
    ("said", "kept"),
    [("1080p", "1080p"), ("ความละเอียดสูง", "ความละเอียดสูง"[:12]), ("x" * 40, "x" * 12), ("10\n80", None), ("", None)],
)
def test_of_the_name_of_a_quality_is_kept_what_there_is_room_for(said: str, kept: str | None) -> None:
    assert counted(nova_q=said).q == kept


def test_it_survives_its_way() -> None:
    beacon = read(event(sta="p", nova_watch=10))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(beacon), type=Beacon) == beacon


def test_one_of_an_older_nova_is_of_a_player_that_was_told_nothing_else() -> None:
    record = {"at": 1, "session": "0" * 32, "subject": "movie:7", "viewer": "0" * 32, "events": []}
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=Beacon).interval == 10
