"""HLS playlists as RFC 8216bis describes them: written by `str()`, read by `parse()`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Self, TypeVar

from streaming.media.errors import PlaylistViolation
from streaming.media.hls_lines import Line, Quoted, checked_text, format_tag, parse_attributes, split_playlist
from streaming.media.package_index import round_half_up
from streaming.media.segmenter import TIMELINE_START_S

VERSION = 7
"""Media initialization sections outside of I-frame playlists need 6; Apple's devices take fMP4 from 7 on."""
TIMESTAMP_MAP = f"X-TIMESTAMP-MAP=MPEGTS:{TIMELINE_START_S * 90_000},LOCAL:00:00:00.000"
"""The second line of each WebVTT file: the film begins at 10 s of the segments' timeline (RFC 8216bis, 3.1.4)."""
_MICRO = 1_000_000
_Member = TypeVar("_Member", bound=StrEnum)


class PlaylistType(StrEnum):
    """Whether segments may still be added (4.4.3.5)."""

    EVENT = "EVENT"
    VOD = "VOD"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """A part of a file: how long, and from where (4.4.4.2)."""

    length: int
    offset: int

    def __str__(self) -> str:
        return f"{self.length}@{self.offset}"

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read `length@offset`; the form without an offset is not used here."""
        length, at, offset = value.partition("@")
        if not at:
            raise PlaylistViolation(f"byte range {value!r} has no offset")
        return cls(length=_whole(length), offset=_whole(offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSegment:
    """One entry of a media playlist. `map_uri` is the header that holds from it on, where that is another."""

    uri: str
    duration_s: Fraction
    byte_range: ByteRange | None = None
    map_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlaylist:
    """The segments of one track (4.4.3). `first_number` is the media sequence number of the first of them."""

    target_duration_s: int
    segments: tuple[MediaSegment, ...]
    map_uri: str | None = None
    first_number: int = 1
    playlist_type: PlaylistType | None = None
    is_ended: bool = False
    is_of_key_frames: bool = False
    version: int = VERSION

    def __str__(self) -> str:
        """Write it. Raises PlaylistViolation when a segment is longer than the target duration."""
        lines = ["#EXTM3U", f"#EXT-X-VERSION:{self.version}", f"#EXT-X-TARGETDURATION:{self.target_duration_s}"]
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{self.first_number}")
        if self.playlist_type:
            lines.append(f"#EXT-X-PLAYLIST-TYPE:{self.playlist_type}")
        if self.is_of_key_frames:
            lines.append("#EXT-X-I-FRAMES-ONLY")
        if self.map_uri:
            lines.append(format_tag("EXT-X-MAP", {"URI": Quoted(self.map_uri)}))
        lines += self._segment_lines()
        if self.is_ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(lines) + "\n"

    def _segment_lines(self) -> list[str]:
        """Write the segments so that rounding does not add up: each begins where the sum of all before it is."""
        lines, end_s, told = [], Fraction(0), 0
        for segment in self.segments:
            if round_half_up(segment.duration_s) > self.target_duration_s:
                raise PlaylistViolation(f"{segment.uri} lasts longer than {self.target_duration_s} s")
            end_s += segment.duration_s
            end = round(end_s * _MICRO)
            length, told = end - told, end
            if segment.map_uri:
                lines.append(format_tag("EXT-X-MAP", {"URI": Quoted(segment.map_uri)}))
            lines.append(f"#EXTINF:{length // _MICRO}.{length % _MICRO:06d},")
            if segment.byte_range:
                lines.append(f"#EXT-X-BYTERANGE:{segment.byte_range}")
            lines.append(checked_text(segment.uri))
        return lines

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it; tags that are not known are passed over, as 6.3.1 demands.

        Raises:
            PlaylistViolation: it is no media playlist.
        """
        lines = split_playlist(text)
        head = _heads(lines)
        if "EXT-X-TARGETDURATION" not in head:
            raise PlaylistViolation("a media playlist has a target duration")
        playlist_type = head.get("EXT-X-PLAYLIST-TYPE")
        return cls(
            target_duration_s=_whole(head["EXT-X-TARGETDURATION"]),
            segments=_parse_segments(lines),
            map_uri=parse_attributes(head["EXT-X-MAP"])["URI"] if "EXT-X-MAP" in head else None,
            first_number=_whole(head.get("EXT-X-MEDIA-SEQUENCE", "0")),
            playlist_type=_member(PlaylistType, playlist_type) if playlist_type else None,
            is_ended="EXT-X-ENDLIST" in head,
            is_of_key_frames="EXT-X-I-FRAMES-ONLY" in head,
            version=_whole(head.get("EXT-X-VERSION", "1")),
        )


