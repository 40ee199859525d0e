"""nginx serving media itself, in front of a real origin: what players see is what the origin would have sent."""

import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import httpx
import pytest

from portal.api.problems import problem_document
from portal.errors import TooManyRequests
from tests.deploy.edge import Edge, find_nginx, free_port
from tests.streaming.delivery.modes import (
    FAULTS,
    REVOKED_MOVIE,
    Origin,
    revocation,
    running_nginx_mode,
    running_origin,
    token_with,
)
from tests.streaming.origin.media import (
    CONTENTS,
    OTHER_PACKAGE,
    PLAYLIST,
    SEGMENT,
    make_token,
    write_package,
)

pytestmark = pytest.mark.skipif(
    find_nginx() is None and os.environ.get("CI") != "true",
    reason="nginx is not installed (apt-get install nginx-light)",
)
SHAPES = [name for name in CONTENTS if name != "index.json"]
PLAYLISTS = [name for name in SHAPES if name.endswith((".m3u8", ".mpd"))]
SEGMENT_NAME = "v720p/1.m4s"
# More than the network itself takes in while nobody reads.
LARGE_PACKAGE, LARGE_BYTES = "e" * 32, 24 * 1024 * 1024
# What differs from answer to answer, or with who sends it.
OWN_HEADERS = {"date", "server", "etag", "last-modified", "x-request-id", "connection", "transfer-encoding"}


class Stage(NamedTuple):
    client: httpx.Client
    origin: Origin
    edge: Edge

    def get(self, name: str, token: str = "", **headers: str) -> httpx.Response:
        return self.client.get(f"{self.edge.url}/m/{token or make_token()}/{name}", headers=headers)

    def asked(self, start: str) -> list[str]:
        return [path for path in self.origin.asked if path.startswith(start)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("nginx-mode")
    media = folder / "media"
    write_package(media)
    write_package(media, OTHER_PACKAGE, {"master.m3u8": b"#EXTM3U\n", "secret.txt": b"secret"})
    write_package(media, LARGE_PACKAGE, {SEGMENT_NAME: bytes(LARGE_BYTES), "master.m3u8": PLAYLIST})
    (media / "sources").mkdir()
    (media / "sources" / "film.mp4").write_bytes(b"the master")
    with (
        httpx.Client(verify=False) as client,
        running_origin(media) as origin,
        running_nginx_mode(folder / "edge", media, origin_port=origin.port) as edge,
    ):
        yield Stage(client, origin, edge)


@pytest.fixture
def stage(running: Stage) -> Stage:
    """Nothing has been asked yet."""
    running.origin.asked.clear()
    return running


@pytest.mark.parametrize("name", SHAPES)
def test_headers_are_those_of_the_origin(stage: Stage, name: str) -> None:
    token = make_token()
    of_nginx = stage.get(name, token)
    of_origin = stage.client.get(f"{stage.origin.url}/m/{token}/{name}")
    assert _shown(of_nginx) == _shown(of_origin)
    assert of_nginx.headers["etag"]
    assert len(of_nginx.headers.get_list("x-request-id")) == 1


def test_only_playlists_and_verdicts_reach_the_origin(stage: Stage) -> None:
    for name in SHAPES:
        assert stage.get(name).status_code == 200
    below = stage.asked("/m/")
    assert {path.split("/", 3)[3] for path in below} <= set(PLAYLISTS)
    assert len(below) + len(stage.asked("/verdict")) == len(stage.origin.asked)


def test_a_part_is_sent(stage: Stage) -> None:
    answer = stage.get(SEGMENT_NAME, Range="bytes=10-19")
    assert (answer.status_code, answer.content) == (206, SEGMENT[10:20])
    assert answer.headers["content-range"] == f"bytes 10-19/{len(SEGMENT)}"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_several_parts_at_once_get_the_whole(stage: Stage) -> None:
    answer = stage.get(SEGMENT_NAME, Range="bytes=0-1,5-6")
    assert (answer.status_code, answer.content) == (200, SEGMENT)


def test_a_part_behind_the_end_is_refused(stage: Stage) -> None:
    token = make_token()
    answer = stage.get(SEGMENT_NAME, token, Range="bytes=999999-")
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(SEGMENT)}")
    of_origin = stage.client.get(f"{stage.origin.url}/m/{token}/{SEGMENT_NAME}", headers={"Range": "bytes=999999-"})
    assert _problem(answer) == _problem(of_origin)
    assert answer.headers.get_list("cache-control")[-1] == "no-store"
    for name in ("x-request-id", "access-control-allow-origin"):
        assert len(answer.headers.get_list(name)) == 1


