"""The chunk stream: messages cut into interleaved chunks (RTMP 1.0 section 5.3).

The reader is built for small chunks. Encoders that never leave the default of 128 bytes send 1000
chunks a Mbit; whole runs of continuation chunks are therefore checked and stripped of their headers
with strided slices, that is in C.
"""

import struct
from dataclasses import dataclass, field

from streaming.rtmp.errors import ChunkViolation
from streaming.rtmp.limits import ChunkLimits
from streaming.rtmp.messages import TIMESTAMP_MODULUS, Message, MessageType

DEFAULT_CHUNK_BYTES = 128
"""Chunk size of both directions until Set Chunk Size changes it (5.4.1)."""
EXTENDED_TIMESTAMP = 0xFFFFFF
"""In the 24-bit timestamp field: the value is in the extended timestamp (5.3.1.3)."""

_FMT_FULL, _FMT_SAME_STREAM, _FMT_SAME_LENGTH, _FMT_CONTINUATION = 0, 1, 2, 3
_MESSAGE_HEADER_BYTES = (11, 7, 3, 0)
_FIRST_TWO_BYTE_ID = 64
_FIRST_THREE_BYTE_ID = 320
_LAST_ID = 65599
_EXTENDED_FIELD = b"\xff\xff\xff"
_U32 = struct.Struct(">I")
_UNPACK_HEADER = struct.Struct(">HBHBB").unpack_from
"""Timestamp and length of 24 bits each, message type."""
_SET_CHUNK_SIZE, _ABORT = int(MessageType.SET_CHUNK_SIZE), int(MessageType.ABORT)


