"""Reads playlists of any server of low-latency HLS, strictly: what a player might overlook is found here.

It shares nothing with what writes our own playlists, so that a misunderstanding is not made twice.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)')
_SINGLE = {
    "EXT-X-TARGETDURATION",
    "EXT-X-VERSION",
    "EXT-X-MEDIA-SEQUENCE",
    "EXT-X-DISCONTINUITY-SEQUENCE",
    "EXT-X-SERVER-CONTROL",
    "EXT-X-PART-INF",
    "EXT-X-SKIP",
    "EXT-X-ENDLIST",
}


class PlaylistWrong(AssertionError):
    """The playlist is not well-formed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part as it is listed."""

    uri: str
    duration_s: Fraction
    is_independent: bool
    is_gap: bool


@dataclass(slots=True, kw_only=True)
class Segment:
    """A segment as it is listed; `uri` is "" while it is open. `late` are tags of it that follow its first part."""

    msn: int
    uri: str = ""
    duration_s: Fraction = Fraction(0)
    shown_at: datetime | None = None
    is_discontinuous: bool = False
    map_uri: str = ""
    parts: list[Part] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return bool(self.uri)


@dataclass(slots=True, kw_only=True)
class LivePlaylist:
    """A media playlist. `segments` are those that are listed, the open one included; `skipped` come before them."""

    singles: dict[str, str] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)
    hints: list[dict[str, str]] = field(default_factory=list)
    reports: list[dict[str, str]] = field(default_factory=list)

    @property
    def target_duration_s(self) -> int:
        return int(self.singles["EXT-X-TARGETDURATION"])

    @property
    def first_msn(self) -> int:
        return int(self.singles.get("EXT-X-MEDIA-SEQUENCE", "0"))

    @property
    def first_discontinuity(self) -> int:
        return int(self.singles.get("EXT-X-DISCONTINUITY-SEQUENCE", "0"))

    @property
    def version(self) -> int:
        return int(self.singles.get("EXT-X-VERSION", "1"))

    @property
    def skipped(self) -> int:
        return int(attributes(self.singles["EXT-X-SKIP"])["SKIPPED-SEGMENTS"]) if "EXT-X-SKIP" in self.singles else 0

    @property
    def control(self) -> dict[str, str]:
        return attributes(self.singles.get("EXT-X-SERVER-CONTROL", ""))

    @property
    def part_target_s(self) -> Fraction:
        return Fraction(attributes(self.singles["EXT-X-PART-INF"])["PART-TARGET"])

    @property
    def is_ended(self) -> bool:
        return "EXT-X-ENDLIST" in self.singles

    @property
    def whole(self) -> list[Segment]:
        return [segment for segment in self.segments if segment.is_whole]

    @property
    def last_whole_msn(self) -> int:
        return self.whole[-1].msn

    @property
    def next_part(self) -> tuple[int, int]:
        """Return segment and part that come next."""
        last = self.segments[-1]
        return (last.msn + 1, 0) if last.is_whole else (last.msn, len(last.parts))

    @property
    def newest(self) -> tuple[int, int]:
        """Return segment and part that came last."""
        last = self.segments[-1]
        return last.msn, len(last.parts) - 1


def attributes(value: str) -> dict[str, str]:
    """Read an attribute list; quotes are taken off."""
    found = {match[1]: match[2].strip('"') for match in _ATTRIBUTE.finditer(value)}
    if value and not found:
        raise PlaylistWrong(f"{value!r} is no list of attributes")
    return found


def parse_playlist(text: str) -> LivePlaylist:
    """Read a media playlist. Raises PlaylistWrong."""
    lines = text.splitlines()
    if not lines or lines[0] != "#EXTM3U":
        raise PlaylistWrong("the first line is not #EXTM3U")
    reader = _Reader()
    for line in lines[1:]:
        if line:
            reader.take(line)
    return reader.finish()


class _Reader:
    """Reads line by line."""

    def __init__(self) -> None:
        self._playlist = LivePlaylist()
        self._segment: Segment | None = None
        self._map_uri = ""
        self._count = 0

    def take(self, line: str) -> None:
        if not line.startswith("#"):
            segment = self._current()
            segment.uri = line
            self._segment = None
            return
        if not line.startswith("#EXT"):
            return
        name, _, value = line[1:].partition(":")
        if name in _SINGLE:
            self._take_single(name, value)
        elif name == "EXT-X-PRELOAD-HINT":
            self._playlist.hints.append(attributes(value))
        elif name == "EXT-X-RENDITION-REPORT":
            self._playlist.reports.append(attributes(value))
        else:
            self._take_of_segment(name, value)

    def _take_single(self, name: str, value: str) -> None:
        if name in self._playlist.singles:
            raise PlaylistWrong(f"{name} stands there twice")
        if name == "EXT-X-MEDIA-SEQUENCE" and self._playlist.segments:
            raise PlaylistWrong("EXT-X-MEDIA-SEQUENCE follows a segment")
        self._playlist.singles[name] = value

    def _take_of_segment(self, name: str, value: str) -> None:
        if name == "EXTINF":
            self._current().duration_s = Fraction(value.partition(",")[0])
        elif name == "EXT-X-PART":
            self._current().parts.append(_part(attributes(value)))
        elif name in ("EXT-X-PROGRAM-DATE-TIME", "EXT-X-MAP", "EXT-X-DISCONTINUITY"):
            segment = self._current()
            if segment.parts:
                segment.late.append(name)
            self._take_before(segment, name, value)

    def _take_before(self, segment: Segment, name: str, value: str) -> None:
        if name == "EXT-X-PROGRAM-DATE-TIME":
            segment.shown_at = datetime.fromisoformat(value)
            if segment.shown_at.tzinfo is None or not re.search(r"\.\d{3}", value):
                raise PlaylistWrong(f"{value} has no zone or no milliseconds")
        elif name == "EXT-X-MAP":
            self._map_uri = segment.map_uri = attributes(value)["URI"]
        else:
            segment.is_discontinuous = True

    def _current(self) -> Segment:
        if self._segment is None:
            number = self._playlist.first_msn + self._playlist.skipped + self._count
            self._segment = Segment(msn=number, map_uri=self._map_uri)
            self._playlist.segments.append(self._segment)
            self._count += 1
        return self._segment

    def finish(self) -> LivePlaylist:
        playlist = self._playlist
        if "EXT-X-TARGETDURATION" not in playlist.singles:
            raise PlaylistWrong("there is no target duration")
        if playlist.segments and not playlist.segments[-1].is_whole and not playlist.segments[-1].parts:
            # Tags of a segment of which nothing is there yet.
            playlist.segments.pop()
        return playlist


def _part(found: dict[str, str]) -> Part:
    return Part(
        uri=found["URI"],
        duration_s=Fraction(found["DURATION"]),
        is_independent=found.get("INDEPENDENT") == "YES",
        is_gap=found.get("GAP") == "YES",
    )