@pytest.mark.parametrize("name", [SEGMENT_NAME, "master.m3u8"])
def test_what_a_player_has_is_not_sent_again(stage: Stage, name: str) -> None:
    etag = stage.get(name).headers["etag"]
    again = stage.get(name, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert stage.get(name, **{"If-None-Match": '"another"'}).status_code == 200


def test_a_head_tells_the_size(stage: Stage) -> None:
    answer = stage.client.head(f"{stage.edge.url}/m/{make_token()}/{SEGMENT_NAME}")
    assert (answer.status_code, answer.content, int(answer.headers["content-length"])) == (200, b"", len(SEGMENT))


def test_a_preflight_is_answered_without_a_token_and_other_methods_are_refused(stage: Stage) -> None:
    url = f"{stage.edge.url}/m/no-token/{SEGMENT_NAME}"
    asked = {"Origin": "https://nova.example.com", "Access-Control-Request-Method": "GET"}
    answer = stage.client.options(url, headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert stage.client.post(url, content=b"x").status_code == 405
    assert stage.client.delete(url).status_code == 405


def test_a_body_that_never_comes_holds_nothing_up(stage: Stage) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stage.edge.http_port, timeout=20)
    with closing(connection):
        connection.putrequest("GET", f"/m/{make_token()}/{SEGMENT_NAME}")
        connection.putheader("Content-Length", "1000")
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, SEGMENT)


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"none"}))
def test_a_refusal_is_the_problem_that_the_origin_tells(stage: Stage, fault: str) -> None:
    token = token_with(fault)
    of_nginx = stage.get(SEGMENT_NAME, token)
    of_origin = stage.client.get(f"{stage.origin.url}/m/{token}/{SEGMENT_NAME}")
    assert of_nginx.status_code == of_origin.status_code >= 400
    assert _shown(of_nginx, but="content-length") == _shown(of_origin, but="content-length")
    assert _problem(of_nginx) == _problem(of_origin)
    assert of_nginx.json()["request_id"] == of_nginx.headers["x-request-id"]
    assert token not in of_nginx.text


TOKEN = make_token()


@pytest.mark.parametrize(
    "path",
    [
        "/m/{token}/index.json",
        "/m/{token}/../master.m3u8",
        "/m/{token}/v720p/../v720p/1.m4s",
        "/m/{token}/../../sources/film.mp4",
        "/m/{token}/%2e%2e/%2e%2e/sources/film.mp4",
        "/m/{token}/..%2f..%2fsources%2ffilm.mp4",
        "/m/{token}/%252e%252e/sources/film.mp4",
        "/m/{token}/v720p%2f1.m4s",
        "/m/{token}/v720p/%31.m4s",
        "/m/{token}/v720p//1.m4s",
        "/m/{token}//v720p/1.m4s",
        "/m//{token}/v720p/1.m4s",
        "//m/{token}/v720p/1.m4s",
        "/m/./{token}/v720p/1.m4s",
        "/%6d/{token}/v720p/1.m4s",
        "/m/{token}/v720p\\1.m4s",
        "/m/{token}/v720p/1.m4s%00",
        "/m/{token}/v720p/1.m4s%00.jpg",
        "/m/{token}/v720p/1.m4s/",
        "/m/{token}/v720p/1.m4s;x",
        "/m/{token}/V720P/1.m4s",
        "/m/{token}/.hidden.m4s",
        "/m/{token}/secret.txt",
        "/m/{token}/",
        "/m/{token}",
        "/m/",
        f"/m/{'x' * 600}/v720p/1.m4s",
        f"/m/{{token}}/{'x' * 65}.m4s",
        "/m/{token}/a/b/c.m4s",
        "/m/{token}/v720p/1.m4s#/../x",
        "/.verdict",
        "/.verdict?x",
    ],
)
def test_an_address_of_another_form_is_not_found_and_the_origin_is_not_asked(stage: Stage, path: str) -> None:
    # A zero byte is no address at all to nginx.
    # The token says when it was made: in the name of a test it would be another one in each process.
    assert _ask_untidied(stage.edge, path.replace("{token}", TOKEN))[0] == (400 if "%00" in path else 404)
    assert stage.origin.asked == []


def test_queries_change_nothing(stage: Stage) -> None:
    for query in ("a=b", "/../../x.m4s", "x=%2e%2e"):
        assert _ask_untidied(stage.edge, f"/m/{make_token()}/{SEGMENT_NAME}?{query}") == (200, SEGMENT)


def test_a_request_that_names_the_whole_address_is_the_same(stage: Stage) -> None:
    assert _ask_untidied(stage.edge, f"{stage.edge.url}/m/{make_token()}/{SEGMENT_NAME}") == (200, SEGMENT)


def test_a_verdict_is_asked_for_once_a_second_for_each_token(stage: Stage) -> None:
    tokens = [make_token(movie_id=100), make_token(movie_id=101)]
    began = time.monotonic()
    for _ in range(30):
        for token in tokens:
            assert stage.get(SEGMENT_NAME, token).status_code == 200
    seconds = time.monotonic() - began
    assert len(tokens) <= len(stage.asked("/verdict")) <= len(tokens) * (seconds + 2)


