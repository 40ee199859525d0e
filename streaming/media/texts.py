"""WebVTT of a package: one file for each text, on the timeline of the segments."""

from fractions import Fraction

from streaming.media.hls import TIMESTAMP_MAP
from streaming.media.package_index import TextFile, TextKind, TextTrack

_HEAD = "WEBVTT"


def on_timeline(webvtt: str) -> bytes:
    """Return a WebVTT file whose cues stand on the timeline of the segments (RFC 8216bis, 3.1.4)."""
    first, _, rest = webvtt.replace("\r\n", "\n").partition("\n")
    head = first if first.startswith(_HEAD) else _HEAD
    return f"{head}\n{TIMESTAMP_MAP}\n{rest if rest.startswith(chr(10)) else chr(10) + rest}".encode()


def has_cues(webvtt: str) -> bool:
    return "-->" in webvtt


def text_track(
    name: str,
    content: bytes,
    *,
    duration_s: Fraction,
    label: str,
    language: str | None,
    kind: TextKind = TextKind.SUBTITLES,
    is_default: bool = False,
    is_forced: bool = False,
) -> TextTrack:
    """Describe a text of one file, which covers the whole film."""
    return TextTrack(
        name=name,
        label=label,
        files=(TextFile(duration_s, len(content)),),
        language=language,
        kind=kind,
        is_default=is_default,
        is_forced=is_forced,
    )
