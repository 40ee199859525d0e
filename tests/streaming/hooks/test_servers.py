"""The setting that names the ingest servers."""

import pytest

from portal.env import BadSetting
from streaming.hooks.notices import Publishing
from streaming.hooks.servers import DIALECTS, IngestServer, read_servers
from streaming.rtmp.redaction import Secret

SECRET = "s" * 32
EDGE = f"edge nginx-rtmp rtmp://ingest:1935/{{path}} {SECRET}"
OTHER = f"other srs rtmp://srs:1935/{{path}} {SECRET}"


def publishing(**overrides: str) -> Publishing:
    values = {"publisher": "3", "key": "KEY", "path": "live/KEY"} | overrides
    return Publishing(
        publisher=values["publisher"], key=Secret(values["key"]), path=Secret(values["path"]), peer="203.0.113.7"
    )


def server(kind: str = "nginx-rtmp", *, secret: str = SECRET) -> IngestServer:
    return read_servers(f"edge {kind} rtmp://ingest:1935/{{path}} {secret}")["edge"]


def test_none_is_none() -> None:
    assert read_servers("") == read_servers(" \n , ") == {}


@pytest.mark.parametrize("written", [f"{EDGE},{OTHER}", f"{EDGE}\n{OTHER}\n", f" {EDGE} ,\n {OTHER}"])
def test_several_are_told_apart_by_commas_or_lines(written: str) -> None:
    servers = read_servers(written)
    assert list(servers) == ["edge", "other"]
    assert servers["edge"] == IngestServer(
        name="edge", dialect=DIALECTS["nginx-rtmp"], pull_url="rtmp://ingest:1935/{path}", secret=SECRET
    )
    assert servers["edge"].address_of("live/a") == "rtmp://ingest:1935/live/a"


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("edge nginx-rtmp rtmp://ingest/{path}", "not written as one"),
        (f"Edge nginx-rtmp rtmp://ingest/{{path}} {SECRET}", "not written as one"),
        (f"edge/1 nginx-rtmp rtmp://ingest/{{path}} {SECRET}", "not written as one"),
        (f"edge wowza rtmp://ingest/{{path}} {SECRET}", "of a kind that is not known"),
        (f"edge srs rtmp://ingest/live {SECRET}", "no address to pull from"),
        (f"edge srs file:///etc/{{path}} {SECRET}", "no address to pull from"),
        (f"edge srs rtmp://{{path}}/live {SECRET}", "no address to pull from"),
        (f"edge srs rtmp://[/{{path}} {SECRET}", "no address to pull from"),
        ("edge srs rtmp://ingest/{path} short-secret", "too short"),
        (f"{EDGE},{EDGE}", "two servers of the same name"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(written: str, complaint: str) -> None:
    with pytest.raises(BadSetting, match=complaint) as raised:
        read_servers(written)
    assert SECRET not in str(raised.value)
    assert "short-secret" not in str(raised.value)


def test_nothing_shows_the_secret() -> None:
    assert SECRET not in repr(read_servers(EDGE))


@pytest.mark.parametrize("kind", ["nginx-rtmp", "ovenmediaengine"])
def test_a_stream_is_hidden_under_a_name_that_stays_the_same(kind: str) -> None:
    path = server(kind).path_of(publishing())
    assert path == server(kind).path_of(publishing())
    assert path.startswith("live/")
    assert "KEY" not in path
    assert len(path.removeprefix("live/")) == 32


def test_another_connection_key_or_server_has_another_name() -> None:
    paths = {
        server().path_of(publishing()),
        server().path_of(publishing(publisher="4")),
        server().path_of(publishing(key="OTHER")),
        server(secret="t" * 32).path_of(publishing()),
    }
    assert len(paths) == 4


@pytest.mark.parametrize("kind", ["mediamtx", "srs"])
def test_what_cannot_be_renamed_keeps_its_name(kind: str) -> None:
    assert server(kind).path_of(publishing()) == "live/KEY"
