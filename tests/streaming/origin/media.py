"""Media for tests: files, tokens for them, and a client that sends paths just as they are written."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from portal import clock
from portal.telemetry.asgi import Application
from streaming.origin.app import build_application
from streaming.origin.delivery import MediaDelivery
from streaming.origin.files import FolderFiles, MediaFiles
from streaming.origin.gate import Gate
from streaming.origin.live.delivery import Broadcasts
from streaming.origin.revoked import Revocations
from streaming.tokens import Key, Keyring, PlaybackClaims, sign_token

KEYRING = Keyring(Key(id=1, secret=b"only-for-tests-" * 3))
PACKAGE = "0123456789abcdef0123456789abcdef"
OTHER_PACKAGE = "f" * 32
SEGMENT = bytes(range(256)) * 4
PLAYLIST = b"#EXTM3U\n#EXT-X-VERSION:7\n" + b"#EXTINF:4.000,\n1.m4s\n" * 50
CONTENTS = {
    "master.m3u8": PLAYLIST,
    "v720p/index.m3u8": PLAYLIST + b"#EXT-X-ENDLIST\n",
    "manifest.mpd": b"<MPD/>" * 100,
    "v720p/init.mp4": b"header",
    "v720p/1.m4s": SEGMENT,
    "c1/1.vtt": b"WEBVTT\n",
    "storyboard.vtt": b"WEBVTT\n\n",
    "storyboard/1.jpg": b"picture",
    "index.json": b"{}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """A row, as the origin reads it."""

    subject: str
    issued_before: datetime


@dataclass
class Answer:
    """What an ASGI application has sent; `is_whole` if it said that nothing more of the body comes."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_whole: bool = False


def make_claims(*, movie_id: int = 42, **overrides: Any) -> PlaybackClaims:
    """Make what a token says; `subject` of one that is not for a movie."""
    at = clock.now()
    claims = PlaybackClaims(
        session_id=UUID(int=7),
        subject=f"movie:{movie_id}",
        package=PACKAGE,
        issued_at=at - timedelta(minutes=1),
        expires_at=at + timedelta(hours=1),
    )
    return replace(claims, **overrides)


def make_token(keyring: Keyring = KEYRING, **overrides: Any) -> str:
    return sign_token(make_claims(**overrides), keyring)


# What is wrong with a token, and the code that tells it; "movie:13" must be revoked.
FAULTY_TOKENS = {
    "no token": ("no-token-at-all", "playback-token-invalid"),
    "changed": (make_token()[:20] + "zzzz" + make_token()[24:], "playback-token-invalid"),
    "cut off": (make_token()[:-4], "playback-token-invalid"),
    "another secret": (make_token(Keyring(Key(id=1, secret=b"another"))), "playback-token-invalid"),
    "another number": (make_token(Keyring(replace(KEYRING.signing, id=2))), "playback-token-invalid"),
    "expired": (make_token(expires_at=clock.now() - timedelta(seconds=1)), "playback-token-expired"),
    "revoked": (make_token(movie_id=13), "playback-revoked"),
}


def write_package(root: Path, package: str = PACKAGE, contents: Mapping[str, bytes] = CONTENTS) -> Path:
    folder = root / "packages" / package
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@contextmanager
def origin_of(
    where: Path | MediaFiles,
    *,
    revocations: Revocations | None = None,
    keyring: Keyring = KEYRING,
    pull_secret: str = "",
    live: Broadcasts | None = None,
) -> Iterator[Application]:
    files = FolderFiles(where) if isinstance(where, Path) else where
    media = MediaDelivery(gate=Gate(keyring, revocations or Revocations(), pull_secret), files=files, live=live)
    try:
        yield build_application(media)
    finally:
        media.close()


async def ask(
    origin: Application,
    path: str | bytes,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    on_piece: Callable[[], None] = lambda: None,
) -> Answer:
    """Send a request whose path nobody has tidied up; what follows a question mark is the query.

    `on_piece` is called when a piece of the body has come, before the next is asked for.
    """
    raw_path, _, query = (path.encode("latin-1") if isinstance(path, str) else path).partition(b"?")
    scope = {
        "type": "http",
        "method": method,
        "path": raw_path.decode("latin-1"),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
    }
    answer = Answer()
    pieces: list[bytes] = []
    incoming = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in incoming:
            return message
        return await asyncio.Future()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            answer.is_whole = not message.get("more_body", False)
            pieces.append(bytes(message["body"]))
            on_piece()

    await origin(scope, receive, send)
    answer.body = b"".join(pieces)
    return answer
