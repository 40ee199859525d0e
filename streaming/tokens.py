"""Playback tokens: they stand in the address of everything that a player is given, and say what it may have.

Origin and edges decide by the token alone, without asking a database. It names the viewer's session and the one package
that may be read; relative addresses in playlists inherit it, so playlists are the same for all viewers.

Wire form, 88 letters of base64url: version, key id, issued and expiring second, session, movie or channel, package, and
16 bytes of HMAC-SHA-256 over all before. Version 1 names a movie, version 2 a channel.
"""

import binascii
import hmac
import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

TOKEN_LENGTH = 88
# Longer than a film with a long pause; whoever watches on is given the next one.
MOST_LIFETIME = timedelta(hours=12)
# What is watched, by the version of the token.
_KINDS = {1: "movie", 2: "channel"}
_VERSIONS = {kind: version for version, kind in _KINDS.items()}
_CLAIMS = struct.Struct(">BBII16sQ16s")
# Half of the digest: 128 bits, of which nobody guesses any.
_MAC_BYTES = 16
_FORM = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")


class PlaybackTokenForged(ValueError):
    """It is no token at all, or none that one of our keys has signed."""


class PlaybackTokenExpired(ValueError):
    """It was a token of ours, until its time was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackClaims:
    """What a token says. `package` is the 32 hexadecimal digits of the path of one package.

    `subject` is "movie:<id>" or "channel:<id>". `issued_at` is what revocations are held against; soon after one it
    lies a minute ahead.
    """

    session_id: UUID
    subject: str
    package: str
    issued_at: datetime
    expires_at: datetime

    @property
    def is_for_channel(self) -> bool:
        """Whether it lets its bearer watch what is live, and nothing of what becomes of it."""
        return self.subject.startswith("channel:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A secret, and the number by which tokens name it, 0 to 255."""

    id: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key that signs, and `others`, whose tokens are good until they expire."""

    signing: Key
    others: tuple[Key, ...] = ()
    _by_id: Mapping[int, Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = {key.id: key for key in (*self.others, self.signing)}
        object.__setattr__(self, "_by_id", MappingProxyType(by_id))

    def find(self, key_id: int) -> Key | None:
        return self._by_id.get(key_id)


def sign_token(claims: PlaybackClaims, keyring: Keyring) -> str:
    """Return the token of these claims; fractions of seconds are lost."""
    key = keyring.signing
    kind, _, number = claims.subject.partition(":")
    packed = _CLAIMS.pack(
        _VERSIONS[kind],
        key.id,
        int(claims.issued_at.timestamp()),
        int(claims.expires_at.timestamp()),
        claims.session_id.bytes,
        int(number),
        bytes.fromhex(claims.package),
    )
    return urlsafe_b64encode(packed + _mac(packed, key)).decode()


def verify_token(token: str, keyring: Keyring, *, at: datetime) -> PlaybackClaims:
    """Return what a token says, if it is one of ours and not over.

    Raises PlaybackTokenForged, PlaybackTokenExpired.
    """
    packed, mac = _unwrap(token)
    version, key_id, issued_s, expires_s, session, number, package = _CLAIMS.unpack(packed)
    key = keyring.find(key_id) if version in _KINDS else None
    if key is None or not hmac.compare_digest(_mac(packed, key), mac):
        raise PlaybackTokenForged("no key of ours has signed it")
    expires_at = datetime.fromtimestamp(expires_s, UTC)
    if at >= expires_at:
        raise PlaybackTokenExpired("its time is over")
    return PlaybackClaims(
        session_id=UUID(bytes=session),
        subject=f"{_KINDS[version]}:{number}",
        package=package.hex(),
        issued_at=datetime.fromtimestamp(issued_s, UTC),
        expires_at=expires_at,
    )


def _unwrap(token: str) -> tuple[bytes, bytes]:
    # One wording for each token: whatever decoders overlook would make a second name for the same thing.
    if not _FORM.fullmatch(token):
        raise PlaybackTokenForged("it is no token")
    try:
        content = urlsafe_b64decode(token)
    except binascii.Error as error:
        raise PlaybackTokenForged("it is no token") from error
    return content[:-_MAC_BYTES], content[-_MAC_BYTES:]


def _mac(packed: bytes, key: Key) -> bytes:
    return hmac.digest(key.secret, packed, "sha256")[:_MAC_BYTES]
