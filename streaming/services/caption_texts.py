"""A movie's captions as texts of a package."""

from fractions import Fraction

from catalog.models import Caption
from streaming.media.package_index import TextFile, TextKind, TextTrack
from streaming.media.texts import on_timeline


def caption_text(caption: Caption, *, name: str, duration_s: Fraction) -> tuple[TextTrack, bytes]:
    """Return captions as a track of this name, and its one file."""
    content = on_timeline(caption.webvtt)
    return caption_track(caption, name=name, files=(TextFile(duration_s, len(content)),)), content


def caption_track(caption: Caption, *, name: str, files: tuple[TextFile, ...]) -> TextTrack:
    """Return captions as a track whose text is in these files: all that is said of them but the words."""
    return TextTrack(
        name=name,
        files=files,
        label=label_of(caption.label),
        language=caption.language,
        kind=TextKind.CAPTIONS if caption.kind == Caption.Kind.CAPTIONS else TextKind.SUBTITLES,
        is_default=caption.is_default,
        is_forced=caption.kind == Caption.Kind.FORCED,
    )


def label_of(words: str) -> str:
    """Return words as they can stand in a playlist, whose texts have no quotation marks in them."""
    return "".join(letter for letter in words.replace('"', "'") if letter.isprintable())[:200] or "?"
