"""A portal of its own that films are uploaded to."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

from benchmarks.packaged_films.films import Film
from catalog.uploads.protocol import LARGEST_PIECE
from tests.e2e.running import Portal, start_portal
from tests.e2e.tus import TusClient

Answer = TypeVar("Answer")
_RETRY_S = 0.2
_PATIENCE_S = 120
# One network sends many films in a row.
_NO_LIMITS = {f"NOVA_RATE_LIMIT_{scope}": "off" for scope in ("TOKEN", "SIGN_IN", "SIGN_IN_NETWORK")}


@contextmanager
def empty_portal() -> Iterator[Portal]:
    """Run a portal in an empty folder; stop it and delete everything in the end."""
    data_dir = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    data_dir.chmod(0o711)
    try:
        portal = start_portal(data_dir, variables=_NO_LIMITS)
        try:
            portal.wait_for("Nova is running", timeout_s=200)
            portal.wait_until_whole(timeout_s=90)
            yield portal
        finally:
            portal.stop(timeout_s=90)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def sign_in(portal: Portal) -> TusClient:
    return until_answered(lambda: TusClient.sign_in(portal.url, username="admin", password=portal.password))


def send_all_but(portal: Portal, film: Film, *, left: int) -> tuple[TusClient, str, bytes]:
    """Upload a film but for its last bytes; return these, and who sends them where."""
    client = sign_in(portal)
    size = film.ready().stat().st_size
    upload = client.begin(size_bytes=size, said={"filename": f"{film.name}.mp4"})
    with film.path.open("rb") as file:
        while (offset := file.tell()) < size - left:
            client.send(upload, file.read(min(LARGEST_PIECE, size - left - offset)), offset=offset)
        return client, upload, file.read()


def send_whatever_happens(portal: Portal, film: Path, name: str, *, piece: int) -> None:
    """Upload a film in small pieces, and go on after whatever interrupts it."""
    client = sign_in(portal)
    size = film.stat().st_size
    upload = until_answered(lambda: client.begin(size_bytes=size, said={"filename": name}))
    offset = 0
    with film.open("rb") as file:
        while offset < size:
            file.seek(offset)
            offset = _send_or_ask(client, upload, file.read(piece), offset)


def _send_or_ask(client: TusClient, upload: str, piece: bytes, offset: int) -> int:
    try:
        return client.send(upload, piece, offset=offset)
    except httpx.HTTPError:
        return until_answered(lambda: client.offset(upload))


def until_answered(ask: Callable[[], Answer]) -> Answer:
    """Ask until the portal answers well; raises what it said last if it does not."""
    given_up_at = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return ask()
        except httpx.HTTPError:
            if time.monotonic() > given_up_at:
                raise
            time.sleep(_RETRY_S)
