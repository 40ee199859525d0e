"""What each server says, and what it is answered."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from streaming.hooks.notices import Hook, HookUnreadable, Playing, Publishing, Pulling, Reply, Unpublished
from streaming.hooks.servers import DIALECTS
from streaming.rtmp.redaction import Secret
from tests.streaming.hooks.bodies import KEY, SECRET, mediamtx, nginx, ome, srs

NGINX, MEDIAMTX, SRS, OME = (DIALECTS[kind] for kind in ("nginx-rtmp", "mediamtx", "srs", "ovenmediaengine"))
HOOKS: dict[str, Callable[..., Hook]] = {"nginx-rtmp": nginx, "mediamtx": mediamtx, "srs": srs, "ovenmediaengine": ome}


def expected(*, publisher: str, path: str, key: str = KEY, has_begun: bool = False) -> Publishing:
    return Publishing(publisher=publisher, key=Secret(key), path=Secret(path), peer="203.0.113.7", has_begun=has_begun)


@pytest.mark.parametrize(
    ("hook", "path", "has_begun"),
    [
        (nginx(), f"live/{KEY}", False),
        (nginx(name="show", args=f"key={KEY}"), "live/show", False),
        (nginx(name="show", args=f"token={KEY}&x=1"), "live/show", False),
        (nginx(call="update_publish"), f"live/{KEY}", True),
        # What an encoder adds takes the place of nothing that nginx says.
        (nginx(args="call=publish_done&addr=198.51.100.1&clientid=4&name=other&app=other"), f"live/{KEY}", False),
    ],
)
def test_nginx_asks_for_a_publisher(hook: Hook, path: str, has_begun: bool) -> None:
    assert NGINX.read(hook) == expected(publisher="3", path=path, has_begun=has_begun)


def test_nginx_tells_that_a_publisher_has_gone() -> None:
    assert NGINX.read(nginx(call="publish_done")) == Unpublished(publisher="3")


def test_nginx_asks_in_vain_about_those_who_watch() -> None:
    assert NGINX.read(nginx(call="update_play")) == Playing()


@pytest.mark.parametrize(
    ("hook", "path"),
    [
        (mediamtx(), f"live/{KEY}"),
        (mediamtx(path="show", password=KEY, user="anybody"), "show"),
        (mediamtx(path="show", token=KEY), "show"),
        (mediamtx(path="live/show", query=f"key={KEY}"), "live/show"),
        (mediamtx(path="/live/show/", query=f"key={KEY}"), "live/show"),
    ],
)
def test_mediamtx_asks_for_a_publisher(hook: Hook, path: str) -> None:
    assert MEDIAMTX.read(hook) == expected(publisher="6f9e4a1c-38a4-4f0e-9d67-0b5f8a8b7a55", path=path)


def test_mediamtx_asks_for_who_watches() -> None:
    assert MEDIAMTX.read(mediamtx(action="read", user="nova", password=SECRET)) == Pulling(secret=Secret(SECRET))


@pytest.mark.parametrize(
    ("hook", "path"),
    [
        (srs(), f"live/{KEY}"),
        (srs(stream="show", param=f"?key={KEY}"), "live/show"),
        (srs(stream="show", param=f"?x=1&token={KEY}"), "live/show"),
    ],
)
def test_srs_asks_for_a_publisher(hook: Hook, path: str) -> None:
    assert SRS.read(hook) == expected(publisher="9308h583", path=path)


def test_srs_tells_that_a_publisher_has_gone() -> None:
    assert SRS.read(srs(action="on_unpublish")) == Unpublished(publisher="9308h583")
    # Older ones count.
    assert SRS.read(srs(action="on_unpublish", client_id=1985)) == Unpublished(publisher="1985")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"rtmp://ingest.example.com:1935/app/{KEY}", f"app/{KEY}"),
        (f"srt://ingest.example.com:9999/app/show?key={KEY}", "app/show"),
        (f"ws://ingest.example.com:3333/app/show?direction=send&token={KEY}", "app/show"),
    ],
)
def test_ovenmediaengine_asks_for_a_publisher(url: str, path: str) -> None:
    assert OME.read(ome(url=url)) == expected(publisher="203.0.113.7:29291", path=path)


def test_ovenmediaengine_tells_that_a_publisher_has_gone() -> None:
    assert OME.read(ome(status="closing")) == Unpublished(publisher="203.0.113.7:29291")


@pytest.mark.parametrize("kind", DIALECTS)
def test_a_hook_shows_the_secret(kind: str) -> None:
    hook, dialect = HOOKS[kind](), DIALECTS[kind]
    assert dialect.is_from(hook, SECRET)
    assert not dialect.is_from(hook, "another-secret-than-that-one")
    assert not dialect.is_from(replace(hook, query={}, headers={}), SECRET)


def test_what_was_changed_on_the_way_is_not_signed() -> None:
    hook = ome()
    assert not OME.is_from(replace(hook, body=hook.body + b" "), SECRET)
    assert not OME.is_from(ome(secret="another"), SECRET)
    # Some fill base64 up, some do not.
    assert OME.is_from(replace(hook, headers={"x-ome-signature": hook.headers["x-ome-signature"].rstrip("=")}), SECRET)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("nginx-rtmp", {"call": "record_done"}),
        ("nginx-rtmp", {"call": ""}),
        ("nginx-rtmp", {"clientid": ""}),
        ("nginx-rtmp", {"addr": "unix:"}),
        ("nginx-rtmp", {"name": ""}),
        ("nginx-rtmp", {"name": "../../stat"}),
        ("nginx-rtmp", {"name": "a key"}),
        ("nginx-rtmp", {"name": "a?b"}),
        ("nginx-rtmp", {"name": "a" * 256}),
        ("mediamtx", {"action": "playback"}),
        ("mediamtx", {"action": None}),
        ("mediamtx", {"action": 1}),
        ("mediamtx", {"path": ""}),
        ("mediamtx", {"path": "a/../b"}),
        ("mediamtx", {"path": "a//b"}),
        ("mediamtx", {"path": "a\n"}),
        ("mediamtx", {"path": "@evil.example.com/x"}),
        ("mediamtx", {"path": ["a"]}),
        ("mediamtx", {"ip": "localhost"}),
        ("mediamtx", {"ip": None}),
        ("mediamtx", {"id": None}),
        ("mediamtx", {"id": {"a": 1}}),
        ("mediamtx", {"password": {"$ne": ""}}),
        ("srs", {"action": "on_play"}),
        ("srs", {"client_id": None}),
        ("srs", {"stream": "a:b"}),
        ("ovenmediaengine", {"direction": "outgoing"}),
        ("ovenmediaengine", {"url": "rtmp://["}),
        ("ovenmediaengine", {"url": ""}),
        ("ovenmediaengine", {"client": {"address": ""}}),
    ],
)
def test_what_no_server_says_is_not_understood(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(HookUnreadable):
        DIALECTS[kind].read(HOOKS[kind](**fields))


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"nu", b"[" * 10_000, b"a&" * 200])
def test_what_is_no_hook_at_all_is_not_understood(kind: str, body: bytes) -> None:
    with pytest.raises(HookUnreadable):
        DIALECTS[kind].read(Hook(query={}, headers={}, body=body))


def test_nginx_is_told_another_name_by_a_redirect() -> None:
    assert NGINX.allow(nginx(), "live/hidden") == Reply(status=302, headers={"location": "hidden"})
    assert NGINX.allow(nginx()).status == 204
    assert NGINX.refuse("No.").status == 403


def test_mediamtx_goes_by_the_status() -> None:
    assert MEDIAMTX.allow(mediamtx()).status == 200
    assert MEDIAMTX.refuse("No.").status == 401


def test_srs_goes_by_status_and_code() -> None:
    allowed, refused = SRS.allow(srs()), SRS.refuse("No.")
    assert (allowed.status, json.loads(allowed.body)) == (200, {"code": 0})
    assert refused.status == 403
    assert json.loads(refused.body)["code"] != 0


@pytest.mark.parametrize(
    ("url", "new_url"),
    [
        (f"rtmp://ingest.example.com:1935/app/{KEY}", "rtmp://ingest.example.com:1935/app/hidden"),
        (
            f"ws://ingest.example.com:3333/app/show?direction=send&token={KEY}",
            "ws://ingest.example.com:3333/app/hidden?direction=send",
        ),
        (f"ws://ingest.example.com/app/{KEY}/file", "ws://ingest.example.com/app/hidden/file"),
    ],
)
def test_ovenmediaengine_is_told_another_address_without_the_key(url: str, new_url: str) -> None:
    answer = OME.allow(ome(url=url), "app/hidden")
    assert answer.status == 200
    assert json.loads(answer.body) == {"allowed": True, "lifetime": 0, "new_url": new_url}


def test_ovenmediaengine_goes_by_what_the_answer_says() -> None:
    assert json.loads(OME.allow(ome(status="closing")).body) == {}
    refused = OME.refuse("No.")
    assert (refused.status, json.loads(refused.body)) == (200, {"allowed": False, "reason": "No."})


@pytest.mark.parametrize("kind", DIALECTS)
def test_nothing_shows_the_key(kind: str) -> None:
    hook = HOOKS[kind]()
    assert KEY not in repr(hook)
    assert KEY not in repr(DIALECTS[kind].read(hook))
