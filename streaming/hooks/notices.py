"""What the hooks of all servers come down to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol, TypeAlias

from streaming.rtmp.redaction import Secret

# Of an application and a stream's name, as they stand in the address that the origin pulls from.
_PATH = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){0,3}")
_LONGEST_PATH = 255
_LONGEST_NAME = 200


class HookUnreadable(Exception):
    """A hook is not what its server sends. Says what is wrong with it, and quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A request of an ingest server. Names of headers are in lower case."""

    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What it is answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Somebody publishes, or wants to.

    Attributes:
        publisher: names the connection among those of its server.
        path: application and stream's name; the last element may be the key itself.
        peer: the address of who publishes.
        has_begun: the server asks whether one may go on that it has let in before.
    """

    publisher: str
    key: Secret
    path: Secret
    peer: str
    has_begun: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """Somebody publishes no more."""

    publisher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulling:
    """Somebody wants to have a stream: only the origin may, which shows the server's secret."""

    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """Somebody has a stream whom the server has let in by itself, as it does with the origin."""


Notice: TypeAlias = Publishing | Unpublished | Pulling | Playing


class Dialect(Protocol):
    """The words of one kind of server.

    Attributes:
        renames: it publishes under another name than that of the encoder, if it is told to.
    """

    renames: bool

    def is_from(self, hook: Hook, secret: str) -> bool:
        """Tell, in constant time, whether who sends it knows the secret."""

    def read(self, hook: Hook) -> Notice:
        """Read it. Raises HookUnreadable."""

    def allow(self, hook: Hook, path: str = "") -> Reply:
        """Say yes; `path` is the one to publish under, "" that of the hook."""

    def refuse(self, words: str) -> Reply:
        """Say no. The words are for the operator of the server."""


def publishing(*, publisher: object, key: Secret, path: str, peer: object, has_begun: bool = False) -> Publishing:
    """Check what a hook says. Raises HookUnreadable."""
    if len(path) > _LONGEST_PATH or not _PATH.fullmatch(path):
        raise HookUnreadable("the name of the stream has characters that none may have, or too many of them")
    try:
        address = str(ip_address(str(peer)))
    except ValueError:
        raise HookUnreadable("the address of the publisher is none") from None
    name = publisher_name(publisher)
    return Publishing(publisher=name, key=key, path=Secret(path), peer=address, has_begun=has_begun)


def publisher_name(publisher: object) -> str:
    """Return what names a connection. Raises HookUnreadable."""
    if not isinstance(publisher, str | int) or not 0 < len(str(publisher)) <= _LONGEST_NAME:
        raise HookUnreadable("the connection of the publisher has no name")
    return str(publisher)
