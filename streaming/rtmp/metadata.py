"""Data messages, above all onMetaData (Adobe Flash Video File Format 10.1, annex E.5)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from streaming.rtmp.amf0 import AmfValue, format_amf0, parse_amf0
from streaming.rtmp.errors import AmfViolation
from streaming.rtmp.limits import AmfLimits

ON_METADATA = "onMetaData"
SET_DATA_FRAME = "@setDataFrame"
"""Asks the server to keep what follows for late players; not part of the FLV file."""

_SET_DATA_FRAME_BYTES = format_amf0(SET_DATA_FRAME)
_BITS_PER_KBIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamMetadata:
    """What the encoder claims about its stream. Claims may be wrong; None: not claimed."""

    width_px: int | None = None
    height_px: int | None = None
    frame_rate: float | None = None
    video_bitrate_bps: int | None = None
    audio_bitrate_bps: int | None = None
    encoder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptTag:
    """A data message: its name, and what onMetaData claims (None for other names)."""

    name: str
    metadata: StreamMetadata | None = None
    values: tuple[AmfValue, ...] = field(default=(), repr=False)


def parse_script(payload: bytes, *, limits: AmfLimits | None = None) -> tuple[ScriptTag, bytes]:
    """Read a data message; return it and its payload without "@setDataFrame".

    Raises:
        AmfViolation: the payload is not AMF0 or does not begin with a name.
    """
    body = payload.removeprefix(_SET_DATA_FRAME_BYTES)
    values = parse_amf0(body, limits=limits)
    if not values or not isinstance(values[0], str):
        raise AmfViolation("a data message does not begin with a name")
    name = values[0]
    metadata = None
    if name == ON_METADATA and len(values) > 1 and isinstance(values[1], dict):
        metadata = parse_metadata(values[1])
    return ScriptTag(name=name, metadata=metadata, values=values[1:]), body


def parse_metadata(members: Mapping[str, AmfValue]) -> StreamMetadata:
    """Pick the known claims out of onMetaData; senseless ones become None."""
    encoder = members.get("encoder")
    return StreamMetadata(
        width_px=_whole(members.get("width")),
        height_px=_whole(members.get("height")),
        frame_rate=_positive(members.get("framerate", members.get("videoframerate"))),
        video_bitrate_bps=_whole(members.get("videodatarate"), unit=_BITS_PER_KBIT),
        audio_bitrate_bps=_whole(members.get("audiodatarate"), unit=_BITS_PER_KBIT),
        encoder=encoder if isinstance(encoder, str) else None,
    )


def _positive(value: AmfValue) -> float | None:
    is_number = isinstance(value, float) and math.isfinite(value) and 0 < value < 1e9
    return value if is_number and isinstance(value, float) else None


def _whole(value: AmfValue, *, unit: int = 1) -> int | None:
    number = _positive(value)
    # Less than half of one is none.
    return None if number is None else round(number * unit) or None
