"""Draw a cover for a film that has no poster: the same key always gives the same picture.

A cover is one of a dozen compositions in one of a dozen palettes, varied by the key. It is a file of its own, flat SVG
without styles or scripts: `portal/pictures.py` gives it an address that never changes its meaning.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal

Shape = Literal["poster", "wide"]

# Width and height in drawing units, and where the eye should go: words cover the left of a wide picture.
_FRAMES: dict[Shape, tuple[int, int, float]] = {"poster": (400, 600, 0.5), "wide": (1600, 900, 0.69)}


@dataclass(frozen=True, slots=True)
class Palette:
    """Five colours from the darkest to the lightest."""

    ground: str
    deep: str
    mid: str
    bright: str
    pale: str


PALETTES = (
    Palette("#0f1b2d", "#16324a", "#2b5d73", "#f2a65a", "#fbe8c8"),
    Palette("#1f0f12", "#4a1620", "#8f2a2b", "#f0653a", "#ffd9a8"),
    Palette("#10180f", "#21351f", "#4d6b3a", "#d9b44a", "#f4ecc9"),
    Palette("#2a1620", "#6b2c43", "#c1575a", "#f3a27a", "#ffe6cf"),
    Palette("#0d1f24", "#17424a", "#4f8f93", "#bfe0d4", "#f6f4e4"),
    Palette("#211a0e", "#5a3d10", "#b77a1c", "#f0c04f", "#fdf0cf"),
    Palette("#141414", "#2d2b2a", "#6f6a63", "#d8cfc0", "#f7f2e7"),
    Palette("#0c1c2b", "#0f4458", "#1e8a8f", "#ff7f5c", "#ffe2c4"),
    Palette("#1c1420", "#40263c", "#83495b", "#e58f7b", "#fbdcc0"),
    Palette("#1a2410", "#3c5320", "#86963a", "#f0d36b", "#fff4d1"),
    Palette("#12191c", "#273c40", "#7b4b35", "#d97b45", "#f5dfc2"),
    Palette("#0a1330", "#15307a", "#2f63c9", "#f4c55c", "#f5f1e3"),
)


def seed_of(key: str) -> int:
    """Return the 64 bits that decide what the cover of `key` looks like."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


def size_of(shape: Shape) -> tuple[int, int]:
    """Return width and height in drawing units; only their ratio matters to a page."""
    width, height, _focus = _FRAMES[shape]
    return width, height


