"""Beacon tokens: a player presents the one it got with its session, so nobody can tell of viewers that there are not.

It says all that is known of the session: whoever takes a beacon in has nothing to look up. It is signed by the keys of
playback tokens, each for its purpose alone.

Wire form, 116 letters of base64url: version, key id, expiring second, session, viewer, user, length, device, country,
kind and id of what is watched, a byte of nothing, and 16 bytes of HMAC-SHA-256 over the purpose and all before.
"""

import binascii
import hmac
import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from streaming.tokens import Key, Keyring

TOKEN_LENGTH: Final = 116
DEVICES: Final = ("", "desktop", "phone", "tablet", "tv")
_PURPOSE: Final = b"nova.audience.beacon\0"
_VERSION: Final = 1
_MOVIE, _STREAM = 1, 2
_CLAIMS: Final = struct.Struct(">BBI16s16sQIB2sB16sx")
_MAC_BYTES: Final = 16
_FORM: Final = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")
# What its four bytes hold, seven weeks, is longer than any film.
_LONGEST_MS: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BeaconClaims:
    """What a token says.

    Attributes:
        session: 32 hexadecimal digits, and viewer likewise.
        subject: "movie:<id>" or "stream:<uuid>".
        expires_s: seconds since 1970; from then on it is good for nothing.
        user: None where nobody had signed in, or that is not to be kept.
        length_ms: of the film; None of what is live, or not known.
        device: one of DEVICES. country: two letters, or "".
    """

    session: str
    subject: str
    viewer: str
    expires_s: int
    user: int | None = None
    length_ms: int | None = None
    device: str = ""
    country: str = ""

    @property
    def began_ms(self) -> int:
        """Return when the session began: it stands in the first 48 bits of its id (RFC 9562 5.7)."""
        return int(self.session[:12], 16)


class ForgedToken(ValueError):
    """It is no token at all, or none that one of our keys has signed."""


class ExpiredToken(ValueError):
    """It was a token of ours, until its time was over."""


def sign_beacon_token(claims: BeaconClaims, keyring: Keyring) -> str:
    """Return the token of these claims."""
    key = keyring.signing
    kind, subject = _pack_subject(claims.subject)
    packed = _CLAIMS.pack(
        _VERSION,
        key.id,
        claims.expires_s,
        bytes.fromhex(claims.session),
        bytes.fromhex(claims.viewer),
        claims.user or 0,
        min(claims.length_ms or 0, _LONGEST_MS),
        DEVICES.index(claims.device),
        claims.country.encode("ascii"),
        kind,
        subject,
    )
    return urlsafe_b64encode(packed + _mac(packed, key)).decode()


def verify_beacon_token(token: str, keyring: Keyring, *, at_s: float) -> BeaconClaims:
    """Return what a token says, if it is one of ours and not over. Raises ForgedToken, ExpiredToken."""
    packed, mac = _unwrap(token)
    version, key_id, expires_s, session, viewer, user, length_ms, device, country, kind, subject = _CLAIMS.unpack(
        packed
    )
    key = keyring.find(key_id) if version == _VERSION else None
    if key is None or not hmac.compare_digest(_mac(packed, key), mac):
        raise ForgedToken("no key of ours has signed it")
    if at_s >= expires_s:
        raise ExpiredToken("its time is over")
    return BeaconClaims(
        session=session.hex(),
        subject=_subject(kind, subject),
        viewer=viewer.hex(),
        expires_s=expires_s,
        user=user or None,
        length_ms=length_ms or None,
        device=DEVICES[device],
        country=country.rstrip(b"\0").decode("ascii"),
    )


def _pack_subject(subject: str) -> tuple[int, bytes]:
    kind, _, name = subject.partition(":")
    return (_MOVIE, int(name).to_bytes(16)) if kind == "movie" else (_STREAM, UUID(name).bytes)


def _subject(kind: int, packed: bytes) -> str:
    return f"movie:{int.from_bytes(packed)}" if kind == _MOVIE else f"stream:{UUID(bytes=packed)}"


def _unwrap(token: str) -> tuple[bytes, bytes]:
    if not _FORM.fullmatch(token):
        raise ForgedToken("it is no token")
    try:
        content = urlsafe_b64decode(token)
    except binascii.Error as error:
        raise ForgedToken("it is no token") from error
    return content[:-_MAC_BYTES], content[-_MAC_BYTES:]


def _mac(packed: bytes, key: Key) -> bytes:
    return hmac.digest(key.secret, _PURPOSE + packed, "sha256")[:_MAC_BYTES]
