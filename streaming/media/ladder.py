"""Which pictures are made of a film: those of the ladder that it is large enough for, in its own shape."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from streaming.media.streams import VideoStream


class Codec(StrEnum):
    H264 = "h264"
    HEVC = "hevc"
    AV1 = "av1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One row of the ladder as operators set it; `bitrate_bps` is meant for a full picture of 30 frames a second."""

    name: str
    codec: Codec
    width_px: int
    height_px: int
    bitrate_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One picture to be made.

    Attributes:
        bitrate_bps: it stays below this over a few seconds; easy scenes take less.
        buffer_bits: how much it may be ahead of that rate.
        level: of H.264, such as "4.0"; empty where the encoder finds its own.
    """

    name: str
    codec: Codec
    width_px: int
    height_px: int
    bitrate_bps: int
    buffer_bits: int
    profile: str
    level: str


HIGHEST_RATE = Fraction(60)
_RUNG_RATE = 30
# Twice as many frames need about half as much again: neighbours in time resemble each other more.
_RATE_POWER, _AREA_POWER = 0.6, 0.75
# A size of the film's own is worth a rung if it has this much more area than the best full rung.
_WORTH_A_RUNG = Fraction(6, 5)
# What the same picture needs in H.264, against what it took in the source's codec.
_H264_PER_SOURCE_BIT = {"hevc": 1.6, "av1": 2.0, "vp9": 1.5, "h264": 1.0, "mpeg2video": 0.6, "mpeg4": 0.8}
_PER_H264_BIT = {Codec.H264: 1.0, Codec.HEVC: 0.65, Codec.AV1: 0.55}
_LEAST_BITRATE_BPS = 80_000
_LEAST_SIDE_PX = 16
# For operators who have switched every rung off: a film that cannot be seen helps nobody.
_LAST_RESORT = Rung(name="360p", codec=Codec.H264, width_px=640, height_px=360, bitrate_bps=800_000)
# Two seconds: what a player has to have anyhow before it begins.
_BUFFER_S = 2
# ITU-T H.264 table A-1: level, macroblocks a second, macroblocks a frame, bit rate of High profile.
_H264_LEVELS = (
    ("1.3", 11_880, 396, 960_000),
    ("2.1", 19_800, 792, 5_000_000),
    ("3.0", 40_500, 1_620, 12_500_000),
    ("3.1", 108_000, 3_600, 17_500_000),
    ("3.2", 216_000, 5_120, 25_000_000),
    ("4.0", 245_760, 8_192, 25_000_000),
    ("4.2", 522_240, 8_704, 62_500_000),
    ("5.0", 589_824, 22_080, 168_750_000),
    ("5.1", 983_040, 36_864, 300_000_000),
    ("5.2", 2_073_600, 36_864, 300_000_000),
    ("6.0", 4_177_920, 139_264, 300_000_000),
    ("6.2", 16_711_680, 139_264, 1_000_000_000),
)


def output_rate(video: VideoStream) -> Fraction:
    """Return the constant rate that a film gets: its own, halved until a player of today shows it."""
    rate = video.frame_rate
    if video.is_variable_rate:
        # An average is no rate that anything runs at: the next whole one above keeps every frame.
        rate = Fraction(math.ceil(rate - Fraction(1, 20)))
    while rate > HIGHEST_RATE:
        rate /= 2
    return max(rate, Fraction(1))


def choose_ladder(video: VideoStream, rungs: Sequence[Rung]) -> tuple[Rendition, ...]:
    """Return what to make of a film, best first, each codec of the ladder by itself; at least one of each."""
    made: list[Rendition] = []
    for codec in Codec:
        own = [rung for rung in rungs or (_LAST_RESORT,) if rung.codec is codec]
        if own:
            made += _choose(video, sorted(own, key=lambda rung: rung.width_px * rung.height_px))
    return tuple(made)


def _choose(video: VideoStream, rungs: Sequence[Rung]) -> list[Rendition]:
    full = [rung for rung in rungs if _scale(video, rung) <= 1]
    sizes = [(rung, _size(video, _scale(video, rung))) for rung in full]
    larger = [rung for rung in rungs if rung not in full]
    if larger:
        own_size = _size(video, Fraction(1))
        best_area = math.prod(sizes[-1][1]) if sizes else 0
        if math.prod(own_size) >= best_area * _WORTH_A_RUNG:
            # 900 lines are not 1080, whatever the rung is called.
            sizes.append((replace(larger[0], name=f"{min(own_size)}p"), own_size))
    named: dict[tuple[int, int], Rendition] = {}
    for rung, size in sizes:
        named.setdefault(size, _rendition(video, rung, size))
    return list(reversed(named.values()))


def _scale(video: VideoStream, rung: Rung) -> Fraction:
    """Return how much smaller the picture gets in this rung; an upright film fills the rung turned upright."""
    width, height = video.display_size
    box = (rung.width_px, rung.height_px)
    long_side, short_side = (height, width) if height > width else (width, height)
    return min(max(box) / long_side, min(box) / short_side)


def _size(video: VideoStream, scale: Fraction) -> tuple[int, int]:
    width, height = (max(_LEAST_SIDE_PX, _even(side * scale)) for side in video.display_size)
    return width, height


def _even(length: Fraction) -> int:
    # 4:2:0 has one colour sample for two by two pixels. Down, where both are as near: up would enlarge.
    return 2 * math.ceil(length / 2 - Fraction(1, 2))


def _rendition(video: VideoStream, rung: Rung, size: tuple[int, int]) -> Rendition:
    bitrate = _bitrate(video, rung, math.prod(size))
    is_h264 = rung.codec is Codec.H264
    return Rendition(
        name=rung.name,
        codec=rung.codec,
        width_px=size[0],
        height_px=size[1],
        bitrate_bps=bitrate,
        buffer_bits=bitrate * _BUFFER_S,
        profile="high" if is_h264 else "main",
        level=h264_level(size=size, rate=output_rate(video), bitrate_bps=bitrate) if is_h264 else "",
    )


def _bitrate(video: VideoStream, rung: Rung, area: int) -> int:
    wanted: float = rung.bitrate_bps * (area / (rung.width_px * rung.height_px)) ** _AREA_POWER
    wanted *= max(1.0, float(output_rate(video) / _RUNG_RATE)) ** _RATE_POWER
    if video.bitrate_bps and video.codec in _H264_PER_SOURCE_BIT:
        # More bits than the source has add nothing to see.
        wanted = min(wanted, video.bitrate_bps * _H264_PER_SOURCE_BIT[video.codec] * _PER_H264_BIT[rung.codec])
    return max(_LEAST_BITRATE_BPS, round(float(wanted) / 1000) * 1000)


def h264_level(*, size: tuple[int, int], rate: Fraction, bitrate_bps: int) -> str:
    """Return the lowest level of High profile that allows a picture."""
    blocks = math.prod(math.ceil(side / 16) for side in size)
    for level, per_second, per_frame, most_bps in _H264_LEVELS:
        # No side may be longer than the square root of eight times the area (A.3.1 f, g).
        sides_fit = max(size) / 16 <= math.sqrt(8 * per_frame)
        if blocks <= per_frame and blocks * rate <= per_second and bitrate_bps <= most_bps and sides_fit:
            return level
    return _H264_LEVELS[-1][0]
