"""What the rest of the portal tells the origins of streams, by way of Redis.

The row of the stream is changed before the word is said, and is what counts: an origin that has missed the word finds
out when it renews its lease.
"""

import json
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django_redis import get_redis_connection

# On which Redis channel origins hear of it.
CHANNEL = "nova:live:commands"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndStream:
    """Let the encoder of this stream go, at once: its row is closed. `reason` is the one that stands there."""

    stream_id: UUID
    reason: str

    def format(self) -> str:
        return json.dumps({"command": "end", "stream": str(self.stream_id), "reason": self.reason})

    @classmethod
    def parse(cls, text: str | bytes) -> Self | None:
        """Read a word; None of one that is none of these, as of a later version's."""
        try:
            word = json.loads(text)
            return cls(stream_id=UUID(word["stream"]), reason=str(word["reason"])) if word["command"] == "end" else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def tell_origins(command: EndStream) -> None:
    get_redis_connection("default").publish(CHANNEL, command.format())
