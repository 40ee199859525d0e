"""An FLV file as it comes, read as what an encoder publishes (Adobe Flash Video File Format 10.1, annex E)."""

from collections.abc import Iterator

from streaming.rtmp.errors import MediaViolation
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import TAG_HEADER_BYTES
from streaming.rtmp.limits import AmfLimits, ChunkLimits
from streaming.rtmp.media import read_audio, read_data, read_video
from streaming.rtmp.messages import MessageType

# "FLV", version, flags, the header's own length, and the size of the tag before the first, 0.
_FILE_HEADER_BYTES = 13
_PREVIOUS_TAG_SIZE_BYTES = 4


class FlvReader:
    """Takes bytes as they come and gives messages as soon as they are whole.

    It holds one tag at most, and none that would be too large for a message of RTMP.
    """

    def __init__(self, limits: AmfLimits | None = None) -> None:
        self._limits = limits
        self._most_bytes = ChunkLimits().max_message_bytes
        self._waiting = bytearray()
        self._has_begun = False

    def feed(self, content: bytes) -> Iterator[MediaMessage]:
        """Yield what has become whole. Raises RtmpViolation if it is no FLV, or holds what cannot be taken."""
        self._waiting += content
        if not self._has_begun and len(self._waiting) >= _FILE_HEADER_BYTES:
            if not self._waiting.startswith(b"FLV\x01"):
                raise MediaViolation("what comes does not begin as FLV does")
            del self._waiting[:_FILE_HEADER_BYTES]
            self._has_begun = True
        while self._has_begun and (end := self._end_of_tag()):
            tag = bytes(self._waiting[:end])
            del self._waiting[: end + _PREVIOUS_TAG_SIZE_BYTES]
            message = self._read(tag)
            if message is not None:
                yield message

    def _end_of_tag(self) -> int:
        """Return where the first tag ends; 0 while it is not whole."""
        if len(self._waiting) < TAG_HEADER_BYTES:
            return 0
        size = int.from_bytes(self._waiting[1:4])
        if size > self._most_bytes:
            raise MediaViolation(f"a tag of {size} bytes is larger than any frame")
        end = TAG_HEADER_BYTES + size
        return end if len(self._waiting) >= end + _PREVIOUS_TAG_SIZE_BYTES else 0

    def _read(self, tag: bytes) -> MediaMessage | None:
        """Read a tag; None for one that says nothing, or nothing to us."""
        payload = tag[TAG_HEADER_BYTES:]
        at_ms = int.from_bytes(tag[4:7]) | tag[7] << 24
        if not payload:
            return None
        if tag[0] == MessageType.VIDEO:
            return read_video(payload, timestamp_ms=at_ms)
        if tag[0] == MessageType.AUDIO:
            return read_audio(payload, timestamp_ms=at_ms)
        if tag[0] == MessageType.DATA_AMF0:
            return read_data(payload, timestamp_ms=at_ms, limits=self._limits)
        return None