def palette_of(seed: int) -> Palette:
    return PALETTES[seed // 97 % len(PALETTES)]


@lru_cache(maxsize=512)
def draw_cover(seed: int, shape: Shape = "poster") -> str:
    """Return a cover as an SVG document."""
    width, height, focus = _FRAMES[shape]
    chance = Random(seed)
    focus_x = width * focus + chance.uniform(-0.05, 0.05) * min(width, height)
    scene = Scene(width, height, focus_x, palette_of(seed), chance)
    scene.rect(0, 0, width, height, scene.colours.ground)
    _COMPOSITIONS[seed % len(_COMPOSITIONS)](scene)
    frame = f'xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    marks = "".join(scene.marks)
    if shape == "poster" and seed // 7 % 2:
        marks = f'<g transform="matrix(-1 0 0 1 {width} 0)">{marks}</g>'
    return f'<svg {frame} preserveAspectRatio="xMidYMid slice">{marks}</svg>'


def mix(first: str, second: str, share: float) -> str:
    """Blend two #rrggbb colours; `share` 0 gives the first, 1 the second."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """An ellipse around (x, y), turned by so many degrees."""

    x: float
    y: float
    rx: float
    ry: float
    turn: float


class Scene:
    """A picture being drawn: its frame, its colours, its chance, and the marks made so far."""

    def __init__(self, width: int, height: int, focus_x: float, colours: Palette, chance: Random) -> None:
        self.width, self.height, self.focus_x = width, height, focus_x
        self.colours, self.chance = colours, chance
        self.unit = min(width, height)
        self.marks: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, fill: str, opacity: float = 1) -> None:
        self._mark(f'rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}"', fill, opacity)

    def circle(self, x: float, y: float, radius: float, fill: str, opacity: float = 1) -> None:
        self._mark(f'circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}"', fill, opacity)

    def path(self, commands: str, fill: str, opacity: float = 1) -> None:
        self._mark(f'path d="{commands}"', fill, opacity)

    def ring(self, ellipse: Ellipse, stroke: str) -> None:
        """Draw the thin outline of an ellipse."""
        x, y = f"{ellipse.x:.0f}", f"{ellipse.y:.0f}"
        self.marks.append(
            f'<ellipse cx="{x}" cy="{y}" rx="{ellipse.rx:.0f}" ry="{ellipse.ry:.0f}" fill="none" stroke="{stroke}" '
            f'stroke-width="{self.unit * 0.004:.1f}" transform="rotate({ellipse.turn:.0f} {x} {y})"/>'
        )

    def sky(self, top: str, bottom: str, horizon: float, steps: int = 7) -> None:
        """Fill from the top to the horizon in bands, as a screen print does."""
        for step in range(steps):
            upper = horizon * step / steps
            self.rect(0, upper, self.width, horizon - upper + 1, mix(top, bottom, step / (steps - 1)))

    def figure(self, x: float, feet_y: float, height: float, fill: str) -> None:
        """Put a person in a long coat, seen from behind."""

        def at(across: float, up: float) -> str:
            return f"{x + across * height:.1f} {feet_y - up * height:.1f}"

        self.circle(x, feet_y - height * 0.915, height * 0.075, fill)
        self.path(f"M{at(-0.11, 0.78)}Q{at(0, 0.88)} {at(0.11, 0.78)}L{at(0.125, 0.2)}L{at(-0.125, 0.2)}Z", fill)
        for side in (-0.055, 0.055):
            self.path(
                f"M{at(side - 0.04, 0.22)}L{at(side + 0.04, 0.22)}L{at(side + 0.035, 0)}L{at(side - 0.035, 0)}Z", fill
            )

    def between(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high)

    def _mark(self, element: str, fill: str, opacity: float) -> None:
        shade = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        self.marks.append(f'<{element} fill="{fill}"{shade}/>')


# --- Compositions -----------------------------------------------------------------------------------------------------


def _eclipse(scene: Scene) -> None:
    colours, height = scene.colours, scene.height
    x, y, radius = scene.focus_x, height * scene.between(0.34, 0.4), scene.unit * scene.between(0.22, 0.27)
    for step in range(9, 0, -1):
        scene.circle(x, y, radius * (1 + step * step * 0.045), mix(colours.ground, colours.mid, 0.95 - step * 0.09))
    scene.circle(x, y, radius * 1.05, colours.pale)
    scene.circle(x + radius * 0.05, y + radius * 0.03, radius, colours.ground)
    _hill(scene, height * 0.8, height * 0.05, mix(colours.ground, colours.deep, 0.4))
    scene.figure(x, height * 0.81, height * 0.085, mix(colours.ground, "#000000", 0.55))
    _hill(scene, height * 0.86, height * 0.03, mix(colours.ground, "#000000", 0.35))


def _dunes(scene: Scene) -> None:
    colours, height = scene.colours, scene.height
    scene.sky(mix(colours.deep, colours.mid, 0.5), colours.bright, height * 0.62)
    scene.circle(
        scene.focus_x + scene.between(-0.12, 0.12) * scene.unit, height * 0.36, scene.unit * 0.17, colours.pale
    )
    for layer in range(5):
        fill = mix(mix(colours.bright, colours.mid, 0.55), colours.ground, layer / 4)
        _hill(scene, height * (0.52 + layer * 0.09), height * scene.between(0.05, 0.09), fill)
    scene.figure(scene.focus_x * 0.86, height * 0.735, height * 0.05, mix(colours.ground, "#000000", 0.3))


def _audience(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    x, top = scene.focus_x, height * 0.2
    half_width, screen_height = unit * 0.36, unit * 0.4
    for step in range(4, 0, -1):
        grow = unit * 0.07 * step
        scene.rect(
            x - half_width - grow,
            top - grow,
            2 * (half_width + grow),
            screen_height + 2 * grow,
            mix(colours.ground, colours.mid, 0.42 - step * 0.09),
        )
    scene.rect(x - half_width, top, 2 * half_width, screen_height, colours.pale)
    scene.circle(x + half_width * 0.25, top + screen_height * 0.44, screen_height * 0.24, colours.bright)
    scene.rect(x - half_width, top + screen_height * 0.72, 2 * half_width, screen_height * 0.28, colours.mid)
    for row in range(4):
        y, size = height * (0.7 + row * 0.1), unit * (0.045 + row * 0.014)
        fill = mix(mix(colours.ground, colours.deep, 0.55), "#050404", row / 3)
        scene.rect(0, y + size * 1.1, scene.width, height, fill)
        for seat in range(-1, int(scene.width / (size * 3.1)) + 2):
            if scene.chance.random() < 0.72:
                centre = seat * size * 3.1 + row % 2 * size * 1.5
                scene.circle(centre, y, size * 0.8, fill)
                scene.circle(centre, y + size * 1.9, size * 1.35, fill)


def _skyline(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    scene.sky(colours.ground, mix(colours.deep, colours.mid, 0.7), height * 0.85)
    scene.circle(scene.focus_x, height * 0.3, unit * 0.2, colours.bright)
    for layer in range(3):
        fill = mix(mix(colours.mid, colours.deep, 0.6), mix(colours.ground, "#000000", 0.4), layer / 2)
        x = -unit * 0.05
        while x < scene.width:
            width = unit * scene.between(0.09, 0.19)
            roof = height * (scene.between(0.36, 0.62) + layer * 0.11)
            scene.rect(x, roof, width + 1, height - roof, fill)
            if layer == 2:
                _windows(scene, x, roof, width)
            x += width


def _windows(scene: Scene, x: float, roof: float, width: float) -> None:
    step = scene.unit * 0.032
    for column in range(1, int(width / step)):
        for row in range(1, 9):
            if scene.chance.random() < 0.2:
                scene.rect(x + column * step - step * 0.3, roof + row * step * 1.5, step * 0.5, step * 0.8,
                           scene.colours.bright)  # fmt: skip


def _orbit(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    _stars(scene, 42, height)
    x, y, radius = scene.focus_x, height * 0.42, unit * 0.27
    turn = scene.between(-32, -14)
    for step in range(6):
        shift = radius * 0.16 * step
        scene.circle(
            x - shift * 0.35, y - shift * 0.3, radius - shift * 0.72, mix(colours.deep, colours.bright, step / 5)
        )
    for step in range(3):
        rx, ry = radius * (1.5 + step * 0.17), radius * (0.34 + step * 0.05)
        scene.ring(Ellipse(x=x, y=y, rx=rx, ry=ry, turn=turn), colours.pale)
    angle = math.radians(turn + 8)
    scene.circle(x + math.cos(angle) * radius * 1.62, y + math.sin(angle) * radius * 1.62, unit * 0.035, colours.pale)
    scene.circle(x - radius * 1.2, y + radius * 1.35, unit * 0.02, colours.bright)


def _arches(scene: Scene) -> None:
    """Doors within doors, and light behind the last."""
    colours, height, x = scene.colours, scene.height, scene.focus_x
    steps = scene.chance.choice((5, 6, 7, 8))
    widest, low = scene.between(0.42, 0.5), scene.between(0.93, 0.98)
    foot = height * low
    for step in range(steps):
        share = step / (steps - 1)
        half = scene.unit * widest * (1 - 0.76 * share)
        spring, foot = height * (0.26 + 0.27 * share), height * (low - 0.216 * share)
        shown = mix(mix(colours.ground, colours.deep, 0.5), colours.bright, share**1.3)
        vault = f"A{half:.0f} {half:.0f} 0 0 1 {x + half:.0f} {spring:.0f}"
        door = f"M{x - half:.0f} {foot:.0f}V{spring:.0f}{vault}V{foot:.0f}Z"
        scene.path(door, shown if share < 1 else colours.pale)
    scene.figure(x, foot - height * 0.002, height * scene.between(0.09, 0.13), mix(colours.ground, "#000000", 0.3))


def _vertigo(scene: Scene) -> None:
    colours, height = scene.colours, scene.height
    x, y, radius = scene.focus_x, height * 0.44, scene.unit * 0.72
    angle, lean = scene.between(0, math.tau), scene.between(0.25, 0.45)
    for step in range(17):
        shown = colours.bright if step % 2 else mix(colours.ground, colours.deep, step / 20)
        scene.circle(x, y, radius, mix(shown, colours.pale, step / 40) if step % 2 else shown)
        x += math.cos(angle) * radius * 0.06
        y += math.sin(angle) * radius * 0.06
        angle += lean
        radius *= 0.84
    scene.figure(x, y + scene.unit * 0.03, scene.unit * 0.07, mix(colours.ground, "#000000", 0.4))


def _tide(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    horizon = height * scene.between(0.48, 0.54)
    scene.sky(colours.ground, mix(colours.mid, colours.bright, 0.25), horizon)
    scene.circle(scene.focus_x, horizon - unit * 0.2, unit * 0.15, colours.pale)
    for step in range(6):
        top = horizon + (height - horizon) * step / 6
        scene.rect(
            0, top, scene.width, height - top + 1, mix(mix(colours.mid, colours.deep, 0.5), colours.ground, step / 5)
        )
    for line in range(15):
        y = horizon + unit * 0.018 + line * line * unit * 0.0034
        half = unit * scene.between(0.05, 0.14) * (1.15 - line * 0.05)
        left = scene.focus_x - half + scene.between(-0.04, 0.04) * unit
        scene.rect(left, y, half * 2, unit * (0.004 + line * 0.0006), colours.pale, 0.9 - line * 0.045)
    boat = scene.focus_x - unit * 0.25
    scene.path(f"M{boat:.0f} {horizon:.0f}l{unit * 0.025:.0f} {unit * 0.02:.0f}h{unit * 0.07:.0f}l{unit * 0.02:.0f} "
               f"-{unit * 0.02:.0f}Z", mix(colours.ground, "#000000", 0.3))  # fmt: skip
    scene.path(f"M{boat + unit * 0.05:.0f} {horizon - unit * 0.005:.0f}v-{unit * 0.13:.0f}l{unit * 0.05:.0f} "
               f"{unit * 0.13:.0f}Z", colours.pale)  # fmt: skip


def _forest(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    scene.rect(0, 0, scene.width, height, mix(colours.mid, colours.deep, 0.25))
    scene.circle(scene.focus_x, height * 0.4, unit * 0.3, mix(colours.mid, colours.bright, 0.55))
    scene.circle(scene.focus_x, height * 0.4, unit * 0.2, colours.pale)
    for layer in range(4):
        fill = mix(mix(colours.mid, colours.deep, 0.6), mix(colours.ground, "#000000", 0.3), layer / 3)
        x = scene.between(-0.1, 0.05) * unit
        while x < scene.width:
            width = unit * (0.016 + layer * 0.017) * scene.between(0.7, 1.4)
            lean = scene.between(-0.2, 0.2) * width
            scene.path(f"M{x:.0f} 0h{width:.0f}l{lean + width * 0.3:.0f} {height}h-{width * 1.6:.0f}Z", fill)
            x += unit * scene.between(0.1, 0.24) * (1 + layer * 0.35)
        _hill(scene, height * (0.8 + layer * 0.045), height * 0.02, fill)
    scene.figure(scene.focus_x + unit * 0.03, height * 0.86, height * 0.075, colours.bright)


def _tiles(scene: Scene) -> None:
    colours = scene.colours
    size = scene.unit / 4
    inks = (colours.bright, colours.pale, colours.mid, colours.deep, colours.bright)
    for row in range(math.ceil(scene.height / size)):
        for column in range(math.ceil(scene.width / size)):
            x, y, ink = column * size, row * size, scene.chance.choice(inks)
            scene.rect(x, y, size + 1, size + 1, mix(colours.ground, colours.deep, scene.between(0, 0.8)))
            _tile(scene, x, y, size, ink)


def _tile(scene: Scene, x: float, y: float, size: float, ink: str) -> None:
    kind = scene.chance.randrange(7)
    if kind < 4:
        corners = (
            (x, y, size, size),
            (x + size, y, -size, size),
            (x, y + size, size, -size),
            (x + size, y + size, -size, -size),
        )
        cx, cy, dx, dy = corners[kind]
        sweep = 1 if dx * dy > 0 else 0
        scene.path(f"M{cx:.0f} {cy:.0f}h{dx:.0f}A{size:.0f} {size:.0f} 0 0 {sweep} {cx:.0f} {cy + dy:.0f}Z", ink)
    elif kind == 4:
        scene.circle(x + size / 2, y + size / 2, size * 0.32, ink)
    elif kind == 5:
        scene.path(f"M{x:.0f} {y + size:.0f}V{y:.0f}L{x + size:.0f} {y + size:.0f}Z", ink)


def _road(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    horizon, x = height * scene.between(0.44, 0.54), scene.focus_x
    scene.sky(mix(colours.ground, colours.deep, 0.6), colours.bright, horizon)
    scene.circle(
        x + scene.between(-0.1, 0.1) * unit, horizon - unit * 0.02, unit * scene.between(0.15, 0.24), colours.pale
    )
    scene.rect(0, horizon, scene.width, height, mix(colours.deep, colours.ground, 0.35))
    _hill(scene, horizon, height * 0.03, mix(colours.mid, colours.deep, 0.75))
    tar = mix(colours.ground, "#000000", 0.3)
    scene.path(f"M{x:.0f} {horizon:.0f}L{x - unit * 0.62:.0f} {height}H{x + unit * 0.62:.0f}Z", tar)
    for dash in range(6):
        top, bottom = 0.06 + dash * dash * 0.036, 0.09 + dash * dash * 0.036 + dash * 0.02
        upper, lower = horizon + (height - horizon) * top, horizon + (height - horizon) * bottom
        near, far = unit * 0.016 * bottom, unit * 0.016 * top
        scene.path(
            f"M{x - far:.1f} {upper:.0f}H{x + far:.1f}L{x + near:.1f} {lower:.0f}H{x - near:.1f}Z", colours.bright
        )
    _poles(scene, x, horizon)


def _poles(scene: Scene, x: float, horizon: float) -> None:
    """Line the road with telegraph poles, each smaller than the one before."""
    unit, ink = scene.unit, scene.colours.ground
    for pole in range(5):
        scale = unit / (1 + pole * 0.9)
        left, foot = x - 0.6 * scale, horizon + (scene.height - horizon) * 0.5 * scale / unit
        scene.rect(left, foot - 0.62 * scale, max(1.5, 0.014 * scale), 0.62 * scale, ink)
        scene.rect(left - 0.05 * scale, foot - 0.56 * scale, 0.115 * scale, max(1.2, 0.01 * scale), ink)


def _peaks(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    scene.sky(colours.ground, mix(colours.mid, colours.bright, 0.5), height * 0.7)
    _stars(scene, 24, height * 0.35)
    scene.circle(scene.focus_x + unit * 0.2, height * 0.24, unit * 0.075, colours.pale)
    for layer in range(4):
        base = mix(mix(colours.mid, colours.bright, 0.3), colours.ground, layer / 3)
        for _ in range(2 + scene.width // 500):
            x = scene.between(0, 1) * scene.width if layer else scene.focus_x
            top, half = height * (0.3 + layer * 0.13 + scene.between(0, 0.07)), unit * scene.between(0.45, 0.7)
            scene.path(f"M{x:.0f} {top:.0f}L{x - half:.0f} {height}H{x + half:.0f}Z", base)
            bend = x + half * scene.between(-0.12, 0.12)
            scene.path(f"M{x:.0f} {top:.0f}L{bend:.0f} {height}H{x + half:.0f}Z", mix(base, "#000000", 0.24))
            if layer < 2:
                _snow(scene, x, top, half * 0.17, (height - top) * 0.17)


def _snow(scene: Scene, x: float, top: float, half: float, fall: float) -> None:
    edge = f"l{half * 0.7:.0f} -{fall * 0.25:.0f}l{half * 0.5:.0f} {fall * 0.3:.0f}l{half * 0.8:.0f} -{fall * 0.05:.0f}"
    scene.path(f"M{x:.0f} {top:.0f}l-{half:.0f} {fall:.0f}{edge}Z", scene.colours.pale)


def _umbrella(scene: Scene) -> None:
    colours, height, unit = scene.colours, scene.height, scene.unit
    scene.rect(0, 0, scene.width, height, mix(colours.deep, colours.ground, 0.3))
    for _ in range(scene.width // 7):
        x, y = scene.between(-0.1, 1.1) * scene.width, scene.between(-0.1, 1) * height
        length = unit * scene.between(0.08, 0.2)
        slant = length * 0.24
        drop = f"M{x:.0f} {y:.0f}l-{slant:.1f} {length:.1f}h1.6l{slant:.1f} -{length:.1f}Z"
        scene.path(drop, colours.mid, 0.75)
    x, radius, ink = scene.focus_x, unit * scene.between(0.26, 0.37), mix(colours.ground, "#000000", 0.45)
    feet, tall = height * 0.86, height * scene.between(0.26, 0.33)
    y = feet - tall * 1.12
    scene.rect(0, height * 0.84, scene.width, height * 0.16, mix(colours.ground, "#000000", 0.25))
    scene.figure(x, feet, tall, ink)
    scene.rect(x - 2, y - 2, 4, tall * 0.5, ink)
    scene.path(f"M{x - radius:.0f} {y:.0f}A{radius:.0f} {radius:.0f} 0 0 1 {x + radius:.0f} {y:.0f}Z", colours.bright)
    fold, curve = radius * 0.36, f"A{radius * 0.5:.0f} {radius:.0f} 0 0 1"
    panel = f"M{x - fold:.0f} {y:.0f}{curve} {x:.0f} {y - radius:.0f}{curve} {x + fold:.0f} {y:.0f}Z"
    scene.path(panel, mix(colours.bright, colours.pale, 0.55))


def _hill(scene: Scene, level: float, swell: float, fill: str) -> None:
    width, first, second = scene.width, scene.between(-1, 1) * swell, scene.between(-1, 1) * swell
    scene.path(
        f"M0 {level + first:.0f}C{width * 0.3:.0f} {level - swell - first:.0f} {width * 0.62:.0f} "
        f"{level + swell + second:.0f} {width} {level - second:.0f}V{scene.height}H0Z",
        fill,
    )


def _stars(scene: Scene, number: int, lowest: float) -> None:
    for _ in range(number * scene.width // 400):
        scene.circle(scene.between(0, 1) * scene.width, scene.between(0, 1) * lowest, scene.between(0.5, 1.7),
                     scene.colours.pale, scene.between(0.35, 0.95))  # fmt: skip


_COMPOSITIONS: tuple[Callable[[Scene], None], ...] = (
    _eclipse, _dunes, _audience, _skyline, _orbit, _arches, _vertigo, _tide, _forest, _tiles, _road, _peaks, _umbrella,
)  # fmt: skip
