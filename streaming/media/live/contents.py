"""The bytes of a live stream that are kept in memory: its headers, and the parts near the end of it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from weakref import ref

from streaming.media.live.ready import InitReady, PartReady, Ready
from streaming.media.live.timing import LiveTiming

# What those who take theirs slowly may hold of segments that nobody else asks for any more, of one stream.
_MOST_BEHIND_BYTES = 32 * 1024 * 1024


@dataclass(slots=True, weakref_slot=True, eq=False)
class LiveFile:
    """A file as it is held, a segment in its parts: all who are sent it hold the same bytes."""

    pieces: list[bytes]
    size: int

    def read(self, start: int, length: int) -> memoryview:
        """Return what stands there, so much at most; nothing if the file was taken away."""
        for piece in self.pieces:
            if start < len(piece):
                return memoryview(piece)[start : start + length]
            start -= len(piece)
        return memoryview(b"")

    def take_away(self) -> None:
        self.pieces.clear()


@dataclass(slots=True)
class _Segment:
    """The parts of one segment of a track, and all of it when they are all."""

    name: str
    end_s: Fraction = Fraction(0)
    parts: list[str] = field(default_factory=list)
    file: LiveFile | None = None


class LiveContents:
    """Finds bytes by their names in the package.

    Parts are kept for three target durations after playlists have ceased to list them (RFC 8216bis, 6.2.2). A segment
    is sent as its parts, one behind the other; one that is older is to be read from where it was stored.
    """

    def __init__(self, timing: LiveTiming) -> None:
        self._kept_s = 2 * timing.parts_until_s
        self._inits: dict[str, bytes] = {}
        self._parts: dict[str, bytes] = {}
        self._whole: dict[str, _Segment] = {}
        self._tracks: dict[str, deque[_Segment]] = {}
        # What was forgotten, as long as somebody is being sent it.
        self._behind: deque[ref[LiveFile]] = deque()
        self.size_bytes = 0

    def add(self, ready: Iterable[Ready]) -> None:
        """Keep what the packager has handed out, and forget what nobody may ask for any more."""
        for item in ready:
            if isinstance(item, InitReady):
                self._inits[item.name] = item.content
                continue
            segments = self._tracks.setdefault(item.track, deque())
            if isinstance(item, PartReady):
                if not segments or segments[-1].file:
                    segments.append(_Segment(f"{item.track}/{item.msn}.m4s"))
                segments[-1].parts.append(item.name)
                segments[-1].end_s = item.end_s
                self._parts[item.name] = item.content
                self.size_bytes += len(item.content)
                continue
            pieces = [self._parts[name] for name in segments[-1].parts]
            segments[-1].file = LiveFile(pieces, len(item.content))
            self._whole[item.name] = segments[-1]
            self._forget(segments, item.end_s - self._kept_s)

    def _forget(self, segments: deque[_Segment], before_s: Fraction) -> None:
        if segments[0].end_s > before_s:
            return
        while segments[0].end_s <= before_s:
            self._forget_segment(segments.popleft())
        self._limit_behind()

    def _forget_segment(self, segment: _Segment) -> None:
        del self._whole[segment.name]
        for name in segment.parts:
            self.size_bytes -= len(self._parts.pop(name))
        if segment.file:
            self._behind.append(ref(segment.file))

    def _limit_behind(self) -> None:
        """Take the oldest away from those who are still being sent it, if they hold too much."""
        held = [file for known in self._behind if (file := known())]
        held_bytes = sum(file.size for file in held)
        while held_bytes > _MOST_BEHIND_BYTES:
            oldest = held.pop(0)
            held_bytes -= oldest.size
            oldest.take_away()
        self._behind = deque(map(ref, held))

    def find(self, name: str) -> LiveFile | None:
        """Return a header, part or segment; None for one that is not here."""
        if segment := self._whole.get(name):
            return segment.file
        content = self._parts.get(name) or self._inits.get(name)
        return LiveFile([content], len(content)) if content else None