_SEGMENT_TAGS = {"EXTINF", "EXT-X-BYTERANGE", ""}
_MAP = "EXT-X-MAP"


def _heads(lines: list[Line]) -> dict[str, str]:
    """Return the tags of a playlist as a whole. Raises PlaylistViolation when one comes twice."""
    found: dict[str, str] = {}
    has_begun = False
    for line in lines:
        has_begun |= line.tag == "EXTINF"
        if line.tag in _SEGMENT_TAGS or (has_begun and line.tag == _MAP):
            continue
        if line.tag in found:
            raise PlaylistViolation(f"{line.tag} came twice")
        found[line.tag] = line.value
    return found


def _parse_segments(lines: list[Line]) -> tuple[MediaSegment, ...]:
    found: list[MediaSegment] = []
    pending: dict[str, str] = {}
    for line in lines:
        if line.tag:
            if line.tag in _SEGMENT_TAGS or (found and line.tag == _MAP):
                pending[line.tag] = line.value
            continue
        if "EXTINF" not in pending:
            raise PlaylistViolation(f"{line.value!r} has no length")
        byte_range = pending.get("EXT-X-BYTERANGE")
        found.append(
            MediaSegment(
                uri=line.value,
                duration_s=_seconds(pending["EXTINF"].partition(",")[0]),
                byte_range=ByteRange.parse(byte_range) if byte_range else None,
                map_uri=parse_attributes(pending[_MAP])["URI"] if _MAP in pending else None,
            )
        )
        pending = {}
    return tuple(found)


