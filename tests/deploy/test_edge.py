"""What the edge lets through, holds back and adds: proven on a running nginx."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from portal.api.problems import problem_document, problem_type
from portal.errors import NotFound, all_errors
from portal.telemetry import correlation
from tests.deploy.edge import (
    CONFIG,
    MEDIA,
    Edge,
    Upstream,
    find_nginx,
    free_port,
    nginx_argv,
    prepare_config,
    running_edge,
    running_nginx,
    running_upstream,
)

MIB = 1024 * 1024

pytestmark = pytest.mark.skipif(
    find_nginx() is None and os.environ.get("CI") != "true",
    reason="nginx is not installed (apt-get install nginx-light)",
)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as running:
        yield running


@pytest.fixture
def edge(upstream: Upstream, tmp_path: Path) -> Iterator[Edge]:
    with running_edge(tmp_path / "edge", upstream_port=upstream.port) as running:
        yield running


@pytest.mark.parametrize("main", ["http.conf", "https.conf"])
@pytest.mark.parametrize("has_media", [False, True])
def test_nginx_accepts_the_configuration(tmp_path: Path, main: str, has_media: bool) -> None:
    prepare_config(tmp_path / "edge", upstream_port=free_port(), media=tmp_path if has_media else None)
    done = subprocess.run(nginx_argv(tmp_path / "edge" / main, "-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "/livez", "/readyz", "/readyz/database", "//metrics", "/%6detrics", "/x/../readyz"],
)
def test_what_is_for_the_inside_is_not_found_from_outside(edge: Edge, upstream: Upstream, path: str) -> None:
    assert _get_untidied(edge, path) == 404
    assert upstream.seen == []


def test_an_address_that_only_begins_like_an_inner_one_passes(edge: Edge) -> None:
    assert httpx.get(f"{edge.url}/metricsland").status_code == 200


def test_a_request_id_of_the_accepted_form_is_passed_on_and_sent_back_once(edge: Edge) -> None:
    answer = httpx.get(edge.url, headers={"X-Request-ID": "from-the-client-1"})
    assert answer.json()["headers"]["x-request-id"] == "from-the-client-1"
    assert answer.headers.get_list("x-request-id") == ["from-the-client-1"]


@pytest.mark.parametrize("presented", [None, "short", "has space in it", "x" * 65, "-starts-with-a-dash"])
def test_a_request_without_an_acceptable_id_gets_one(edge: Edge, presented: str | None) -> None:
    answer = httpx.get(edge.url, headers={} if presented is None else {"X-Request-ID": presented})
    given = answer.json()["headers"]["x-request-id"]
    assert given != presented
    assert answer.headers.get_list("x-request-id") == [given]
    assert correlation.accept_request_id(given) == given


def test_edge_and_portal_accept_the_same_form_of_id() -> None:
    found = re.search(r'"~\^(\S+)\$" \$http_x_request_id;', (CONFIG / "shared.conf").read_text())
    assert found is not None
    assert found.group(1) == correlation._ACCEPTED.pattern


def test_what_a_client_says_of_its_address_is_replaced(edge: Edge) -> None:
    told = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example.com",
        "Forwarded": "for=203.0.113.9",
        "X-Real-IP": "203.0.113.9",
    }
    got = httpx.get(edge.url, headers=told).json()["headers"]
    assert got["x-forwarded-for"] == "127.0.0.1"
    assert got["x-forwarded-proto"] == "http"
    assert not {"x-forwarded-host", "forwarded", "x-real-ip"} & got.keys()


def test_a_trusted_proxy_names_client_and_protocol(upstream: Upstream, tmp_path: Path) -> None:
    with running_edge(tmp_path / "edge", upstream_port=upstream.port, trusted=("127.0.0.1",)) as edge:
        told = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
        got = httpx.get(edge.url, headers=told).json()["headers"]
    # The last one that is not a trusted proxy: what stands before it came from the client.
    assert got["x-forwarded-for"] == "203.0.113.9"
    assert got["x-forwarded-proto"] == "https"


def test_the_host_keeps_its_port(edge: Edge) -> None:
    got = httpx.get(edge.url, headers={"Host": "nova.example.com:8080"}).json()["headers"]
    assert got["host"] == "nova.example.com:8080"


def test_a_websocket_passes_both_ways(edge: Edge) -> None:
    with connect(f"ws://127.0.0.1:{edge.http_port}/ws/streams/1/", proxy=None) as websocket:
        headers = json.loads(websocket.recv())
        websocket.send("hello")
        assert websocket.recv() == "hello"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert correlation.accept_request_id(headers["x-request-id"]) == headers["x-request-id"]


def test_a_body_over_the_limit_is_refused_before_it_is_sent(edge: Edge, upstream: Upstream) -> None:
    assert _announce_body(edge, "/admin/catalog/movie/add/", size=26 * MIB).status_code == 413
    assert upstream.seen == []


def test_the_api_refuses_a_large_body_with_a_problem(edge: Edge) -> None:
    answer = _announce_body(edge, "/api/v1/movies/", size=26 * MIB)
    problem = answer.json()
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["code"], problem["status"], problem["instance"]) == ("request-too-large", 413, "/api/v1/movies/")
    assert answer.headers.get_list("x-request-id") == [problem["request_id"]]


def test_a_path_that_would_break_the_problem_is_left_out_of_it(edge: Edge) -> None:
    assert _announce_body(edge, "/api/v1/%22,%22x%22:%22", size=26 * MIB).json()["instance"] == ""


def test_an_upload_may_be_large_but_not_endless(edge: Edge) -> None:
    assert httpx.post(f"{edge.url}/api/v1/uploads/", content=bytes(26 * MIB)).json()["size"] == 26 * MIB
    assert _announce_body(edge, "/api/v1/uploads/", size=21 * 1024 * MIB).status_code == 413


def test_an_upload_reaches_web_while_it_is_still_being_sent(edge: Edge, upstream: Upstream) -> None:
    def half_then_rest() -> Iterator[bytes]:
        yield bytes(200_000)
        assert upstream.first_body_byte.wait(5), "the first half was held back"
        yield bytes(200_000)

    answer = httpx.patch(f"{edge.url}/api/v1/uploads/1", content=half_then_rest())
    assert answer.json()["size"] == 400_000


def test_media_ranges_pass(edge: Edge) -> None:
    answer = httpx.get(f"{edge.url}/m/token/movie/1.m4s", headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes 10-19/{len(MEDIA)}"
    assert answer.content == MEDIA[10:20]


def test_a_live_part_is_passed_on_while_it_is_being_made(edge: Edge, upstream: Upstream) -> None:
    with httpx.stream("GET", f"{edge.url}/m/token/live/growing.m4s") as answer:
        chunks = answer.iter_raw()
        assert next(chunks) == b"first part"
        upstream.let_go.set()
        assert b"".join(chunks) == b"second part"


@pytest.mark.parametrize("path", ["/m/token/movie/1.m4s", "/packages/0123456789abcdef0123456789abcdef/movie/1.m4s"])
def test_players_and_cdns_get_media_from_the_origin(upstream: Upstream, tmp_path: Path, path: str) -> None:
    folder = tmp_path / "edge"
    edge = prepare_config(folder, upstream_port=free_port(), origin_port=upstream.port)
    with running_nginx(folder / "http.conf", edge):
        answer = httpx.get(f"{edge.url}{path}", headers={"X-Nova-Pull": "the-secret"})
    assert answer.status_code == 200
    assert upstream.seen == [path]
    if path.startswith("/packages/"):
        assert answer.json()["headers"]["x-nova-pull"] == "the-secret"


@pytest.mark.parametrize("path", ["/static/app.0123456789ab.css", "/art/covers/wide/0123456789abcdef.01234567.svg"])
def test_static_files_and_pictures_are_asked_for_once(edge: Edge, upstream: Upstream, path: str) -> None:
    for _ in range(3):
        answer = httpx.get(f"{edge.url}{path}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
    assert upstream.seen == [path]


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/", "/api/v1/auth/token/"])
def test_a_flood_of_sign_ins_is_slowed_down(edge: Edge, path: str) -> None:
    with httpx.Client() as client:  # one connection: a slow flood would be none, for every 3 s earn another attempt
        answers = [client.post(f"{edge.url}{path}") for _ in range(60)]
    assert [answer.status_code for answer in answers[:20]] == [200] * 20
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == "30"
    assert len(refused.headers.get_list("x-request-id")) == 1
    expected = "application/problem+json" if path.startswith("/api/") else "text/html; charset=utf-8"
    assert refused.headers["content-type"] == expected
    assert httpx.get(f"{edge.url}{path}").status_code == 200, "looking at the form is no attempt"


def test_headers_come_once_and_no_version_is_told(edge: Edge) -> None:
    answer = httpx.get(edge.url)
    assert answer.headers.get_list("x-frame-options") == ["DENY"]
    assert answer.headers.get_list("server") == ["nginx"]


def test_while_web_is_away_people_get_a_page_and_clients_a_problem(tmp_path: Path) -> None:
    with running_edge(tmp_path / "edge", upstream_port=free_port()) as edge:
        page, problem = httpx.get(f"{edge.url}/movies/"), httpx.get(f"{edge.url}/api/v1/movies/")
    assert (page.status_code, problem.status_code) == (503, 503)
    assert page.headers["retry-after"] == problem.headers["retry-after"] == "5"
    assert "Back in a moment" in page.text
    assert problem.json()["code"] == "service-unavailable"
    assert problem.json()["request_id"] == problem.headers["x-request-id"]


def test_the_problems_of_the_edge_are_those_of_the_portal() -> None:
    written = [json.loads(text) for text in re.findall(r"return \d+ '(\{.*\})';", (CONFIG / "portal.conf").read_text())]
    known = {error.code: error for error in all_errors()}
    assert {problem["code"] for problem in written} == {"request-too-large", "too-many-requests", "service-unavailable"}
    for problem in written:
        error = known[problem["code"]]
        assert (problem["title"], problem["status"]) == (str(error.title), int(error.status))
        assert problem["type"] == problem_type(error.code)
        assert problem.keys() >= problem_document(NotFound(), instance="").keys()


def test_a_client_that_dribbles_its_headers_loses_its_connection(upstream: Upstream, tmp_path: Path) -> None:
    folder = tmp_path / "edge"
    edge = prepare_config(folder, upstream_port=upstream.port)
    shared = folder / "shared.conf"
    assert "client_header_timeout 10s;" in shared.read_text()
    shared.write_text(shared.read_text().replace("client_header_timeout 10s;", "client_header_timeout 1s;"))
    process = subprocess.Popen(nginx_argv(folder / "http.conf"), stdin=subprocess.DEVNULL)
    try:
        with _connect(edge.http_port) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: lo")
            client.settimeout(5)
            with pytest.raises(ConnectionResetError):
                client.recv(100)
    finally:
        process.terminate()
        process.wait(10)


def test_the_log_holds_neither_playback_tokens_nor_query_strings(edge: Edge) -> None:
    httpx.get(f"{edge.url}/m/secret-token/movie/1.m4s")
    httpx.get(f"{edge.url}/movies/?q=private", headers={"X-Request-ID": "follow-this-one"})
    lines = edge.log_lines(2)
    assert [line["path"] for line in lines] == ["/m/-/movie/1.m4s", "/movies/"]
    assert lines[1]["request_id"] == "follow-this-one"
    assert "secret-token" not in edge.log.read_text()
    assert "private" not in edge.log.read_text()


def test_with_tls_plain_http_is_sent_on_and_http2_is_spoken(upstream: Upstream, tmp_path: Path) -> None:
    with running_edge(tmp_path / "edge", upstream_port=upstream.port, main="https.conf") as edge:
        moved = httpx.get(f"{edge.url}/movies/?page=2", headers={"Host": "nova.example.com"})
        assert (moved.status_code, moved.headers["location"]) == (301, "https://nova.example.com/movies/?page=2")
        trusted = ssl.create_default_context(cafile=str(tmp_path / "edge" / "tls" / "fullchain.pem"))
        got = httpx.get(f"https://127.0.0.1:{edge.https_port}/", verify=trusted).json()["headers"]
        assert got["x-forwarded-proto"] == "https"
        trusted.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", edge.https_port), timeout=5) as plain,
            trusted.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            assert secured.selected_alpn_protocol() == "h2"


def test_many_clients_at_once_are_served(edge: Edge) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(httpx.get(f"{edge.url}/movies/").status_code))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert statuses == [200] * 16


def _connect(port: int) -> socket.socket:
    """Connect to a server that may still be starting."""
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            threading.Event().wait(0.05)
    raise AssertionError("nginx does not listen")


def _get_untidied(edge: Edge, path: str) -> int:
    """Ask for exactly this path, which httpx would tidy first; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", edge.http_port, timeout=5)
    with closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def _announce_body(edge: Edge, path: str, *, size: int) -> httpx.Response:
    """Announce a body of `size` bytes, never send it, and return the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", edge.http_port, timeout=5)
    with closing(connection):
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
