"""What a session tells its owner, in the order in which it happened."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.flv import AudioTag, VideoTag
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import ScriptTag
from streaming.rtmp.redaction import Secret


class EndReason(StrEnum):
    """Why a publication ended; `REFUSED` only ends connections that were never admitted."""

    UNPUBLISHED = "unpublished"
    DISCONNECTED = "disconnected"
    IDLE_TIMEOUT = "idle timeout"
    PROTOCOL_ERROR = "protocol error"
    KICKED = "kicked"
    SERVER_SHUTDOWN = "server shutdown"
    INTERNAL_ERROR = "internal error"
    REFUSED = "refused"


MediaType: TypeAlias = Literal[MessageType.AUDIO, MessageType.VIDEO, MessageType.DATA_AMF0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequested:
    """A peer wants to publish. Fires once; answer with `accept_publish` or `refuse_publish`.

    Attributes:
        app: path of the URL without the stream key, for example `live`.
        stream_key: what authorises the peer.
        stream_name: last path element where the key came in the query, else None.
        tc_url: URL of the connection; may contain the key.
        encoder: what the peer calls itself (flashVer).
    """

    app: str
    stream_key: Secret
    stream_name: str | None
    tc_url: Secret
    encoder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaMessage:
    """One audio, video or data message of an admitted publication.

    Attributes:
        timestamp_ms: decoding time; goes on past the 32 bits of the wire; starts where the
            encoder starts and may step back when it restarts.
        payload: an FLV tag body, ready for `format_tag`; "@setDataFrame" is removed from data.
        header: what the first bytes of the payload say.
        configuration: of a sequence header whose codec is known, else None.
    """

    type_id: MediaType
    timestamp_ms: int
    payload: bytes = field(repr=False)
    header: VideoTag | AudioTag | ScriptTag
    configuration: VideoConfiguration | AudioConfiguration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishEnded:
    """An admitted publication is over; no media follows. Fires once for each admission."""

    reason: EndReason
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """The connection is to be closed once `data_to_send` is written. The last event, fires once."""

    reason: EndReason
    description: str


SessionEvent: TypeAlias = PublishRequested | MediaMessage | PublishEnded | SessionEnded
