"""The ingest servers that the settings name."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from portal.env import BadSetting
from streaming.hooks.mediamtx import MediaMtx
from streaming.hooks.nginx_rtmp import NginxRtmp
from streaming.hooks.notices import Dialect, Publishing
from streaming.hooks.ovenmediaengine import OvenMediaEngine
from streaming.hooks.srs import Srs

VARIABLE = "NOVA_INGEST_SERVERS"
DIALECTS: Final[Mapping[str, Dialect]] = {
    "nginx-rtmp": NginxRtmp(),
    "mediamtx": MediaMtx(),
    "srs": Srs(),
    "ovenmediaengine": OvenMediaEngine(),
}
SCHEMES = ("rtmp", "rtmps", "rtsp", "http", "https")
_PLACE = "{path}"
_NAME = re.compile("[a-z0-9-]{1,30}")
_SHORTEST_SECRET = 32
_HIDDEN_NAME_LETTERS = 32
_TAKES = (
    "it takes servers such as edge nginx-rtmp rtmp://ingest:1935/{path} secret, each with a name of its own, "
    "separated by commas or lines"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestServer:
    """A server that takes encoders in for us.

    Attributes:
        name: what its hooks are addressed to, and what logs call it.
        pull_url: where the origin gets a stream; `{path}` stands for application and name. May hold a password.
        secret: what its hooks show, or are signed with.
    """

    name: str
    dialect: Dialect
    pull_url: str = field(repr=False)
    secret: str = field(repr=False)

    def path_of(self, publishing: Publishing) -> str:
        """Return under which path a stream is to be had: always the same for one connection and key.

        Where the server can be told another name, it is one that says nothing of the key and that nobody can guess.
        """
        path = publishing.path.reveal()
        if not self.dialect.renames:
            return path
        said = f"nova.ingest.name {publishing.publisher} {publishing.key.reveal()}"
        hidden = hmac.digest(self.secret.encode(), said.encode(), "sha256").hex()[:_HIDDEN_NAME_LETTERS]
        return f"{path.rpartition('/')[0]}/{hidden}"

    def address_of(self, path: str) -> str:
        return self.pull_url.replace(_PLACE, path)


def read_servers(written: str) -> dict[str, IngestServer]:
    """Read the servers by their names. Raises BadSetting, which quotes no secret."""
    lines = [line.split() for line in re.split("[,\n]", written) if line.strip()]
    servers = [_read_server(words) for words in lines]
    named = {server.name: server for server in servers}
    if len(named) < len(servers):
        raise BadSetting(f"{VARIABLE} has two servers of the same name; {_TAKES}.")
    return named


def _read_server(words: list[str]) -> IngestServer:
    if len(words) != 4 or not _NAME.fullmatch(words[0]):
        raise BadSetting(f"{VARIABLE} has a server that is not written as one; {_TAKES}.")
    name, kind, pull_url, secret = words
    if kind not in DIALECTS:
        raise BadSetting(f"{VARIABLE} says that {name} is of a kind that is not known: {', '.join(DIALECTS)} are.")
    if not _is_address(pull_url):
        raise BadSetting(
            f"{VARIABLE} has no address to pull from for {name}: it begins with {'://, '.join(SCHEMES)}:// "
            f"and has {_PLACE} in it."
        )
    if len(secret) < _SHORTEST_SECRET:
        raise BadSetting(f"The secret of {name} in {VARIABLE} is too short: it has {_SHORTEST_SECRET} letters or more.")
    return IngestServer(name=name, dialect=DIALECTS[kind], pull_url=pull_url, secret=secret)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = _PLACE in parts.path and _PLACE not in parts.netloc
        return parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0 and has_place
    except ValueError:
        return False
