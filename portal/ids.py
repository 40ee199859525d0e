"""Identifiers that sort by the time they were made."""

import secrets
import uuid
from datetime import datetime


def uuid7(at: datetime) -> uuid.UUID:
    """Return a UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits."""
    milliseconds = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)
