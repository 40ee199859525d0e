"""Light of high dynamic range as an ordinary screen shows it: a table for FFmpeg's `lut3d`.

FFmpeg's scaler maps light, too, by a table that it makes anew in every run, searching the edge of the gamut for each of
its colours: that takes longer than the film of a minute. This one is made by formulas, in well under a second.
"""

import math
from itertools import product

from streaming.media.streams import Hdr

VERSION = 1
"""Of the table: another one for the same light has another number."""
SIZE = 33
# What films are graded for when they do not say; lights above it are rare, and become white.
_PEAK_NITS = 1000.0
# Paper in a bright room, as ITU-R BT.2408 has it. An ordinary screen shows it as its white.
_WHITE_NITS = 203.0
_BT1886_GAMMA = 2.4
# ITU-R BT.2087: linear light of BT.2020 to that of BT.709.
_TO_BT709 = (
    (1.660491, -0.587641, -0.072850),
    (-0.124550, 1.132900, -0.008349),
    (-0.018151, -0.100579, 1.118730),
)
_BT2020_LUMA = (0.2627, 0.6780, 0.0593)
_BT709_LUMA = (0.2126, 0.7152, 0.0722)
# SMPTE ST 2084.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32

Colour = tuple[float, float, float]


def format_table(hdr: Hdr) -> str:
    """Return the table as a file of the kind `.cube`: red changes fastest, values are those of gamma-coded R'G'B'."""
    to_light = _light_of_hlg if hdr is Hdr.HLG else _light_of_pq
    steps = [step / (SIZE - 1) for step in range(SIZE)]
    curve = {step: to_light(step) for step in steps}
    rows = (map_light(hdr, (curve[red], curve[green], curve[blue])) for blue, green, red in product(steps, repeat=3))
    return f"LUT_3D_SIZE {SIZE}\n" + "".join("{:.5f} {:.5f} {:.5f}\n".format(*row) for row in rows)


def map_colour(hdr: Hdr, coded: Colour) -> Colour:
    """Return what a colour as the film codes it, R'G'B' of BT.2020, is on an ordinary screen, R'G'B' of BT.709."""
    to_light = _light_of_hlg if hdr is Hdr.HLG else _light_of_pq
    red, green, blue = map(to_light, coded)
    return map_light(hdr, (red, green, blue))


def map_light(hdr: Hdr, light: Colour) -> Colour:
    """Return the code values for light of BT.2020: in nits of a screen, or, with HLG, of a scene from 0 to 1."""
    shown = _on_a_screen(light) if hdr is Hdr.HLG else light
    brightest = max(shown)
    if brightest <= 0:
        return 0.0, 0.0, 0.0
    # All three by the same factor: hues stay what they are.
    factor = _dimmed(brightest) / brightest / _WHITE_NITS
    wide = [channel * factor for channel in shown]
    red, green, blue = (sum(map(_times, row, wide)) for row in _TO_BT709)
    return _coded(_within_gamut((red, green, blue)))


def _times(one: float, other: float) -> float:
    return one * other


def _light_of_pq(code: float) -> float:
    power = math.pow(code, 1 / _M2)
    return 10_000 * math.pow(max(power - _C1, 0) / (_C2 - _C3 * power), 1 / _M1)


def _pq_of(nits: float) -> float:
    power = math.pow(nits / 10_000, _M1)
    return math.pow((_C1 + _C2 * power) / (1 + _C3 * power), _M2)


def _light_of_hlg(code: float) -> float:
    """ITU-R BT.2100, the inverse of HLG's OETF: light of the scene."""
    if code <= 0.5:
        return code**2 / 3
    return (math.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _on_a_screen(scene: Colour) -> Colour:
    """ITU-R BT.2100, HLG's OOTF: what a screen of that peak makes of a scene; its gamma is 1.2."""
    factor = _PEAK_NITS * sum(map(_times, _BT2020_LUMA, scene)) ** 0.2
    red, green, blue = scene
    return red * factor, green * factor, blue * factor


def _dimmed(nits: float) -> float:
    """ITU-R BT.2390, 5.4.1: below a knee light stays as it is; above it, the rest of the range is bent to fit."""
    source_peak, target_peak = _pq_of(_PEAK_NITS), _pq_of(_WHITE_NITS)
    highest = target_peak / source_peak
    knee = 1.5 * highest - 0.5
    level = min(1.0, _pq_of(nits) / source_peak)
    if level <= knee:
        return nits
    t = (level - knee) / (1 - knee)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * highest
    return _light_of_pq(bent * source_peak)


def _within_gamut(colour: Colour) -> Colour:
    """Mix a colour that BT.709 does not have with a grey as bright, until it does."""
    grey = sum(map(_times, _BT709_LUMA, colour))
    share = 1.0
    if (lowest := min(colour)) < 0:
        share = grey / (grey - lowest)
    if (highest := max(colour)) > 1:
        share = min(share, (1 - grey) / (highest - grey))
    red, green, blue = (grey + (channel - grey) * share for channel in colour)
    return red, green, blue


def _coded(light: Colour) -> Colour:
    red, green, blue = (min(1.0, max(0.0, channel)) ** (1 / _BT1886_GAMMA) for channel in light)
    return red, green, blue
