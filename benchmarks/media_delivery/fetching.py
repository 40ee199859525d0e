"""Fetches the same addresses again and again over kept connections, as fast as they come; run as a program of its own.

    python -m benchmarks.media_delivery.fetching HOST PORT SECONDS < paths, one a line, one connection for each

It does as little as it can with what it gets, as it shares the machine with the server that is measured.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

_ROOT = Path(__file__).resolve().parents[2]
_BUFFER_BYTES = 512 * 1024
_PATIENCE_S = 20


@dataclass(slots=True, kw_only=True)
class Fetched:
    """What came. `failures` are answers other than 200, and connections that broke."""

    requests: int = 0
    size_bytes: int = 0
    failures: int = 0
    seconds: float = 0

    @property
    def rate_mb_s(self) -> float:
        return self.size_bytes / self.seconds / 1e6


def fetch_all(urls: Sequence[str], *, seconds: float) -> Fetched:
    """Fetch each address over a connection of its own for so long, in another process."""
    place = urlsplit(urls[0])
    paths = "\n".join(urlsplit(url).path for url in urls)
    place_and_time = (str(place.hostname), str(place.port), str(seconds))
    argv = [sys.executable, "-m", "benchmarks.media_delivery.fetching", *place_and_time]
    done = subprocess.run(argv, input=paths, cwd=_ROOT, capture_output=True, text=True, check=True)
    return Fetched(**json.loads(done.stdout))


def main(host: str, port: int, seconds: float, paths: Sequence[str]) -> Fetched:
    began = time.monotonic()
    parts = [Fetched() for _ in paths]
    threads = [
        threading.Thread(target=_fetch, args=((host, port), path, began + seconds, part))
        for path, part in zip(paths, parts, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Fetched(
        requests=sum(part.requests for part in parts),
        size_bytes=sum(part.size_bytes for part in parts),
        failures=sum(part.failures for part in parts),
        seconds=time.monotonic() - began,
    )


def _fetch(place: tuple[str, int], path: str, until: float, fetched: Fetched) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: {place[0]}\r\n\r\n".encode()
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    try:
        while time.monotonic() < until:
            _fetch_over_one(place, request, buffer, until, fetched)
    except OSError:
        fetched.failures += 1


def _fetch_over_one(place: tuple[str, int], request: bytes, buffer: memoryview, until: float, fetched: Fetched) -> None:
    """Use one connection for as long as the server keeps it: nginx announces the end after a thousand answers."""
    with socket.create_connection(place, timeout=_PATIENCE_S) as connection:
        is_kept = True
        while is_kept and time.monotonic() < until:
            connection.sendall(request)
            status, size, is_kept = _take_answer(connection, buffer)
            fetched.requests += 1
            fetched.size_bytes += size
            fetched.failures += status != b"200"


def _take_answer(connection: socket.socket, buffer: memoryview) -> tuple[bytes, int, bool]:
    """Read an answer to its end; return its status, how long its body was, if another may follow. Raises OSError."""
    head = b""
    while b"\r\n\r\n" not in head:
        count = connection.recv_into(buffer)
        if not count:
            raise ConnectionResetError
        head += buffer[:count]
    head, _, begun = head.partition(b"\r\n\r\n")
    size = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
    left = size - len(begun)
    while left > 0:
        count = connection.recv_into(buffer, min(left, _BUFFER_BYTES))
        if not count:
            raise ConnectionResetError
        left -= count
    return head.split(None, 2)[1], size, b"connection: close" not in head.lower()


if __name__ == "__main__":
    print(json.dumps(asdict(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.stdin.read().split()))))
