"""What a large upload costs the web process, and whether it survives that process: 400 MB, killed twice in the middle.

    .venv/bin/python -m benchmarks.uploads

Memory is the proportional set size of web, sampled while the pieces go in, above what it held before the first of them.
Exits with 1 when a bar is missed, or the stored film is not the one that was sent.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks.results import Row, print_rows
from catalog.uploads.protocol import LARGEST_PIECE
from tests.e2e.running import Portal, start_portal
from tests.e2e.tus import TusClient

SIZE = 400_000_000
GROWTH_BAR_MB = 64.0
_PIECE = 8 * 1024 * 1024
_HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42"
_SAMPLE_S = 0.02
_RETURN_PATIENCE_S = 60


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    data_dir = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    data_dir.chmod(0o711)
    try:
        portal = start_portal(data_dir, variables={"NOVA_WEB_PROCESSES": "1"})
        try:
            portal.wait_for("Nova is running", timeout_s=200)
            return print_rows(_measure(portal, data_dir))
        finally:
            portal.stop()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def _measure(portal: Portal, data_dir: Path) -> list[Row]:
    film = data_dir / "film.mp4"
    digest = _make_film(film)
    client = TusClient.sign_in(portal.url, username="admin", password=portal.password)
    _warm_up(client)
    upload = client.begin(size_bytes=SIZE, said={"filename": film.name, "filetype": "video/mp4", "sha256": digest})

    started, rows = time.monotonic(), []
    for name, until, sent in (
        ("until killed in the middle of a piece", SIZE // 3, _PIECE // 2),
        ("until killed as a whole piece has come", 2 * SIZE // 3, _PIECE),
    ):
        with _growth(portal) as growth:
            _send(client, upload, film, until=until)
        rows.append(Row(what=f"growth of web, {name}", figure=max(growth), unit="MB", bar=GROWTH_BAR_MB))
        rows.append(Row(what=f"{name}: sent again", figure=_kill_web(portal, client, upload, film, sent), unit="MB"))
        _warm_up(client)
    with _growth(portal) as growth:
        _send(client, upload, film, until=SIZE, piece=LARGEST_PIECE)
    rows.append(
        Row(what="growth of web, until the end in the largest pieces", figure=max(growth), unit="MB", bar=GROWTH_BAR_MB)
    )
    rows.append(Row(what="400 MB with both interruptions", figure=time.monotonic() - started, unit="s"))
    is_same = _stored_digest(data_dir) == digest
    rows.append(Row(what="byte-identical (1: yes)", figure=float(is_same), unit="", bar=1, is_least=True))
    return rows


def _make_film(path: Path) -> str:
    """Write what passes for a film, in which no part is like another; return its SHA-256."""
    whole = hashlib.sha256(_HEAD)
    with path.open("wb") as file:
        file.write(_HEAD)
        while missing := SIZE - file.tell():
            buffer = os.urandom(min(1024 * 1024, missing))
            file.write(buffer)
            whole.update(buffer)
    return whole.hexdigest()


def _warm_up(client: TusClient) -> None:
    """Have web load what it loads for the first upload, so that only what the bytes cost is counted."""
    small = _HEAD + bytes(1024)
    upload = client.begin(size_bytes=len(small), said={"filename": "small.mp4"})
    client.send(upload, small, offset=0)


def _send(client: TusClient, upload: str, film: Path, *, until: int, piece: int = _PIECE) -> None:
    offset = client.offset(upload)
    with film.open("rb") as file:
        while offset < until:
            file.seek(offset)
            offset = client.send(upload, file.read(piece), offset=offset)


def _kill_web(portal: Portal, client: TusClient, upload: str, film: Path, sent: int) -> float:
    """Kill web while it takes a piece of which `sent` bytes are on the way; return how much is lost, in MB."""
    offset, web = client.offset(upload), portal.children()["web"]
    with film.open("rb") as file:
        file.seek(offset)
        connection = client.send_without_listening(upload, file.read(_PIECE), offset=offset, sent=sent)
    web.kill()
    connection.close()
    deadline = time.monotonic() + _RETURN_PATIENCE_S
    while not portal.is_back("web", web, 0):
        if time.monotonic() > deadline:
            raise RuntimeError("web did not come back")
        time.sleep(0.1)
    return (offset + sent - client.offset(upload)) / 1e6


@contextmanager
def _growth(portal: Portal) -> Iterator[list[float]]:
    """Collect, in MB, how much more web holds than at the beginning."""
    web, is_over, grown = portal.children()["web"], threading.Event(), [0.0]
    before = _held_mb(web)

    def sample() -> None:
        with suppress(psutil.NoSuchProcess):
            while not is_over.wait(_SAMPLE_S):
                grown.append(_held_mb(web) - before)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield grown
    finally:
        is_over.set()
        sampler.join()


def _held_mb(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


def _stored_digest(data_dir: Path) -> str:
    """Return the SHA-256 of the one large film in storage."""
    (stored,) = [path for path in (data_dir / "media" / "sources").rglob("original.mp4") if path.stat().st_size == SIZE]
    with stored.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