@dataclass(slots=True, kw_only=True)
class _ChunkStream:
    """What the headers of one chunk stream have said so far, and the message being assembled.

    `step_ms` is the last timestamp field, absolute or delta: what a type 3 chunk that begins a
    message adds (5.3.1.2.4). `continuation` is the header of the next chunk of the open message.
    """

    csid: int
    is_known: bool = False
    is_open: bool = False
    timestamp_ms: int = 0
    step_ms: int = 0
    extended: bytes = b""
    length: int = 0
    type_id: int = 0
    stream_id: int = 0
    continuation: bytes = b""
    body: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Assemble messages from bytes that arrive in any slices.

    Set Chunk Size and Abort are obeyed here, since they change how the next byte is read, and are
    not returned. `limits` may be replaced at any time.
    """

    def __init__(self, limits: ChunkLimits | None = None) -> None:
        self.limits = limits or ChunkLimits()
        self.chunk_bytes = DEFAULT_CHUNK_BYTES
        self._streams: dict[int, _ChunkStream] = {}
        self._buffer = bytearray()
        self._position = 0
        self._current: _ChunkStream | None = None
        self._chunk_left = 0
        self._assembling = 0

    @property
    def waiting_bytes(self) -> int:
        """Count the bytes fed but not yet read."""
        return len(self._buffer) - self._position

    def feed(self, received: bytes | bytearray | memoryview) -> None:
        """Append bytes. Nothing is read until `next_message`."""
        if self._position:
            del self._buffer[: self._position]
            self._position = 0
        self._buffer += received

    def next_message(self) -> Message | None:
        """Return the next whole message, or None until more bytes are fed.

        Raises:
            ChunkViolation: the stream contradicts itself or exceeds a limit.
        """
        while True:
            stream = self._current or self._read_header()
            if stream is None or not self._read_payload(stream):
                return None
            if len(stream.body) < stream.length:
                continue
            message = self._finish(stream)
            if message.type_id > _ABORT:
                return message
            self._obey(message)

    def _read_header(self) -> _ChunkStream | None:
        """Read the header of the next chunk; None, and nothing changed, if it is not all there."""
        buffer, position = self._buffer, self._position
        if position >= len(buffer):
            return None
        fmt, csid, start = buffer[position] >> 6, buffer[position] & 0x3F, position + 1
        if csid < 2:
            csid, start = self._long_id(csid, start)
        end = start + _MESSAGE_HEADER_BYTES[fmt]
        if end > len(buffer):
            return None
        stream = self._streams.get(csid) or self._add_stream(csid)
        extended = b""
        if stream.extended if fmt == _FMT_CONTINUATION else buffer.startswith(_EXTENDED_FIELD, start):
            found = self._extended_timestamp(stream, fmt, end)
            if found is None:
                return None
            extended, end = found, end + len(found)
        if fmt != _FMT_CONTINUATION or not stream.is_open:
            self._begin_message(stream, fmt, start, extended)
        self._position = end
        self._current = stream
        self._chunk_left = min(self.chunk_bytes, stream.length - len(stream.body))
        return stream

    def _long_id(self, size: int, start: int) -> tuple[int, int]:
        """Read a chunk stream id of `size` + 1 bytes; return it and where the header goes on (5.3.1.1).

        If it is not all there, so is not what follows it, which the caller finds.
        """
        end = start + size + 1
        return int.from_bytes(self._buffer[start:end], "little") + _FIRST_TWO_BYTE_ID, end

    def _add_stream(self, csid: int) -> _ChunkStream:
        if len(self._streams) >= self.limits.max_chunk_streams:
            raise ChunkViolation(f"more than {self.limits.max_chunk_streams} chunk streams are used")
        stream = self._streams[csid] = _ChunkStream(csid=csid)
        return stream

    def _extended_timestamp(self, stream: _ChunkStream, fmt: int, end: int) -> bytes | None:
        """Return the bytes of the extended timestamp, empty if left out, None if cut short."""
        found = bytes(self._buffer[end : end + 4])
        if fmt == _FMT_CONTINUATION and stream.is_open and not stream.extended.startswith(found):
            # Some encoders leave it out of continuation chunks: these bytes are media already.
            return b""
        return found if len(found) == 4 else None

    def _begin_message(self, stream: _ChunkStream, fmt: int, start: int, extended: bytes) -> None:
        if stream.is_open:
            raise ChunkViolation(
                f"chunk stream {stream.csid} begins a message {stream.length - len(stream.body)} bytes "
                "before the end of the last one"
            )
        # librtmp sends type 1 on a chunk stream that had no type 0: message stream 0, time 0.
        if fmt > _FMT_SAME_STREAM and not stream.is_known:
            raise ChunkViolation(f"chunk stream {stream.csid} begins with a chunk of type {fmt}")
        if fmt <= _FMT_SAME_STREAM:
            high, low, length_high, length_low, stream.type_id = _UNPACK_HEADER(self._buffer, start)
            stream.step_ms = high << 8 | low
            stream.length = length_high << 8 | length_low
        elif fmt == _FMT_SAME_LENGTH:
            stream.step_ms = int.from_bytes(self._buffer[start : start + 3])
        if extended:
            stream.step_ms = int.from_bytes(extended)
        if fmt == _FMT_FULL:
            stream.stream_id = int.from_bytes(self._buffer[start + 7 : start + 11], "little")
            stream.timestamp_ms = stream.step_ms
        else:
            stream.timestamp_ms = (stream.timestamp_ms + stream.step_ms) % TIMESTAMP_MODULUS
        if stream.extended != extended or not stream.is_known:
            stream.extended = extended
            stream.continuation = _basic_header(_FMT_CONTINUATION, stream.csid) + extended
        stream.is_known = stream.is_open = True
        self._assembling += stream.length
        self._check_room(stream)

    def _check_room(self, stream: _ChunkStream) -> None:
        limits = self.limits
        if stream.length > limits.max_message_bytes:
            raise ChunkViolation(
                f"a message of type {stream.type_id} has {stream.length} bytes; the limit is {limits.max_message_bytes}"
            )
        if self._assembling > limits.max_assembling_bytes:
            raise ChunkViolation(
                f"unfinished messages have {self._assembling} bytes; the limit is {limits.max_assembling_bytes}"
            )

    def _read_payload(self, stream: _ChunkStream) -> bool:
        """Move what is there of the current chunk. False: the chunk is not all there yet."""
        start, buffer = self._position, self._buffer
        end = start + self._chunk_left
        if end > len(buffer):
            stream.body += buffer[start:]
            self._chunk_left = end - len(buffer)
            self._position = len(buffer)
            return False
        if stream.body:
            stream.body += buffer[start:end]
        else:
            stream.body = buffer[start:end]
        self._position = end
        self._current = None
        if len(stream.body) < stream.length:
            self._read_run(stream)
        return True

    def _read_run(self, stream: _ChunkStream) -> None:
        """Move the continuation chunks that follow each other, headers checked and removed.

        Up to the end of the message if it is there, else as many full chunks as are there.
        """
        header, wanted = stream.continuation, stream.length - len(stream.body)
        stride = len(header) + self.chunk_bytes
        start, waiting = self._position, len(self._buffer) - self._position
        extent = wanted + len(header) * -(-wanted // self.chunk_bytes)
        if waiting < extent:
            extent = waiting // stride * stride
        run = self._buffer[start : start + extent]
        for column, byte in enumerate(header):
            found = run[column::stride]
            other = found.lstrip(bytes((byte,)))
            if other:
                del run[(len(found) - len(other)) * stride :]
        self._position = start + len(run)
        for removed in range(len(header)):
            del run[:: stride - removed]
        stream.body += run

    def _finish(self, stream: _ChunkStream) -> Message:
        message = Message(
            type_id=stream.type_id,
            stream_id=stream.stream_id,
            timestamp_ms=stream.timestamp_ms,
            payload=bytes(stream.body),
        )
        self._forget(stream)
        return message

    def _forget(self, stream: _ChunkStream) -> None:
        self._assembling -= stream.length
        stream.body = bytearray()
        stream.is_open = False

    def _obey(self, message: Message) -> None:
        if message.type_id == _SET_CHUNK_SIZE:
            self._set_chunk_size(message.payload)
        elif message.type_id == _ABORT:
            self._abort(message.payload)

    def _set_chunk_size(self, payload: bytes) -> None:
        size = _control_value(payload, "Set Chunk Size")
        if not self.limits.min_chunk_bytes <= size <= self.limits.max_chunk_bytes:
            raise ChunkViolation(
                f"a chunk size of {size} bytes is not between "
                f"{self.limits.min_chunk_bytes} and {self.limits.max_chunk_bytes}"
            )
        self.chunk_bytes = size

    def _abort(self, payload: bytes) -> None:
        stream = self._streams.get(_control_value(payload, "Abort"))
        if stream is not None and stream.is_open:
            self._forget(stream)


class ChunkWriter:
    """Cut messages into chunks, with the shortest header that says what changed."""

    def __init__(self, *, chunk_bytes: int = DEFAULT_CHUNK_BYTES) -> None:
        self.chunk_bytes = chunk_bytes
        self._last: dict[int, tuple[Message, int | None]] = {}

    def write(self, message: Message, *, csid: int) -> bytes:
        """Return the chunks of one message."""
        fmt, step_ms = self._choose_header(message, csid)
        extended = _U32.pack(step_ms) if step_ms >= EXTENDED_TIMESTAMP else b""
        header = _format_message_header(message, step_ms)[: _MESSAGE_HEADER_BYTES[fmt]]
        payload, size = message.payload, self.chunk_bytes
        chunks = [_basic_header(fmt, csid), header, extended, payload[:size]]
        continuation = _basic_header(_FMT_CONTINUATION, csid) + extended
        for start in range(size, len(payload), size):
            chunks += (continuation, payload[start : start + size])
        return b"".join(chunks)

    def _choose_header(self, message: Message, csid: int) -> tuple[int, int]:
        """Return fmt and the value of the timestamp field."""
        last, last_step_ms = self._last.get(csid, (None, None))
        if last is None or last.stream_id != message.stream_id:
            self._last[csid] = (message, None)
            return _FMT_FULL, message.timestamp_ms
        step_ms = (message.timestamp_ms - last.timestamp_ms) % TIMESTAMP_MODULUS
        self._last[csid] = (message, step_ms)
        if (last.type_id, len(last.payload)) != (message.type_id, len(message.payload)):
            return _FMT_SAME_STREAM, step_ms
        if step_ms != last_step_ms or step_ms >= EXTENDED_TIMESTAMP:
            return _FMT_SAME_LENGTH, step_ms
        return _FMT_CONTINUATION, step_ms


def _control_value(payload: bytes, name: str) -> int:
    if len(payload) < 4:
        raise ChunkViolation(f"{name} has {len(payload)} bytes instead of 4")
    return int.from_bytes(payload[:4])


def _basic_header(fmt: int, csid: int) -> bytes:
    if not 2 <= csid <= _LAST_ID:
        raise ValueError(f"chunk stream id {csid} is not between 2 and {_LAST_ID}")
    if csid < _FIRST_TWO_BYTE_ID:
        return bytes((fmt << 6 | csid,))
    if csid < _FIRST_THREE_BYTE_ID:
        return bytes((fmt << 6, csid - _FIRST_TWO_BYTE_ID))
    return bytes((fmt << 6 | 1,)) + (csid - _FIRST_TWO_BYTE_ID).to_bytes(2, "little")


def _format_message_header(message: Message, step_ms: int) -> bytes:
    return (
        min(step_ms, EXTENDED_TIMESTAMP).to_bytes(3)
        + len(message.payload).to_bytes(3)
        + bytes((message.type_id,))
        + message.stream_id.to_bytes(4, "little")
    )
