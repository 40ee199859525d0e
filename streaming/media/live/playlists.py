"""Low-latency HLS playlists of a live stream (RFC 8216bis). They are the same, byte for byte, for the same window."""

from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice, takewhile

from streaming.media.hls_lines import Quoted, format_tag
from streaming.media.hls_package import build_multivariant
from streaming.media.live.described import build_index
from streaming.media.live.ready import part_uri
from streaming.media.live.timing import LiveTiming
from streaming.media.live.window import LiveWindow, TrackWindow

VERSION = 9
"""EXT-X-SKIP needs 9 (8)."""
PLAYLIST = "index.m3u8"
_MILLI = 1000


def format_media_playlist(window: LiveWindow, track: str, *, skip: bool = False) -> str:
    """Write the playlist of one track; with `skip` the segments that a player knows already are only counted.

    An ended stream is told in full (6.2.5.1).
    """
    listed = window.tracks[track]
    first = listed.segments[0].msn if listed.segments else (listed.open.msn if listed.open else window.newest.msn + 1)
    skipped = _skipped(window, listed) if skip and not window.is_ended else 0
    lines = [_head(window.timing)]
    lines.append(f"#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-DISCONTINUITY-SEQUENCE:{listed.removed_discontinuities}\n")
    if skipped:
        lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n")
    lines += _segment_lines(listed, skipped)
    lines.append("#EXT-X-ENDLIST\n" if window.is_ended else _outlook(window, listed))
    return "".join(lines)


def _head(timing: LiveTiming) -> str:
    control = {
        "CAN-BLOCK-RELOAD": "YES",
        "CAN-SKIP-UNTIL": _decimal(timing.skip_until_s),
        "HOLD-BACK": _decimal(timing.hold_back_s),
        "PART-HOLD-BACK": _decimal(timing.part_hold_back_s),
    }
    return (
        f"#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-TARGETDURATION:{timing.target_duration_s}\n"
        f"{format_tag('EXT-X-SERVER-CONTROL', control)}\n"
        f"#EXT-X-PART-INF:PART-TARGET={_decimal(timing.part_target_s)}\n"
    )


def _decimal(seconds: Fraction | int) -> str:
    """Write whole milliseconds with three decimals."""
    whole, thousandths = divmod(round(seconds * _MILLI), _MILLI)
    return f"{whole}.{thousandths:03d}"


def _skipped(window: LiveWindow, listed: TrackWindow) -> int:
    """Count the segments that lie behind the skip boundary as a whole (4.4.5.2)."""
    boundary_s = listed.end_s - window.timing.skip_until_s
    near = sum(1 for _ in takewhile(lambda segment: segment.end_s > boundary_s, reversed(listed.segments)))
    return len(listed.segments) - near


def _segment_lines(listed: TrackWindow, skipped: int) -> list[str]:
    """Write all but the first segments. The header is repeated in the first place, also behind what was skipped."""
    lines: list[str] = []
    for segment in chain(islice(listed.segments, skipped, None), (listed.open,) if listed.open else ()):
        if not lines and not segment.is_discontinuous:
            lines.append(segment.map_line())
        lines += (segment.before, *segment.parts, segment.entry)
    return lines


def _outlook(window: LiveWindow, listed: TrackWindow) -> str:
    """Write what is to come: the part to ask for next, and how far the other playlists are (B.1)."""
    next_uri = part_uri(*window.next_part, window.generation)
    hint = format_tag("EXT-X-PRELOAD-HINT", {"TYPE": "PART", "URI": Quoted(next_uri)})
    reports = [
        format_tag(
            "EXT-X-RENDITION-REPORT",
            {"URI": Quoted(f"../{name}/{PLAYLIST}"), "LAST-MSN": window.newest.msn, "LAST-PART": window.newest.part},
        )
        for name in window.tracks
        if name != listed.name and window.newest.msn
    ]
    return "\n".join((hint, *reports, ""))


def format_multivariant(window: LiveWindow) -> str:
    """Write what a player opens first. It tells what the encoder may not exceed, and is the same for the whole stream.

    Raises:
        PlaylistViolation: a text cannot stand in a playlist.
        TimelineViolation: a track has not begun.
    """
    index = build_index(window.outputs, window.timing, window.described, is_whole=False)
    playlist = build_multivariant(index)
    variants = [replace(variant, average_bandwidth_bps=variant.bandwidth_bps) for variant in playlist.variants]
    return str(replace(playlist, variants=tuple(variants), start_s=None))
