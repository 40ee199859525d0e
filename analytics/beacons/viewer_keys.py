"""By what the sessions of one viewer are told to be of one viewer: for a day, and by nothing that names anybody."""

import hmac
import secrets
from datetime import UTC, datetime
from typing import Final

from streaming.tokens import Keyring
from streaming.visitors import Visitor

_PURPOSE: Final = b"nova.audience.viewer\0"
_BYTES: Final = 16


def viewer_key(visitor: Visitor, keyring: Keyring, *, at: datetime) -> str:
    """Return 32 hexadecimal digits: the same for one viewer on one day (UTC), or of this session alone."""
    name = _name_of(visitor)
    if name is None:
        return secrets.token_hex(_BYTES)
    return hmac.digest(_salt(keyring, at), name.encode(), "sha256")[:_BYTES].hex()


def _name_of(visitor: Visitor) -> str | None:
    """Return by what a viewer is known for the moment, None for those who are not to be known."""
    if visitor.user_id is not None:
        return f"user:{visitor.user_id}"
    return f"browser:{visitor.browser_id}" if visitor.browser_id else None


def _salt(keyring: Keyring, at: datetime) -> bytes:
    """Return the salt of a day: without the keys of playback nobody can tell which key of a viewer follows another."""
    day = at.astimezone(UTC).date().isoformat().encode()
    return hmac.digest(keyring.signing.secret, _PURPOSE + day, "sha256")