def test_a_token_gets_its_own_film_whatever_others_have_got(stage: Stage) -> None:
    for _ in range(2):
        assert stage.get("master.m3u8").content == PLAYLIST
        assert stage.get("master.m3u8", make_token(package=OTHER_PACKAGE)).content == b"#EXTM3U\n"


@pytest.mark.parametrize("name", [SEGMENT_NAME, "master.m3u8"])
def test_a_revocation_is_noticed_although_the_token_was_good(stage: Stage, name: str) -> None:
    token = make_token(movie_id=77)
    assert stage.get(name, token).status_code == 200
    before = revocation(REVOKED_MOVIE)
    stage.origin.revocations.replace([before, revocation(77)])
    try:
        # A second, and what a busy machine takes.
        deadline = time.monotonic() + 20
        while (answer := stage.get(name, token)).status_code == 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert answer.json()["code"] == "playback-revoked"
    finally:
        stage.origin.revocations.replace([before])


def test_many_viewers_of_a_playlist_are_one_request_to_the_origin(stage: Stage) -> None:
    tokens = [make_token(movie_id=1000 + number) for number in range(24)]
    # Whatever was kept of it is over.
    time.sleep(1.5)
    stage.origin.asked.clear()
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda token: stage.get("v720p/index.m3u8", token), tokens))
    seconds = time.monotonic() - began
    assert {answer.content for answer in answers} == {CONTENTS["v720p/index.m3u8"]}
    assert 1 <= len(stage.asked("/m/")) <= seconds + 2


@pytest.mark.parametrize("wanted", ["gzip", "identity"])
def test_playlists_are_compressed_for_who_wants_that(stage: Stage, wanted: str) -> None:
    answer = stage.get("master.m3u8", **{"Accept-Encoding": wanted})
    assert answer.headers.get("content-encoding", "identity") == wanted
    assert answer.content == PLAYLIST


def test_the_log_holds_no_token(stage: Stage) -> None:
    token = make_token(movie_id=4711)
    stage.get(SEGMENT_NAME, token)
    stage.get("../x", token)
    assert token not in stage.edge.log.read_text()


def test_a_session_has_no_more_answers_under_way_than_at_the_origin(stage: Stage) -> None:
    token = make_token(package=LARGE_PACKAGE, session_id=UUID(int=48))
    with ExitStack() as viewers:
        for _ in range(48):
            viewers.enter_context(_reading_nothing(stage.edge, f"/m/{token}/{SEGMENT_NAME}"))
        refused = [stage.get(name, token) for name in (SEGMENT_NAME, "master.m3u8")]
        # Others have nothing to do with it, of the same film or another one.
        for package in (LARGE_PACKAGE, OTHER_PACKAGE):
            another = make_token(package=package, session_id=UUID(int=49))
            assert stage.get("master.m3u8", another).status_code == 200
    for name, answer in zip((SEGMENT_NAME, "master.m3u8"), refused, strict=True):
        told = problem_document(TooManyRequests(scope="media", retry_after_s=1), instance=f"/m/…/{name}")
        del told["request_id"]
        assert (answer.status_code, _problem(answer)) == (429, told)
        assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("1", "no-store")
        assert answer.headers["access-control-allow-origin"] == "*"
    deadline = time.monotonic() + 20
    while stage.get("master.m3u8", token).status_code == 429:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert token not in stage.edge.log.read_text() + stage.edge.errors.read_text()


def test_while_the_origin_is_away_nobody_is_let_in(tmp_path: Path) -> None:
    write_package(tmp_path / "media")
    with (
        httpx.Client(verify=False) as client,
        running_nginx_mode(tmp_path / "edge", tmp_path / "media", origin_port=free_port()) as edge,
    ):
        for name in (SEGMENT_NAME, "master.m3u8"):
            answer = client.get(f"{edge.url}/m/{make_token()}/{name}")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert (answer.json()["code"], answer.headers["cache-control"]) == ("service-unavailable", "no-store")
            assert answer.headers["access-control-allow-origin"] == "*"


def _reading_nothing(edge: Edge, path: str) -> socket.socket:
    """Ask for a file, and take no more of the answer than its beginning."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", edge.http_port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def _shown(answer: httpx.Response, *, but: str = "") -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {*OWN_HEADERS, but}}


def _problem(answer: httpx.Response) -> dict[str, object]:
    problem: dict[str, object] = json.loads(answer.content)
    return {name: value for name, value in problem.items() if name != "request_id"}


def _ask_untidied(edge: Edge, path: str) -> tuple[int, bytes]:
    """Ask for exactly this path, which clients would tidy first, and see that nothing of another file comes."""
    with socket.create_connection(("127.0.0.1", edge.http_port), timeout=20) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = answer.read()
    assert b"master" not in body or body == PLAYLIST
    return answer.status, body
