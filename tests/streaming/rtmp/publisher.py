"""The publisher's side of RTMP, as far as the tests need one: it builds what an encoder would send."""

from collections.abc import Sequence

from streaming.rtmp.amf0 import AmfValue, format_amf0, parse_amf0
from streaming.rtmp.chunks import ChunkReader, ChunkWriter
from streaming.rtmp.events import PublishRequested, SessionEvent
from streaming.rtmp.handshake import HANDSHAKE_BYTES, NONCE_BYTES
from streaming.rtmp.limits import SessionLimits
from streaming.rtmp.messages import Message, MessageType
from streaming.rtmp.session import RtmpSession

NONCE = bytes(index % 251 for index in range(NONCE_BYTES))
CLIENT_HANDSHAKE = b"\x03" + bytes(4) + bytes(4) + b"c" * (HANDSHAKE_BYTES - 8) + b"d" * HANDSHAKE_BYTES
KEY = "s3cret-key"
STREAM_ID = 1
AVC_HEADER = bytes.fromhex(  # x264, High profile, 160x90
    "17000000000164000cffe100196764000cacd9428df930110000030001000003001e0f14299601000468efbcb0fdf8f800"
)
AVC_KEY_FRAME = bytes.fromhex("1701000000") + b"\x00\x00\x00\x05\x65keyf"
AVC_FRAME = bytes.fromhex("2701000000") + b"\x00\x00\x00\x05\x41delt"
AAC_HEADER = bytes.fromhex("af001210")
AAC_FRAME = b"\xaf\x01sound"


class Publisher:
    """Write messages as chunks, each kind on its own chunk stream, as encoders do."""

    def __init__(self) -> None:
        self.writer = ChunkWriter()
        self.reader = ChunkReader()

    def command(self, *values: AmfValue, stream_id: int = 0) -> bytes:
        return self.message(MessageType.COMMAND_AMF0, format_amf0(*values), stream_id=stream_id, csid=3)

    def connect(self, app: str = "live", **members: AmfValue) -> bytes:
        return self.command("connect", 1.0, {"app": app, "tcUrl": f"rtmp://127.0.0.1/{app}", **members})

    def create_stream(self) -> bytes:
        return self.command("createStream", 4.0, None)

    def publish(self, name: str = KEY) -> bytes:
        return self.command("publish", 5.0, None, name, "live", stream_id=STREAM_ID)

    def opening(self, *, app: str = "live", name: str = KEY) -> bytes:
        return CLIENT_HANDSHAKE + self.connect(app) + self.create_stream() + self.publish(name)

    def video(self, timestamp_ms: int, payload: bytes = AVC_FRAME) -> bytes:
        return self.message(MessageType.VIDEO, payload, timestamp_ms=timestamp_ms, stream_id=STREAM_ID, csid=6)

    def audio(self, timestamp_ms: int, payload: bytes = AAC_FRAME) -> bytes:
        return self.message(MessageType.AUDIO, payload, timestamp_ms=timestamp_ms, stream_id=STREAM_ID, csid=4)

    def script(self, *values: AmfValue) -> bytes:
        return self.message(MessageType.DATA_AMF0, format_amf0(*values), stream_id=STREAM_ID, csid=4)

    def message(
        self, type_id: int, payload: bytes, *, timestamp_ms: int = 0, stream_id: int = 0, csid: int = 2
    ) -> bytes:
        message = Message(type_id=type_id, stream_id=stream_id, timestamp_ms=timestamp_ms, payload=payload)
        return self.writer.write(message, csid=csid)

    def answers(self, sent: bytes) -> list[Message]:
        """Return the messages in what the server sent, which must be shown all of it, once."""
        self.reader.feed(sent[1 + 2 * HANDSHAKE_BYTES :] if sent.startswith(b"\x03" + bytes(8)) else sent)
        found = []
        while (message := self.reader.next_message()) is not None:
            found.append(message)
        return found

    def commands(self, sent: bytes) -> list[tuple[AmfValue, ...]]:
        """Return the commands in what the server sent."""
        found = self.answers(sent)
        return [parse_amf0(message.payload) for message in found if message.type_id == MessageType.COMMAND_AMF0]

    def statuses(self, sent: bytes) -> list[tuple[AmfValue, AmfValue]]:
        """Return code and description of each onStatus in what the server sent."""
        found = []
        for name, *_, information in self.commands(sent):
            if name == "onStatus" and isinstance(information, dict):
                found.append((information["code"], information["description"]))
        return found


def make_session(limits: SessionLimits | None = None) -> RtmpSession:
    return RtmpSession(nonce=NONCE, now=0.0, limits=limits)


def publishing_session(publisher: Publisher, limits: SessionLimits | None = None) -> RtmpSession:
    """Return a session whose publisher is admitted, its answers so far read."""
    session = make_session(limits)
    session.receive(publisher.opening(), 0.0)
    session.accept_publish(0.0)
    publisher.answers(session.data_to_send())
    return session


def replay(session: RtmpSession, pieces: Sequence[bytes]) -> list[SessionEvent]:
    """Feed pieces, admitting whoever asks, and return all events."""
    events: list[SessionEvent] = []
    for piece in pieces:
        fresh = session.receive(piece, 0.0)
        events += fresh
        while any(isinstance(event, PublishRequested) for event in fresh):
            fresh = session.accept_publish(0.0)
            events += fresh
    return events


def cut(sent: bytes, size: int) -> list[bytes]:
    return [sent[start : start + size] for start in range(0, len(sent), size)]
