"""What the live encoder reads: an FLV file without an end, at times that begin at zero and only grow."""

from streaming.media.live.plan import LivePlan
from streaming.rtmp.amf0 import format_amf0
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import (
    TAG_HEADER_BYTES,
    AudioTag,
    FrameType,
    Part,
    VideoTag,
    format_file_header,
    format_tag,
    parse_audio_tag,
    parse_video_tag,
)
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import ON_METADATA, ScriptTag

# Longer holes are closed: the encoder would fill them with copies of one frame, faster than they can be watched.
LONGEST_GAP_MS = 3_000
# Encoders round: a time may be a little before the last one of its track. More is a clock that was set back.
_LONGEST_STEP_BACK_MS = 500
# Between the last frame before a jump and the first one behind it.
_STEP_MS = 33


class Rebaser:
    """Writes messages of one encoder as tags of one FLV file.

    Attributes:
        jumps: how many holes and steps back were closed. From each on, the wall clock and the times differ more.
    """

    def __init__(self, plan: LivePlan) -> None:
        self._plan = plan
        self._offset_ms: int | None = None
        self._offsets: dict[MessageType, int] = {}
        self._last_ms: dict[MessageType, int] = {}
        self._front_ms = 0
        self.jumps = 0

    @property
    def front_s(self) -> float:
        """How far the file has come."""
        return self._front_ms / 1000

    def header(self) -> bytes:
        """Return what the file begins with: which tracks to wait for, and at which rate they come.

        What the encoder claimed is not handed on: nothing that a stranger wrote is read without need.
        """
        described = {"framerate": float(self._plan.frame_rate)} if self._plan.has_picture else {}
        facts = format_tag(
            type_id=MessageType.DATA_AMF0, timestamp_ms=0, payload=format_amf0(ON_METADATA, {**described})
        )
        return format_file_header(has_audio=self._plan.has_sound, has_video=self._plan.has_picture) + facts

    def tag(self, message: MediaMessage) -> bytes | None:
        """Return a message as a tag; None for what the encoder is not given."""
        header = message.header
        if isinstance(header, ScriptTag) or not self._is_wanted(header):
            return None
        if header.part is Part.SEQUENCE_START:
            # Its time says nothing: encoders send it as of zero, whenever that was.
            return format_tag(type_id=message.type_id, timestamp_ms=self._front_ms, payload=message.payload)
        if header.part is not Part.CODED_FRAMES:
            return None
        at_ms = self._rebase(MessageType(message.type_id), message.timestamp_ms)
        return format_tag(type_id=message.type_id, timestamp_ms=at_ms, payload=message.payload)

    def _is_wanted(self, header: VideoTag | AudioTag) -> bool:
        return self._plan.has_picture if isinstance(header, VideoTag) else self._plan.has_sound

    def _rebase(self, kind: MessageType, timestamp_ms: int) -> int:
        if self._offset_ms is None:
            self._offset_ms = -timestamp_ms
        # Of two tracks that jump, one does so first; until the other follows, each has an offset of its own.
        own, newest = self._offsets.get(kind, self._offset_ms), self._offset_ms
        for offset in (own, newest):
            if self._fits(kind, timestamp_ms + offset):
                break
        else:
            self.jumps += 1
            offset = self._offset_ms = self._front_ms + _STEP_MS - timestamp_ms
        self._offsets[kind] = offset
        at_ms = max(timestamp_ms + offset, self._last_ms.get(kind, 0))
        self._last_ms[kind] = at_ms
        self._front_ms = max(self._front_ms, at_ms)
        return at_ms

    def _fits(self, kind: MessageType, at_ms: int) -> bool:
        earliest_ms = self._last_ms.get(kind, self._front_ms - LONGEST_GAP_MS) - _LONGEST_STEP_BACK_MS
        return earliest_ms <= at_ms <= self._front_ms + LONGEST_GAP_MS


def time_of(tag: bytes) -> int:
    """Return the time of a tag, in milliseconds."""
    return int.from_bytes(tag[4:7]) | tag[7] << 24


def begins_picture(tag: bytes) -> bool:
    """Tell whether a tag is one of video that a decoder can begin with."""
    frame_type = tag[TAG_HEADER_BYTES] >> 4 & 0x07
    return tag[0] == MessageType.VIDEO and frame_type in (FrameType.KEY, FrameType.GENERATED_KEY)


def is_frame(tag: bytes) -> bool:
    """Tell whether a tag is picture or sound, and not a header that says how to decode it."""
    if tag[0] == MessageType.VIDEO:
        return parse_video_tag(tag[TAG_HEADER_BYTES:]).part is Part.CODED_FRAMES
    return tag[0] == MessageType.AUDIO and parse_audio_tag(tag[TAG_HEADER_BYTES:]).part is Part.CODED_FRAMES
