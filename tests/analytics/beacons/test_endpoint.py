"""The door for beacons: what comes through, and what happens to all the rest."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django_settings
from django_redis import get_redis_connection
from prometheus_client import REGISTRY
from pytest_django import Settings

from analytics.beacons.body import MOST_BYTES
from analytics.beacons.limits import BURST
from analytics.records import LOG
from portal import clock
from portal.ids import uuid7
from tests.analytics.beacons.beacons import Door, Reply, logged, make_body, make_claims, make_event, make_token, now_ms
from tests.redis_servers import OwnRedis


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as door:
        yield door


@contextmanager
def opened(redis_url: str = django_settings.NOVA_REDIS_URL) -> Iterator[Door]:
    door = Door(redis_url)
    with door.runner:
        yield door
        door.runner.run(door.log.close())


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("nova_beacons_total", {"result": result}) or 0.0


def in_log() -> list[Any]:
    return logged(django_settings.NOVA_REDIS_URL)


# --- What comes through -----------------------------------------------------------------------------------------------


def test_a_beacon_is_taken_and_logged(door: Door) -> None:
    before = counted("taken")
    session = uuid7(clock.now()).hex
    body = make_body(
        make_token(session=session, subject="movie:7", user=42), ev=[make_event(sn=3, **{"nova-watch": 9})]
    )
    reply = door.send_once(body)
    assert (reply.status, reply.body) == (204, b"")
    [beacon] = in_log()
    assert (beacon.session, beacon.subject, beacon.user) == (session, "movie:7", 42)
    assert (beacon.events[0].sn, beacon.events[0].watch) == (3, 9)
    assert counted("taken") == before + 1


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain;charset=UTF-8", "Application/JSON; charset=utf-8"]
)
def test_it_may_be_sent_as_sendbeacon_sends(door: Door, content_type: str) -> None:
    assert door.send_once(make_body(), content_type=content_type).status == 204


def test_it_may_come_in_pieces(door: Door) -> None:
    assert door.send_once(make_body(), pieces=7).status == 204


def test_its_answer_has_an_id_and_is_kept_by_nobody(door: Door) -> None:
    reply = door.send_once(make_body(), x_request_id="from-the-player")
    assert reply.headers["x-request-id"] == "from-the-player"
    assert reply.headers["cache-control"] == "no-store"
    assert "content-length" not in reply.headers


def test_those_that_come_together_are_all_written(door: Door) -> None:
    async def crowd() -> list[int]:
        bodies = [make_body(make_token(subject=f"movie:{number}")) for number in range(1, 201)]
        return [reply.status for reply in await asyncio.gather(*map(door.send, bodies))]

    assert set(door.runner.run(crowd())) == {204}
    assert {beacon.subject for beacon in in_log()} == {f"movie:{number}" for number in range(1, 201)}


def test_the_log_keeps_what_it_takes_to_count_anew_and_no_more(door: Door) -> None:
    redis = get_redis_connection("default")
    long_ago = now_ms() - 3600_000
    for number in range(300):
        redis.xadd(LOG, {b"r": b"x"}, id=f"{long_ago}-{number}")
    door.send_once(make_body())
    # Redis drops whole nodes of a hundred.
    assert redis.xlen(LOG) <= 101


def test_a_flood_leaves_room_in_redis_for_others() -> None:
    door = Door(django_settings.NOVA_REDIS_URL, most_kept=200)
    with door.runner:

        async def flood() -> None:
            await asyncio.gather(*(door.send(make_body()) for _ in range(1000)))

        door.runner.run(flood())
        door.runner.run(door.log.close())
    # Redis drops whole nodes of a hundred.
    assert 200 <= get_redis_connection("default").xlen(LOG) < 300


# --- Who may not ------------------------------------------------------------------------------------------------------


def test_a_forged_token_is_refused(door: Door) -> None:
    before = counted("beacon-token-forged")
    token = make_token()
    forged = f"{'B' if token[20] == 'A' else 'A'}".join((token[:20], token[21:]))
    for bad in (forged, "", "x", token[:-4], token * 2):
        reply = door.send_once(make_body(bad or "-"))
        expected = (422, "invalid-input") if len(bad) > 200 else (401, "beacon-token-forged")
        assert (reply.status, reply.problem["code"]) == expected
    assert in_log() == []
    assert counted("beacon-token-forged") == before + 4


def test_the_token_of_a_session_that_is_over_is_refused(door: Door) -> None:
    before = counted("beacon-token-expired")
    reply = door.send_once(make_body(make_token(expires_s=int(clock.now().timestamp()) - 1)))
    assert (reply.status, reply.problem["code"]) == (403, "beacon-token-expired")
    assert in_log() == []
    assert counted("beacon-token-expired") == before + 1


def test_a_beacon_counts_for_the_session_of_its_token_whatever_it_says(door: Door) -> None:
    claims = make_claims()
    token = make_token(session=claims.session)
    others = {"sid": "0" * 32, "session": "0" * 32, "subject": "movie:1", "viewer": "0" * 32, "user": 1}
    assert door.send_once(make_body(token, **others)).status == 204
    [beacon] = in_log()
    assert (beacon.session, beacon.subject, beacon.user) == (claims.session, "movie:7", 42)


def test_the_same_beacon_again_says_the_same_again(door: Door) -> None:
    body = make_body()
    assert [door.send_once(body).status for _ in range(2)] == [204, 204]
    first, second = in_log()
    assert first.events[0].sn == second.events[0].sn
    assert first.events[0].watch == second.events[0].watch


# --- What is no beacon ------------------------------------------------------------------------------------------------

DEEP = b'{"v":1,"x":' + b"[" * 8000 + b"]" * 8000 + b"}"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 400, "malformed-request"),
        (b"\xff\x00garbage", {}, 400, "malformed-request"),
        (b'{"v":1', {}, 400, "malformed-request"),
        (b'{"v":NaN}', {}, 400, "malformed-request"),
        (DEEP, {}, 400, "malformed-request"),
        (b"[]", {}, 422, "invalid-input"),
        (b"{}", {}, 422, "invalid-input"),
        ({"v": 2}, {}, 422, "invalid-input"),
        (b" " * (MOST_BYTES + 1), {}, 413, "request-too-large"),
        (b"{}", {"content_length": "99999999999999999999"}, 413, "request-too-large"),
        (b"{}", {"content_length": "9" * 9000}, 413, "request-too-large"),
        (b"{}", {"content_type": ""}, 415, "unsupported-media-type"),
        (b"{}", {"content_type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"),
        (b"{}", {"content_type": "text/plainer"}, 415, "unsupported-media-type"),
        (b"{}", {"content_length": "many"}, 422, "invalid-input"),
    ],
)
def test_what_is_no_beacon_is_refused_by_name(
    door: Door, body: object, headers: Mapping[str, str], status: int, code: str
) -> None:
    before = counted(code)
    reply = door.send_once(body, **headers)
    assert (reply.status, reply.problem["code"]) == (status, code)
    assert reply.problem["instance"] == "/api/v1/beacons/"
    assert counted(code) == before + 1
    assert in_log() == []


def test_a_body_without_end_is_refused_where_it_gets_too_large(door: Door) -> None:
    assert door.send_once(b" " * (10 * MOST_BYTES), pieces=100).status == 413


def test_a_body_that_does_not_come_is_waited_for_a_while(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.beacons.endpoint._BODY_WITHIN_S", 0.05)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"text/plain")]}
    door.runner.run(door.endpoint(scope, receive, send))
    assert sent[0]["status"] == 400


def test_who_is_gone_gets_no_answer(door: Door) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"text/plain")]}
    door.runner.run(door.endpoint(scope, receive, send))
    assert in_log() == []


def test_an_event_of_the_future_is_refused(door: Door) -> None:
    before = counted("ahead")
    reply = door.send_once(make_body(ev=[make_event(), make_event(sn=1, ts=now_ms() + 600_000)]))
    assert (reply.status, reply.problem["code"]) == (422, "invalid-input")
    assert counted("ahead") == before + 1
    assert in_log() == []
    assert reply.problem["errors"][0]["pointer"] == "/ev/1/ts"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"])
def test_another_method_is_told_which_ones_there_are(door: Door, method: str) -> None:
    reply = door.send_once(make_body(), method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "POST, OPTIONS")
    assert reply.problem["code"] == "method-not-allowed"


def test_the_id_of_a_request_is_no_way_into_the_log(door: Door) -> None:
    reply = door.send_once(b"{", x_request_id="evil\r\nline")
    assert "evil" not in reply.headers["x-request-id"]
    assert reply.problem["request_id"] == reply.headers["x-request-id"]


# --- Too much ---------------------------------------------------------------------------------------------------------


def test_a_session_that_says_too_much_is_told_to_wait_and_no_other_is(door: Door) -> None:
    before, token = counted("too-many-requests"), make_token()

    async def flood() -> list[Reply]:
        return [await door.send(make_body(token)) for _ in range(100)]

    replies = door.runner.run(flood())
    statuses = [reply.status for reply in replies]
    assert statuses[:BURST] == [204] * BURST
    assert counted("too-many-requests") - before == statuses.count(429)
    refused = next(reply for reply in replies if reply.status == 429)
    assert refused.headers["retry-after"] == "1"
    assert refused.problem["scope"] == "beacons"
    assert door.send_once(make_body()).status == 204
    assert len(in_log()) == statuses.count(204) + 1


def test_a_crowd_is_asked_to_tell_less_often(settings: Settings) -> None:
    settings.NOVA_BEACONS_PER_S = 5
    before = counted("slowed")
    with opened() as door:

        async def crowd() -> list[bytes]:
            return [reply.body for reply in await asyncio.gather(*(door.send(make_body()) for _ in range(30)))]

        bodies = door.runner.run(crowd())
    assert json.loads(bodies[-1]) == {"hb": 20}
    told = in_log()
    assert len(told) == 30
    # Whoever counts knows for how long each of them may be silent.
    assert sorted({beacon.interval for beacon in told}) == [10, 20]
    assert [beacon.interval for beacon in told].count(20) == len([body for body in bodies if body])
    assert counted("slowed") > before


# --- Other sites ------------------------------------------------------------------------------------------------------


def test_pages_of_other_sites_may_send_where_the_api_lets_them(door: Door, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
    for origin, is_let_in in (("https://app.example", True), ("https://evil.example", False)):
        preflight = door.send_once(b"", method="OPTIONS", origin=origin, **asked)
        assert preflight.status == 204
        reply = door.send_once(make_body(), origin=origin)
        for answer in (preflight, reply):
            assert ("access-control-allow-origin" in answer.headers) == is_let_in
            assert answer.headers["vary"] == "origin"
    assert "content-type" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers


def test_it_says_what_it_takes(door: Door) -> None:
    reply = door.send_once(b"", method="OPTIONS")
    assert (reply.status, reply.headers["allow"]) == (204, "POST, OPTIONS")
    assert "access-control-allow-methods" not in reply.headers


def test_a_problem_does_nothing_in_a_browser(door: Door) -> None:
    headers = door.send_once(b"{").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


# --- Redis ------------------------------------------------------------------------------------------------------------


def assert_told_to_come_again(reply: Reply) -> None:
    assert (reply.status, reply.problem["code"], reply.problem["part"]) == (503, "service-unavailable", "redis")
    assert int(reply.headers["retry-after"]) > 0


def test_where_there_is_no_redis_the_player_is_told_to_come_again() -> None:
    before = counted("service-unavailable")
    with opened("unix:///nowhere/redis.sock") as door:
        assert_told_to_come_again(door.send_once(make_body()))
    assert counted("service-unavailable") == before + 1


def test_where_redis_says_nothing_nobody_waits_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with opened(f"redis://127.0.0.1:{port}/0") as door:

            async def several() -> list[Reply]:
                first = asyncio.create_task(door.send(make_body()))
                await asyncio.sleep(0.1)
                # It comes while the first one waits.
                return [await door.send(make_body()), await first]

            started = time.perf_counter()
            for reply in door.runner.run(several()):
                assert_told_to_come_again(reply)
            assert time.perf_counter() - started < 2


def test_it_outlives_a_restart_of_redis(own_redis: OwnRedis) -> None:
    with opened(own_redis.url) as door:
        assert door.send_once(make_body()).status == 204
        own_redis.kill()
        assert_told_to_come_again(door.send_once(make_body()))
        own_redis.restart(away_s=0)
        assert door.send_once(make_body()).status == 204
        own_redis.restart(away_s=0)
        # On a connection that nobody has told it is lost.
        assert door.send_once(make_body()).status == 204
        assert logged(own_redis.url)