class MediaType(StrEnum):
    """What a rendition is (4.4.6.1)."""

    AUDIO = "AUDIO"
    SUBTITLES = "SUBTITLES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """An EXT-X-MEDIA tag: one of several tracks to choose from.

    Raises:
        PlaylistViolation: a default that is not chosen by itself, or forced sound (4.4.6.1).
    """

    media_type: MediaType
    group_id: str
    name: str
    uri: str
    language: str | None = None
    is_default: bool = False
    is_autoselect: bool = False
    is_forced: bool = False
    channels: str | None = None
    characteristics: str | None = None

    def __post_init__(self) -> None:
        if self.is_default and not self.is_autoselect:
            raise PlaylistViolation(f"{self.name!r} is the default and must be selected by itself, too")
        if self.is_forced and self.media_type is not MediaType.SUBTITLES:
            raise PlaylistViolation(f"{self.name!r} is forced and no subtitles")

    def __str__(self) -> str:
        return format_tag(
            "EXT-X-MEDIA",
            {
                "TYPE": self.media_type,
                "GROUP-ID": Quoted(self.group_id),
                "NAME": Quoted(self.name),
                "LANGUAGE": _quoted(self.language),
                "DEFAULT": _yes(self.is_default),
                "AUTOSELECT": _yes(self.is_autoselect),
                "FORCED": "YES" if self.is_forced else None,
                "CHANNELS": _quoted(self.channels),
                "CHARACTERISTICS": _quoted(self.characteristics),
                "URI": Quoted(self.uri),
            },
        )

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read what stands behind the tag."""
        found = parse_attributes(value)
        return cls(
            media_type=_member(MediaType, _need(found, "TYPE")),
            group_id=_need(found, "GROUP-ID"),
            name=_need(found, "NAME"),
            uri=_need(found, "URI"),
            language=found.get("LANGUAGE"),
            is_default=found.get("DEFAULT") == "YES",
            is_autoselect=found.get("AUTOSELECT") == "YES",
            is_forced=found.get("FORCED") == "YES",
            channels=found.get("CHANNELS"),
            characteristics=found.get("CHARACTERISTICS"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """An EXT-X-STREAM-INF tag and its URI, or, with `is_of_key_frames`, an EXT-X-I-FRAME-STREAM-INF tag."""

    uri: str
    bandwidth_bps: int
    average_bandwidth_bps: int
    codecs: tuple[str, ...]
    resolution: tuple[int, int] | None = None
    frame_rate: str | None = None
    video_range: str | None = None
    audio: str | None = None
    subtitles: str | None = None
    is_of_key_frames: bool = False

    def __str__(self) -> str:
        attributes: dict[str, str | int | None] = {
            "BANDWIDTH": self.bandwidth_bps,
            "AVERAGE-BANDWIDTH": self.average_bandwidth_bps,
            "CODECS": Quoted(",".join(self.codecs)),
            "RESOLUTION": "{}x{}".format(*self.resolution) if self.resolution else None,
            "FRAME-RATE": self.frame_rate,
            "VIDEO-RANGE": self.video_range,
            "AUDIO": _quoted(self.audio),
            "SUBTITLES": _quoted(self.subtitles),
        }
        if self.is_of_key_frames:
            return format_tag("EXT-X-I-FRAME-STREAM-INF", {**attributes, "URI": Quoted(self.uri)})
        return format_tag("EXT-X-STREAM-INF", attributes) + "\n" + checked_text(self.uri)

    @classmethod
    def parse(cls, value: str, uri: str | None) -> Self:
        """Read what stands behind the tag; `uri` is the line below it, None for a variant of key frames."""
        found = parse_attributes(value)
        width, _, height = found.get("RESOLUTION", "").partition("x")
        return cls(
            uri=uri or _need(found, "URI"),
            bandwidth_bps=_whole(_need(found, "BANDWIDTH")),
            average_bandwidth_bps=_whole(found.get("AVERAGE-BANDWIDTH", "0")),
            codecs=tuple(found.get("CODECS", "").split(",")),
            resolution=(_whole(width), _whole(height)) if width else None,
            frame_rate=found.get("FRAME-RATE"),
            video_range=found.get("VIDEO-RANGE"),
            audio=found.get("AUDIO"),
            subtitles=found.get("SUBTITLES"),
            is_of_key_frames=uri is None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MultivariantPlaylist:
    """What a player opens first (4.4.6).

    Attributes:
        start_s: where players begin by themselves; None leaves it to them. While a playlist grows they would take it
            for a live stream and begin near its end.
    """

    renditions: tuple[Rendition, ...]
    variants: tuple[Variant, ...]
    start_s: int | None = None
    is_independent: bool = True
    version: int = VERSION

    def __post_init__(self) -> None:
        named = [(rendition.group_id, rendition.media_type, rendition.name) for rendition in self.renditions]
        if len(set(named)) < len(named):
            raise PlaylistViolation("two renditions of a group have the same name")
        groups = {(rendition.media_type, rendition.group_id) for rendition in self.renditions}
        wanted = {(MediaType.AUDIO, v.audio) for v in self.variants if v.audio}
        wanted |= {(MediaType.SUBTITLES, v.subtitles) for v in self.variants if v.subtitles}
        if not wanted <= groups:
            raise PlaylistViolation("a variant names a group that is not there")

    def __str__(self) -> str:
        lines = ["#EXTM3U", f"#EXT-X-VERSION:{self.version}"]
        if self.is_independent:
            lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
        if self.start_s is not None:
            lines.append(format_tag("EXT-X-START", {"TIME-OFFSET": self.start_s}))
        lines += map(str, self.renditions)
        lines += map(str, self.variants)
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it. Raises PlaylistViolation when it is no multivariant playlist."""
        lines = split_playlist(text)
        head = {line.tag: line.value for line in lines}
        if "EXT-X-TARGETDURATION" in head:
            raise PlaylistViolation("this is a media playlist")
        start = parse_attributes(head["EXT-X-START"]) if "EXT-X-START" in head else None
        return cls(
            renditions=tuple(Rendition.parse(line.value) for line in lines if line.tag == "EXT-X-MEDIA"),
            variants=_parse_variants(lines),
            start_s=_whole(_need(start, "TIME-OFFSET")) if start else None,
            is_independent="EXT-X-INDEPENDENT-SEGMENTS" in head,
            version=_whole(head.get("EXT-X-VERSION", "1")),
        )


def _parse_variants(lines: list[Line]) -> tuple[Variant, ...]:
    found, pending = [], None
    for line in lines:
        if line.tag == "EXT-X-STREAM-INF":
            pending = line.value
        elif line.tag == "EXT-X-I-FRAME-STREAM-INF":
            found.append(Variant.parse(line.value, None))
        elif not line.tag:
            if pending is None:
                raise PlaylistViolation(f"{line.value!r} has no EXT-X-STREAM-INF")
            found.append(Variant.parse(pending, line.value))
            pending = None
    return tuple(found)


def _need(attributes: Mapping[str, str], name: str) -> str:
    if name not in attributes:
        raise PlaylistViolation(f"the attribute {name} is missing")
    return attributes[name]


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 20):
        raise PlaylistViolation(f"{value[:40]!r} is no whole number")
    return int(value)


def _seconds(value: str) -> Fraction:
    whole, _, decimals = value.partition(".")
    return Fraction(_whole(whole + decimals), 10 ** len(decimals))


def _member(kind: type[_Member], value: str) -> _Member:
    try:
        return kind(value)
    except ValueError as error:
        raise PlaylistViolation(f"{value[:40]!r} is no {kind.__name__}") from error


def _quoted(value: str | None) -> Quoted | None:
    return None if value is None else Quoted(value)


def _yes(value: bool) -> str:
    return "YES" if value else "NO"
