"""What the server says: control messages (RTMP 1.0 section 5.4, 7.1.7) and answers (7.2)."""

from enum import StrEnum
from typing import Final

from streaming.rtmp.amf0 import UNDEFINED, AmfValue, format_amf0
from streaming.rtmp.flv import AudioCodec, VideoCodec
from streaming.rtmp.messages import (
    PEER_BANDWIDTH_DYNAMIC,
    Message,
    MessageType,
    UserControlEvent,
)

WINDOW_ACKNOWLEDGEMENT_BYTES = 5_000_000
"""Window announced to peers, and the bandwidth: the value every known server uses."""
OUTGOING_CHUNK_BYTES = 65536
"""FFmpeg adopts the chunk size of the server for what it sends: large chunks cost least."""

_CAN_DECODE = 0x01
_FMS_VERSION = "FMS/3,5,7,7009"
"""Some encoders refuse servers that do not call themselves FMS."""
_FMS_CAPABILITIES = 31.0


class StatusCode(StrEnum):
    """Codes of info objects (7.2 and common practice of encoders)."""

    CONNECT_SUCCESS = "NetConnection.Connect.Success"
    CONNECT_REJECTED = "NetConnection.Connect.Rejected"
    CALL_FAILED = "NetConnection.Call.Failed"
    PUBLISH_START = "NetStream.Publish.Start"
    PUBLISH_BAD_NAME = "NetStream.Publish.BadName"
    PUBLISH_DENIED = "NetStream.Publish.Denied"
    PUBLISH_IDLE = "NetStream.Publish.Idle"
    UNPUBLISH_SUCCESS = "NetStream.Unpublish.Success"
    PLAY_FAILED = "NetStream.Play.Failed"
    STREAM_FAILED = "NetStream.Failed"


_ENHANCED_VIDEO: Final = (VideoCodec.AVC, VideoCodec.HEVC, VideoCodec.AV1)
_ENHANCED_AUDIO: Final = (AudioCodec.AAC, AudioCodec.OPUS)


def set_chunk_size(size: int) -> Message:
    """Build Set Chunk Size (5.4.1)."""
    return _control(MessageType.SET_CHUNK_SIZE, size.to_bytes(4))


def acknowledgement(received_bytes: int) -> Message:
    """Build Acknowledgement (5.4.3); the sequence number wraps at 32 bits."""
    return _control(MessageType.ACKNOWLEDGEMENT, (received_bytes % (1 << 32)).to_bytes(4))


def window_acknowledgement_size(size: int) -> Message:
    """Build Window Acknowledgement Size (5.4.4)."""
    return _control(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, size.to_bytes(4))


def set_peer_bandwidth(size: int) -> Message:
    """Build Set Peer Bandwidth (5.4.5)."""
    payload = size.to_bytes(4) + bytes((PEER_BANDWIDTH_DYNAMIC,))
    return _control(MessageType.SET_PEER_BANDWIDTH, payload)


def user_control(event: UserControlEvent, value: bytes) -> Message:
    """Build a user control message (7.1.7)."""
    return _control(MessageType.USER_CONTROL, event.to_bytes(2) + value)


def connect_result(transaction_id: float) -> Message:
    """Answer `connect` (7.2.1.1), saying which enhanced codecs may be sent."""
    properties: AmfValue = {
        "fmsVer": _FMS_VERSION,
        "capabilities": _FMS_CAPABILITIES,
        "mode": 1.0,
    }
    information = _information(StatusCode.CONNECT_SUCCESS, "Connection succeeded.")
    information |= {
        "objectEncoding": 0.0,
        "fourCcList": [codec.value for codec in (*_ENHANCED_VIDEO, *_ENHANCED_AUDIO)],
        "videoFourCcInfoMap": {codec.value: float(_CAN_DECODE) for codec in _ENHANCED_VIDEO},
        "audioFourCcInfoMap": {codec.value: float(_CAN_DECODE) for codec in _ENHANCED_AUDIO},
        "capsEx": 0.0,
    }
    return _command("_result", transaction_id, properties, information)


def call_result(transaction_id: float, value: AmfValue = UNDEFINED) -> Message:
    """Answer a call that succeeded (7.2.1.2)."""
    return _command("_result", transaction_id, None, value)


def call_error(transaction_id: float, description: str) -> Message:
    """Answer a call that failed (7.2.1.2)."""
    information = _information(StatusCode.CALL_FAILED, description, level="error")
    return _command("_error", transaction_id, None, information)


def connect_error(transaction_id: float, description: str) -> Message:
    """Refuse `connect` (7.2.1.1)."""
    information = _information(StatusCode.CONNECT_REJECTED, description, level="error")
    return _command("_error", transaction_id, None, information)


def on_fc_publish() -> Message:
    """Tell an encoder that FCPublish is heard, which some wait for; it does not admit."""
    information = _information(StatusCode.PUBLISH_START, "FCPublish is accepted.")
    return _command("onFCPublish", 0.0, None, information)


def on_status(stream_id: int, code: str, description: str, *, level: str = "status") -> Message:
    """Report on a stream (7.2.2)."""
    return _command("onStatus", 0.0, None, _information(code, description, level=level), stream_id=stream_id)


def _information(code: str, description: str, *, level: str = "status") -> dict[str, AmfValue]:
    return {"level": level, "code": str(code), "description": description}


def _command(*values: AmfValue, stream_id: int = 0) -> Message:
    return Message(type_id=MessageType.COMMAND_AMF0, stream_id=stream_id, payload=format_amf0(*values))


def _control(type_id: MessageType, payload: bytes) -> Message:
    return Message(type_id=type_id, payload=payload)
