"""RTMP messages and their constants (RTMP 1.0 sections 5.4, 6.2 and 7.1)."""

from dataclasses import dataclass, field
from enum import IntEnum

TIMESTAMP_MODULUS = 1 << 32
"""Timestamps are 32-bit milliseconds and wrap after 49 days (5.1)."""


class MessageType(IntEnum):
    """Message type ids (5.4 and 7.1)."""

    SET_CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW_ACKNOWLEDGEMENT_SIZE = 5
    SET_PEER_BANDWIDTH = 6
    AUDIO = 8
    VIDEO = 9
    DATA_AMF3 = 15
    SHARED_OBJECT_AMF3 = 16
    COMMAND_AMF3 = 17
    DATA_AMF0 = 18
    SHARED_OBJECT_AMF0 = 19
    COMMAND_AMF0 = 20
    AGGREGATE = 22


class UserControlEvent(IntEnum):
    """User control event types (7.1.7)."""

    STREAM_BEGIN = 0
    STREAM_EOF = 1
    STREAM_DRY = 2
    SET_BUFFER_LENGTH = 3
    STREAM_IS_RECORDED = 4
    PING_REQUEST = 6
    PING_RESPONSE = 7


class ChunkStreamId(IntEnum):
    """Chunk stream ids that this server writes on; 2 is fixed by 5.4, the others are custom."""

    PROTOCOL_CONTROL = 2
    COMMAND = 3
    STREAM_STATUS = 5


PEER_BANDWIDTH_DYNAMIC = 2
"""Limit type of Set Peer Bandwidth that every known client accepts (5.4.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One whole message. `timestamp_ms` is the 32-bit value of the wire."""

    type_id: int
    stream_id: int = 0
    timestamp_ms: int = 0
    payload: bytes = field(default=b"", repr=False)
