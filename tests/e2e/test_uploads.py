"""A film on its way into the running portal, and the web process killed under it."""

import hashlib
import random
import time

import pytest

from tests.e2e.running import Portal
from tests.e2e.tus import TusClient

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

MIB = 1024 * 1024
PIECE = 4 * MIB
FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42" + random.Random(7).randbytes(20 * MIB)


def kill_web(portal: Portal) -> None:
    """Kill every web process: one of them has the film."""
    killed = {name: child for name, child in portal.children().items() if name.startswith("web")}
    for child in killed.values():
        child.kill()
    deadline = time.monotonic() + 60
    while not all(portal.is_back(name, child, 0) for name, child in killed.items()):
        assert time.monotonic() < deadline, f"web is not back; running: {sorted(portal.children())}"
        time.sleep(0.1)


# How much of the piece is on its way as web is killed: half of it, and all, of which nobody has said that it is safe.
@pytest.mark.parametrize("sent", [PIECE // 2, PIECE])
def test_a_film_is_whole_though_the_server_was_killed_while_it_came(live_portal: Portal, sent: int) -> None:
    client = TusClient.sign_in(live_portal.url, username="admin", password=live_portal.password)
    digest = hashlib.sha256(FILM).hexdigest()
    upload = client.begin(size_bytes=len(FILM), said={"filename": "film.mp4", "sha256": digest})
    safe = client.send(upload, FILM[:PIECE], offset=0)

    broken = client.send_without_listening(upload, FILM[safe : safe + PIECE], offset=safe, sent=sent)
    kill_web(live_portal)
    broken.close()

    offset = client.offset(upload)
    # What was said to be safe is; what was not may be.
    assert offset in ((safe,) if sent < PIECE else (safe, safe + PIECE))
    while offset < len(FILM):
        offset = client.send(upload, FILM[offset : offset + PIECE], offset=offset)

    key = f"sources/{upload.rstrip('/').rpartition('/')[2]}/original.mp4"
    stored = (live_portal.data_dir / "media" / key).read_bytes()
    client.remove(upload)
    assert hashlib.sha256(stored).hexdigest() == digest
