"""The bytes of a live stream that are kept in memory: its headers, and the parts near the end of it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from streaming.media.live.ready import InitReady, PartReady, Ready
from streaming.media.live.timing import LiveTiming


@dataclass(slots=True)
class _Segment:
    """The parts of one segment of a track, and whether they are all."""

    name: str
    end_s: Fraction = Fraction(0)
    parts: list[str] = field(default_factory=list)
    is_whole: bool = False


class LiveContents:
    """Finds bytes by their names in the package.

    Parts are kept for three target durations after playlists have ceased to list them (RFC 8216bis, 6.2.2). A segment
    is joined from its parts when it is asked for; one that is older is to be read from where it was stored.
    """

    def __init__(self, timing: LiveTiming) -> None:
        self._kept_s = 2 * timing.parts_until_s
        self._inits: dict[str, bytes] = {}
        self._parts: dict[str, bytes] = {}
        self._whole: dict[str, _Segment] = {}
        self._tracks: dict[str, deque[_Segment]] = {}
        self.size_bytes = 0

    def add(self, ready: Iterable[Ready]) -> None:
        """Keep what the packager has handed out, and forget what nobody may ask for any more."""
        for item in ready:
            if isinstance(item, InitReady):
                self._inits[item.name] = item.content
                continue
            segments = self._tracks.setdefault(item.track, deque())
            if isinstance(item, PartReady):
                if not segments or segments[-1].is_whole:
                    segments.append(_Segment(f"{item.track}/{item.msn}.m4s"))
                segments[-1].parts.append(item.name)
                segments[-1].end_s = item.end_s
                self._parts[item.name] = item.content
                self.size_bytes += len(item.content)
                continue
            segments[-1].is_whole = True
            self._whole[item.name] = segments[-1]
            self._forget(segments, item.end_s - self._kept_s)

    def _forget(self, segments: deque[_Segment], before_s: Fraction) -> None:
        while segments[0].end_s <= before_s:
            oldest = segments.popleft()
            del self._whole[oldest.name]
            for name in oldest.parts:
                self.size_bytes -= len(self._parts.pop(name))

    def find(self, name: str) -> bytes | None:
        """Return a header, part or segment; None for one that is not here."""
        if segment := self._whole.get(name):
            return b"".join(self._parts[part] for part in segment.parts)
        return self._parts.get(name) or self._inits.get(name)
