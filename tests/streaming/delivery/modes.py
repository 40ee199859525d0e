"""The ways in which a viewer can be given media, each behind one face: a name and a credential go in, an answer comes.

What is real: the origin on uvicorn, and nginx. CDNs are edges of the tests' own, in front of the real origin.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx

from portal import clock
from portal.telemetry.asgi import with_request_log
from streaming.delivery import MediaAccess, media_access
from streaming.delivery.conf import DeliveryConf
from streaming.origin.live.delivery import Broadcasts
from streaming.origin.revoked import Revocations
from streaming.tokens import Key, Keyring
from tests.deploy.edge import Edge, free_port, prepare_config, running_nginx, serving
from tests.streaming.delivery.edges import PULL_SECRET, CloudFront, HmacEdge, of_a_stranger, rsa_key
from tests.streaming.origin.media import OTHER_PACKAGE, PACKAGE, Revoked, make_token, origin_of

REVOKED_MOVIE = 13
STRANGERS_KEYS = Keyring(Key(id=1, secret=b"of somebody else"))
# What is wrong with what a viewer presents.
FAULTS = ("none", "another movie's", "expired", "forged", "revoked")


class Mode(Protocol):
    def get(self, name: str, fault: str = "") -> httpx.Response:
        """Ask for a file of PACKAGE with a credential that is good, or has this fault."""


@dataclass(frozen=True, slots=True)
class ByToken:
    """Origin and nginx: a playback token in the path. `url` is where they are."""

    client: httpx.Client
    url: str

    def get(self, name: str, fault: str = "") -> httpx.Response:
        if fault == "none":
            # Both forms: without a token, and the way to the file itself.
            bare = self.client.get(f"{self.url}/m/{name}")
            assert bare.status_code >= 400
            return self.client.get(f"{self.url}/packages/{PACKAGE}/{name}")
        return self.client.get(f"{self.url}/m/{token_with(fault)}/{name}")


def token_with(fault: str) -> str:
    match fault:
        case "":
            return make_token()
        case "another movie's":
            return make_token(movie_id=14, package=OTHER_PACKAGE)
        case "expired":
            return make_token(expires_at=clock.now() - timedelta(seconds=1))
        case "forged":
            return make_token(STRANGERS_KEYS)
        case "revoked":
            return make_token(movie_id=REVOKED_MOVIE)
    raise ValueError(fault)


@dataclass(frozen=True, slots=True)
class ByCdn:
    """A CDN that checks what Nova has signed, and fetches from the origin at `origin_url` what it lets pass.

    It learns of no revocation: what was signed before is over once the session is, and Nova signs nothing more.
    """

    client: httpx.Client
    conf: DeliveryConf
    origin_url: str

    def get(self, name: str, fault: str = "") -> httpx.Response:
        opened_at = clock.now()
        expires_at = opened_at + self.conf.longest_session
        asked_at = expires_at if fault in ("expired", "revoked") else opened_at
        signed = {"another movie's": OTHER_PACKAGE}.get(fault, PACKAGE)
        access = self._sign(signed, expires_at, is_forged=fault == "forged")
        url = access.url_for(name).replace(f"/packages/{signed}/", f"/packages/{PACKAGE}/")
        if fault == "none":
            url = f"{self.conf.cdn_url}/packages/{PACKAGE}/{name}"
        path = self._edge().admit(url, at_s=asked_at.timestamp())
        if path is None:
            return httpx.Response(403)
        return self.client.get(f"{self.origin_url}{path}", headers={"X-Nova-Pull": PULL_SECRET})

    def _sign(self, package: str, expires_at: datetime, *, is_forged: bool) -> MediaAccess:
        conf = of_a_stranger(self.conf) if is_forged else self.conf
        return media_access(conf, token="", package=package, expires_at=expires_at)

    def _edge(self) -> CloudFront | HmacEdge:
        return CloudFront(rsa_key().public_key()) if self.conf.cdn_signer == "cloudfront" else HmacEdge()


def revocation(movie_id: int) -> Revoked:
    """Return one that holds for every token that a test makes, however long it takes."""
    return Revoked(subject=f"movie:{movie_id}", issued_before=clock.now() + timedelta(hours=1))


@dataclass
class Origin:
    """A running origin; `asked` are the paths of the requests that have reached it."""

    url: str
    port: int
    revocations: Revocations
    asked: list[str] = field(default_factory=list)


@contextmanager
def running_origin(media: Path, *, live: Broadcasts | None = None) -> Iterator[Origin]:
    revocations, port = Revocations(), free_port()
    revocations.replace([revocation(REVOKED_MOVIE)])
    origin = Origin(f"http://127.0.0.1:{port}", port, revocations)
    with origin_of(media, revocations=revocations, pull_secret=PULL_SECRET, live=live) as application:

        async def noted(scope: Any, receive: Any, send: Any) -> None:
            origin.asked.append(scope["path"])
            await application(scope, receive, send)

        with serving(with_request_log(noted), port):
            yield origin


@contextmanager
def running_nginx_mode(folder: Path, media: Path, *, origin_port: int) -> Iterator[Edge]:
    """Run the edge as Compose does where it serves media itself. Web knows none of the addresses here."""
    web_port = free_port()
    edge = prepare_config(folder, upstream_port=web_port, origin_port=origin_port, media=media)
    with serving(_know_nothing, web_port), running_nginx(folder / "http.conf", edge):
        yield edge


async def _know_nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
