"""The words of tus 1.0 (https://tus.io/protocols/resumable-upload), read and checked. Pure."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
CHECKSUM_ALGORITHMS = ("sha1", "sha256")
PIECE_TYPE = "application/offset+octet-stream"
# Web holds a whole piece in memory while it takes it. Less than it takes in one request: our refusal names this limit.
LARGEST_PIECE = 32 * 1024 * 1024
_LONGEST_METADATA = 4096
_MOST_MEMBERS = 20
# 19 digits hold every 64-bit number.
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
# What may stand around a field's value (RFC 9110, section 5.5). Python's own strip takes more.
_SPACES = " \t"
_KEY = re.compile(r"[!-+\--~]{1,100}", re.ASCII)


class Malformed(ValueError):
    """Raised for a header that says nothing that tus knows; its text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """What a piece should hash to."""

    algorithm: str
    digest: bytes

    def new_hash(self) -> "hashlib._Hash":
        return hashlib.new(self.algorithm, usedforsecurity=False)


def parse_number(text: str | None) -> int:
    """Return a length or an offset, in bytes. Raises Malformed."""
    digits = (text or "").strip(_SPACES)
    if _NUMBER.fullmatch(digits) is None:
        raise Malformed("a number of bytes is needed")
    return int(digits)


def parse_metadata(text: str | None) -> Mapping[str, str]:
    """Return what `Upload-Metadata` says: keys, each with a value that is UTF-8 in base64, or empty.

    Raises Malformed.
    """
    if not text:
        return {}
    if len(text) > _LONGEST_METADATA:
        raise Malformed(f"at most {_LONGEST_METADATA} characters")
    members = [member.strip(_SPACES).split(" ") for member in text.split(",")]
    if len(members) > _MOST_MEMBERS:
        raise Malformed(f"at most {_MOST_MEMBERS} members")
    found: dict[str, str] = {}
    for key, *value in members:
        if len(value) > 1 or _KEY.fullmatch(key) is None or key in found:
            raise Malformed("members are “key base64”, between commas, each key once")
        found[key] = _decode_text(value[0]) if value else ""
    return found


def parse_checksum(text: str | None) -> Checksum | None:
    """Return what `Upload-Checksum` says, None if it says nothing. Raises Malformed."""
    if text is None:
        return None
    algorithm, _, encoded = text.strip(_SPACES).partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        raise Malformed(f"one of {', '.join(CHECKSUM_ALGORITHMS)} is needed")
    digest = _decode(encoded)
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise Malformed("the checksum is not as long as those of its algorithm")
    return Checksum(algorithm=algorithm, digest=digest)


def _decode_text(encoded: str) -> str:
    try:
        return _decode(encoded).decode()
    except UnicodeDecodeError as error:
        raise Malformed("this is no UTF-8") from error


def _decode(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("this is no base64") from error
