"""What taking a stream costs: CPU milliseconds a megabit, by chunk size.

    .venv/bin/python -m benchmarks.rtmp_ingest

A generated 6 Mbit/s programme (30 frames and 43 audio messages a second, a key frame every 2 s) is cut into chunks
once. `core` feeds it to `RtmpSession` in reads of 256 KiB; `socket` sends it over 127.0.0.1 to `RtmpServer` from a
thread and counts the CPU time of the event loop's thread alone. The best of several runs counts, for this
measures the code and not its neighbours on the machine. Exits with 1 when a bar is missed.
"""

import asyncio
import random
import socket
import sys
import threading
import time
from collections.abc import Iterator

from streaming.rtmp.amf0 import format_amf0
from streaming.rtmp.chunks import ChunkWriter
from streaming.rtmp.events import EndReason, MediaMessage, PublishRequested
from streaming.rtmp.handshake import HANDSHAKE_BYTES, NONCE_BYTES, RTMP_VERSION
from streaming.rtmp.messages import ChunkStreamId, Message, MessageType
from streaming.rtmp.publishing import PublishRequest, PublishSink
from streaming.rtmp.replies import set_chunk_size
from streaming.rtmp.server import RtmpServer
from streaming.rtmp.session import RtmpSession

SECONDS = 20
RUNS = 5
READ_BYTES = 256 * 1024
PROGRAMME_MBIT_PER_S = 6
FRAMES_PER_S = 30
AUDIO_PER_S = 43
FRAME_BYTES = 24_000
KEY_FRAME_BYTES = 90_000
AUDIO_BYTES = 370
BARS_MS = {128: 0.5, 4096: 0.1}
CHUNK_SIZES = (128, 4096, 65536)


def build_opening(chunk_bytes: int) -> tuple[bytes, bytes]:
    """Return the handshake and the messages up to `publish`."""
    writer = ChunkWriter()
    commands = (
        format_amf0("connect", 1.0, {"app": "live", "tcUrl": "rtmp://127.0.0.1/live"}),
        format_amf0("createStream", 2.0, None),
    )
    opening = writer.write(set_chunk_size(chunk_bytes), csid=ChunkStreamId.PROTOCOL_CONTROL)
    writer.chunk_bytes = chunk_bytes
    for payload in commands:
        opening += writer.write(Message(type_id=MessageType.COMMAND_AMF0, payload=payload), csid=3)
    publish = format_amf0("publish", 3.0, None, "benchmark", "live")
    opening += writer.write(Message(type_id=MessageType.COMMAND_AMF0, stream_id=1, payload=publish), csid=8)
    return bytes([RTMP_VERSION]) + bytes(2 * HANDSHAKE_BYTES), opening


def build_programme(chunk_bytes: int) -> bytes:
    """Return `SECONDS` of chunked media."""
    writer = ChunkWriter(chunk_bytes=chunk_bytes)
    return b"".join(
        writer.write(message, csid=4 if message.type_id == MessageType.AUDIO else 6) for message in _messages()
    )


def _messages() -> Iterator[Message]:
    generator = random.Random(1)
    for second in range(SECONDS):
        for frame in range(FRAMES_PER_S):
            is_key = frame == 0 and second % 2 == 0
            size = KEY_FRAME_BYTES if is_key else int(FRAME_BYTES * generator.uniform(0.6, 1.4))
            head = bytes((0x17 if is_key else 0x27, 1, 0, 0, 0))
            timestamp_ms = second * 1000 + frame * 1000 // FRAMES_PER_S
            yield _message(MessageType.VIDEO, timestamp_ms, head + generator.randbytes(size))
            for _ in range((frame + 1) * AUDIO_PER_S // FRAMES_PER_S - frame * AUDIO_PER_S // FRAMES_PER_S):
                yield _message(MessageType.AUDIO, timestamp_ms, b"\xaf\x01" + generator.randbytes(AUDIO_BYTES))


def _message(type_id: MessageType, timestamp_ms: int, payload: bytes) -> Message:
    return Message(type_id=type_id, stream_id=1, timestamp_ms=timestamp_ms, payload=payload)


def measure_core(chunk_bytes: int, programme: bytes) -> float:
    """Return CPU seconds for the protocol core."""
    session = RtmpSession(nonce=bytes(NONCE_BYTES), now=0.0)
    handshake, opening = build_opening(chunk_bytes)
    session.receive(handshake, 0.0)
    events = session.receive(opening, 0.0)
    if not any(isinstance(event, PublishRequested) for event in events):
        raise RuntimeError("the benchmark's own publish was not understood")
    session.accept_publish(0.0)
    count = 0
    view = memoryview(programme)
    started = time.thread_time()
    for start in range(0, len(programme), READ_BYTES):
        count += len(session.receive(view[start : start + READ_BYTES], 0.0))
        session.data_to_send()
    elapsed = time.thread_time() - started
    if count != SECONDS * (FRAMES_PER_S + AUDIO_PER_S):
        raise RuntimeError(f"{count} messages arrived")
    return elapsed


class _Sink:
    def __init__(self) -> None:
        self.started = self.elapsed = 0.0
        self.done = asyncio.Event()

    def media(self, message: MediaMessage) -> None:
        self.elapsed = time.thread_time() - self.started

    async def ended(self, reason: EndReason) -> None:
        self.done.set()


async def measure_socket(chunk_bytes: int, programme: bytes) -> float:
    """Return CPU seconds of the event loop's thread, reads of the socket included."""
    sink = _Sink()

    async def admit(request: PublishRequest) -> PublishSink:
        return sink

    server = RtmpServer(host="127.0.0.1", port=0, admit=admit)
    await server.start()
    sender = threading.Thread(target=_send, args=(server.port, chunk_bytes, programme))
    sink.started = time.thread_time()
    sender.start()
    await sink.done.wait()
    sender.join()
    await server.close()
    return sink.elapsed


def _send(port: int, chunk_bytes: int, programme: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"".join(build_opening(chunk_bytes)))
        connection.sendall(programme)


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    print("| chunk bytes | core, ms CPU/Mbit | with the socket, ms CPU/Mbit | share of a core at 6 Mbit/s | bar |")
    print("|---|---|---|---|---|")
    is_missed = False
    for chunk_bytes in CHUNK_SIZES:
        programme = build_programme(chunk_bytes)
        per_megabit = 1000 / (len(programme) * 8 / 1e6)
        core_ms = min(measure_core(chunk_bytes, programme) for _ in range(RUNS)) * per_megabit
        socket_ms = min(asyncio.run(measure_socket(chunk_bytes, programme)) for _ in range(RUNS)) * per_megabit
        bar_ms = BARS_MS.get(chunk_bytes)
        is_over = bar_ms is not None and socket_ms > bar_ms
        is_missed |= is_over
        verdict = "" if bar_ms is None else f"<= {bar_ms}: {'missed' if is_over else 'met'}"
        share = socket_ms * PROGRAMME_MBIT_PER_S / 1000
        print(f"| {chunk_bytes} | {core_ms:.3f} | {socket_ms:.3f} | {share:.2%} | {verdict} |")
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main())
