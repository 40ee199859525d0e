"""What is passed on of a stream: whether it stays within what players are told, and how to go on where it does not."""

from collections.abc import Iterable
from fractions import Fraction

from streaming.media.live.flv_writer import begins_picture, is_frame, time_of
from streaming.media.live.ready import Ready, SegmentReady
from streaming.rtmp.events import MediaMessage

# RFC 8216bis, 4.4.6.2: what counts is the rate of segments that last so long together; a short one may exceed it.
_MEASURED_S = 1
_MOST_GROUP_BYTES = 24 * 1024 * 1024


class CeilingWatch:
    """Holds copied tracks to what players were told that no track exceeds. `ceilings_bps` are by the tracks' names."""

    def __init__(self, ceilings_bps: dict[str, int]) -> None:
        self._ceilings_bps = ceilings_bps
        self._seen: dict[str, tuple[int, Fraction]] = {}

    def is_exceeded(self, made: Iterable[Ready]) -> bool:
        """Take what was made; tell whether it is too much."""
        return sum(self._is_too_much(item) for item in made if isinstance(item, SegmentReady)) > 0

    def _is_too_much(self, segment: SegmentReady) -> bool:
        if segment.track not in self._ceilings_bps:
            return False
        bits, seconds = self._seen.pop(segment.track, (0, Fraction(0)))
        bits, seconds = bits + 8 * len(segment.content), seconds + segment.duration_s
        if seconds < _MEASURED_S:
            self._seen[segment.track] = bits, seconds
        return seconds >= _MEASURED_S and bits > self._ceilings_bps[segment.track] * seconds


class Group:
    """What an encoder has sent since its last key frame: another run of ours can begin with it.

    Attributes:
        messages: frames, the key frame first; empty if there were too many.
        at_s: when the key frame stands in the file that the encoder of ours reads.
    """

    def __init__(self) -> None:
        self.messages: list[MediaMessage] = []
        self.at_s = 0.0
        self._bytes = 0

    def add(self, message: MediaMessage, tag: bytes) -> None:
        """Take a message, which stands in the file as this tag."""
        if not is_frame(tag):
            return
        if begins_picture(tag):
            self.messages, self._bytes, self.at_s = [message], len(tag), time_of(tag) / 1000
        elif self.messages:
            self.messages.append(message)
            self._bytes += len(tag)
            if self._bytes > _MOST_GROUP_BYTES:
                self.messages = []
