"""Command messages (RTMP 1.0 section 7.1.1)."""

import math
from dataclasses import dataclass, field

from streaming.rtmp.amf0 import AmfValue, parse_amf0
from streaming.rtmp.errors import CommandViolation
from streaming.rtmp.limits import SessionLimits
from streaming.rtmp.messages import Message, MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command. `arguments` begins after the transaction id; they may contain a stream key."""

    name: str
    transaction_id: float
    stream_id: int
    arguments: tuple[AmfValue, ...] = field(repr=False)

    def text(self, index: int) -> str:
        """Return an argument that must be a string.

        Raises:
            CommandViolation: it is missing or something else.
        """
        value = self.arguments[index] if index < len(self.arguments) else None
        if not isinstance(value, str):
            raise CommandViolation(f"argument {index} of {self.name} is not a string")
        return value

    def members(self, index: int) -> dict[str, AmfValue]:
        """Return an argument that must be an object.

        Raises:
            CommandViolation: it is missing or something else.
        """
        value = self.arguments[index] if index < len(self.arguments) else None
        if not isinstance(value, dict):
            raise CommandViolation(f"argument {index} of {self.name} is not an object")
        return value

    def number(self, index: int) -> float | None:
        """Return an argument that should be a number; None if it is not."""
        value = self.arguments[index] if index < len(self.arguments) else None
        return value if isinstance(value, float) else None


def parse_command(message: Message, limits: SessionLimits) -> Command:
    """Read a command message of type 20, or of type 17, which has one more byte in front.

    Raises:
        AmfViolation: the payload is not AMF0.
        CommandViolation: the payload is too long or has no name and transaction id.
    """
    payload = message.payload
    if len(payload) > limits.max_command_bytes:
        raise CommandViolation(f"a command has {len(payload)} bytes; the limit is {limits.max_command_bytes}")
    if message.type_id == MessageType.COMMAND_AMF3:
        payload = payload[1:]
    values = parse_amf0(payload, limits=limits.amf)
    name = values[0] if values else None
    transaction_id = values[1] if len(values) > 1 else None
    if not isinstance(name, str):
        raise CommandViolation("a command does not begin with a name")
    if not isinstance(transaction_id, float) or not math.isfinite(transaction_id):
        transaction_id = 0.0
    return Command(
        name=name,
        transaction_id=transaction_id,
        stream_id=message.stream_id,
        arguments=values[2:],
    )
