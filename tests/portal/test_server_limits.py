"""What our Daphne refuses, seen from a socket."""

import contextlib
import json
import re
import socket
import sys
import time
from collections.abc import Iterable, Iterator

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from analytics.beacons.body import MOST_BYTES
from catalog.uploads.protocol import LARGEST_PIECE
from portal.security.server_limits import (
    BEACON_LIMIT,
    BEACON_LIMIT_S,
    BODY_LIMIT,
    FRAME_LIMIT,
    HEADERS_LIMIT_S,
    MESSAGE_LIMIT,
    UPLOAD_LIMIT,
)
from tests.portal.processes import Process, free_port

_MIB = 1024 * 1024


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    number = free_port()
    server = Process((sys.executable, "-m", "tests.portal.echo_server"), {"NOVA_HTTP_PORT": str(number)})
    try:
        server.wait_for(lambda: _is_open(number))
        yield number
    finally:
        server.stop()


def _is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def send(port: int, head: str, pieces: Iterable[bytes] = ()) -> bytes:
    """Send a request, as far as the server takes it; return its answer."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode())
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(65536):
            received += data
    return received


def test_announced_body_that_is_too_large_is_refused_before_it_is_sent(port: int) -> None:
    answer = send(port, f"POST /api/v1/movies/ HTTP/1.1\nHost: localhost\nContent-Length: {BODY_LIMIT + 1}\n\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    problem = json.loads(body)
    assert (problem["code"], problem["limit_bytes"]) == ("request-too-large", BODY_LIMIT)
    assert str(BODY_LIMIT) in problem["detail"]


def test_upload_may_be_larger_but_not_without_end(port: int) -> None:
    piece = (
        f"PATCH /api/v1/uploads/1/ HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: {BODY_LIMIT + 1}\n\n"
    )
    assert send(port, piece, (b"x" * _MIB for _ in range(26))).endswith(str(BODY_LIMIT + 1).encode())
    answer = send(port, f"PATCH /api/v1/uploads/1/ HTTP/1.1\nHost: localhost\nContent-Length: {UPLOAD_LIMIT + 1}\n\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["limit_bytes"] == UPLOAD_LIMIT
    assert LARGEST_PIECE < UPLOAD_LIMIT


def test_beacon_is_small(port: int) -> None:
    before = refused(port, "too_large")
    answer = send(port, f"POST /api/v1/beacons/ HTTP/1.1\nHost: localhost\nContent-Length: {BEACON_LIMIT + 1}\n\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert MOST_BYTES < BEACON_LIMIT
    assert refused(port, "too_large") == before + 1


def test_chunked_body_is_cut_off_where_it_gets_too_large(port: int) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 4 * BODY_LIMIT:
            sent += _MIB
            yield b"%x\r\n" % _MIB + b"x" * _MIB + b"\r\n"

    answer = send(port, "POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n", endless())
    # The refusal is lost where the client is still sending when the connection is cut.
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413 ")
    assert sent < 2 * BODY_LIMIT


def test_body_within_the_limit_arrives_whole(port: int) -> None:
    answer = send(
        port,
        f"POST / HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: {3 * _MIB}\n\n",
        (b"x" * _MIB for _ in range(3)),
    )
    assert answer.endswith(str(3 * _MIB).encode())


def test_headers_of_more_than_16_kib_are_refused(port: int) -> None:
    answer = send(port, f"GET / HTTP/1.1\nHost: localhost\nX-Long: {'x' * 9000}\nX-Longer: {'x' * 9000}\n\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("begun", "drop", "limit_s"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-Drip: 1\r\n", HEADERS_LIMIT_S),
        (
            b"POST /api/v1/beacons/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\nx\r\n",
            BEACON_LIMIT_S,
        ),
    ],
    ids=["head", "beacon"],
)
def test_what_drips_is_cut_off(port: int, begun: bytes, drop: bytes, limit_s: int) -> None:
    before, started = refused(port, "too_slow"), time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 40) as connection:
        connection.sendall(begun)
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - started < 3 * limit_s:
                connection.sendall(drop)
                connection.settimeout(1)
                with contextlib.suppress(TimeoutError):
                    if connection.recv(1) == b"":
                        break
    assert limit_s - 1 < time.monotonic() - started < limit_s + 6
    assert refused(port, "too_slow") == before + 1


def refused(port: int, reason: str) -> float:
    """Return how many requests the server says it cut off."""
    answer = send(port, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").decode()
    found = re.search(rf'^nova_web_refused_requests_total\{{reason="{reason}"\}} (\S+)', answer, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize("path", ["/", "/api/v1/beacons/"])
def test_connection_serves_one_request_after_another(port: int, path: str) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        for _ in range(3):
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
            connection.sendall(f"{head}{{}}".encode())
            assert b"200 OK" in connection.recv(65536)


def ask(client: ClientConnection, message: str | Iterable[str]) -> None:
    """Send, and wait for an answer: who is cut off may learn it at either."""
    client.send(message)
    client.recv(10)


def test_large_frame_closes_the_socket(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/", compression=None) as client:
        client.send("x" * FRAME_LIMIT)
        assert client.recv(10) == str(FRAME_LIMIT)
        with pytest.raises(ConnectionClosedError):
            ask(client, "x" * (FRAME_LIMIT + 1))


def test_large_message_in_small_frames_closes_the_socket(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/", compression=None) as client, pytest.raises(ConnectionClosedError):
        ask(client, ("x" * FRAME_LIMIT for _ in range(MESSAGE_LIMIT // FRAME_LIMIT + 1)))
