"""The addresses of media: `/m/<token>/<name>`, and nothing that is not of exactly that form.

A CDN fetches `/packages/<package>/<name>`: it shows a secret in the place of a token.

What is compared is the path as it came, before anybody decodes it. No file of a package needs a sign that has to be
encoded, so `%`, dots, backslashes and zero bytes lead nowhere, however often they were encoded.
"""

import re
from enum import StrEnum
from typing import NamedTuple

PREFIX = b"/m/"
# A track or a file of the package itself, then a file of the track; the longest that an index allows.
_NAME = rb"[a-z0-9-]{1,64}(?:/[A-Za-z0-9-]{1,64})?\.(?:m3u8|mpd|m4s|mp4|vtt|jpg|webp)"
_ADDRESS = re.compile(PREFIX + rb"([A-Za-z0-9_-]{1,512})/(" + _NAME + rb")")
_PULLED = re.compile(rb"/packages/([0-9a-f]{32})/(" + _NAME + rb")")


class MediaKind(StrEnum):
    """What a file of a package is for; also what metrics are told by."""

    PLAYLIST = "playlist"
    MANIFEST = "manifest"
    SEGMENT = "segment"
    HEADER = "header"
    TEXT = "text"
    IMAGE = "image"


_KINDS = {
    "m3u8": MediaKind.PLAYLIST,
    "mpd": MediaKind.MANIFEST,
    "m4s": MediaKind.SEGMENT,
    "mp4": MediaKind.HEADER,
    "vtt": MediaKind.TEXT,
    "jpg": MediaKind.IMAGE,
    "webp": MediaKind.IMAGE,
}


class MediaAddress(NamedTuple):
    """Who asks, by a token that nobody has looked at yet, and for which file of the package."""

    token: str
    name: str

    @property
    def kind(self) -> MediaKind:
        return _kind_of(self.name)


class PulledAddress(NamedTuple):
    """What a CDN wants to have, and then gives to everybody whom it lets in."""

    package: str
    name: str

    @property
    def kind(self) -> MediaKind:
        return _kind_of(self.name)


def parse_address(raw_path: bytes) -> MediaAddress | None:
    """Return what a path asks for, or None if no file of a package can have that path."""
    match = _ADDRESS.fullmatch(raw_path)
    return MediaAddress(match[1].decode(), match[2].decode()) if match else None


def parse_pulled(raw_path: bytes) -> PulledAddress | None:
    """Return what a CDN asks for, or None if it asks for nothing that a package can have."""
    match = _PULLED.fullmatch(raw_path)
    return PulledAddress(match[1].decode(), match[2].decode()) if match else None


def _kind_of(name: str) -> MediaKind:
    return _KINDS[name.rpartition(".")[2]]
