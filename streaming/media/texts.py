"""WebVTT of a package: a file for each text, on the timeline of the segments, and one that leads to small pictures."""

from fractions import Fraction
from math import ceil

from streaming.media.hls import TIMESTAMP_MAP
from streaming.media.package_index import ImageTrack

_HEAD = "WEBVTT"


def on_timeline(webvtt: str) -> bytes:
    """Return a WebVTT file whose cues stand on the timeline of the segments (RFC 8216bis, 3.1.4)."""
    first, _, rest = webvtt.replace("\r\n", "\n").partition("\n")
    head = first if first.startswith(_HEAD) else _HEAD
    return f"{head}\n{TIMESTAMP_MAP}\n{rest if rest.startswith(chr(10)) else chr(10) + rest}".encode()


def has_cues(webvtt: str) -> bool:
    return "-->" in webvtt


def format_storyboard(images: ImageTrack, *, duration_s: Fraction) -> str:
    """Write which part of which sheet shows a moment of the film: what players read when someone points at a time.

    They load this file beside the film and not as a part of it: its times are those of the film. Names are relative to
    the package.
    """
    pictures = min(ceil(duration_s / images.interval_s), images.sheets * images.columns * images.rows)
    cues = (_storyboard_cue(images, number, duration_s) for number in range(pictures))
    return "\n".join((f"{_HEAD}\n", *cues))


def _storyboard_cue(images: ImageTrack, number: int, duration_s: Fraction) -> str:
    start_s, end_s = images.interval_s * number, min(images.interval_s * (number + 1), duration_s)
    sheet, place = divmod(number, images.columns * images.rows)
    row, column = divmod(place, images.columns)
    area = (column * images.width_px, row * images.height_px, images.width_px, images.height_px)
    where = f"{images.name}/{sheet + 1}.jpg#xywh={','.join(map(str, area))}"
    return f"{_clock(start_s)} --> {_clock(end_s)}\n{where}\n"


def _clock(seconds: Fraction) -> str:
    whole, milliseconds = divmod(ceil(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"
