"""How much may wait for a live encoder that does not keep up, and what it is spared then."""

from collections import deque
from dataclasses import dataclass

from streaming.media.live.flv_writer import begins_picture, is_frame, time_of
from streaming.rtmp.messages import MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogPolicy:
    """Attributes:
    most_ms: of media. An encoder begins with what came before it was clear what to encode: two seconds at most.
    resumes_at_ms: what is dropped ends when no more than that waits.
    most_bytes: whatever times the tags claim.
    """

    most_ms: int = 4_000
    resumes_at_ms: int = 500
    most_bytes: int = 12 * 1024 * 1024


class Backlog:
    """Decides, tag by tag, which are fed.

    Viewers would rather see a picture stand still for a moment than fall behind for good. What is dropped ends before a
    key frame: everything until then would be drawn on pictures that were never decoded.

    Attributes:
        dropped_tags: how many were dropped so far.
    """

    def __init__(self, *, has_picture: bool, policy: BacklogPolicy | None = None) -> None:
        self._has_picture = has_picture
        self._policy = policy or BacklogPolicy()
        self._fed_bytes = 0
        # Of each tag that may be waiting: how many bytes were fed up to its end, and its time.
        self._waiting: deque[tuple[int, int]] = deque()
        self.is_dropping = False
        self.dropped_tags = 0

    def takes(self, tag: bytes, *, waiting_bytes: int) -> bool:
        """Tell whether a tag is to be fed, while so many bytes of those before it wait."""
        is_late = self._is_late(waiting_bytes)
        if self.is_dropping or is_late:
            self.is_dropping = is_late or not self._may_go_on(tag)
        # Headers are small and must not be missed, but a flood of them is no better than one of frames.
        if self.is_dropping and (is_late or is_frame(tag)):
            self.dropped_tags += 1
            return False
        self._fed_bytes += len(tag)
        if tag[0] in (MessageType.AUDIO, MessageType.VIDEO):
            self._waiting.append((self._fed_bytes, time_of(tag)))
        return True

    def _is_late(self, waiting_bytes: int) -> bool:
        sent_bytes = self._fed_bytes - waiting_bytes
        newest_ms = self._waiting[-1][1] if self._waiting else 0
        while self._waiting and self._waiting[0][0] <= sent_bytes:
            self._waiting.popleft()
        waiting_ms = newest_ms - self._waiting[0][1] if self._waiting else 0
        most_ms = self._policy.resumes_at_ms if self.is_dropping else self._policy.most_ms
        return waiting_ms > most_ms or waiting_bytes > self._policy.most_bytes

    def _may_go_on(self, tag: bytes) -> bool:
        return is_frame(tag) and (begins_picture(tag) or not self._has_picture)
