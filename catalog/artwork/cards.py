"""Draw what link previews show of a movie that has no picture: its title, on the colours of its cover.

Those who show previews take no SVG, and a cover says nothing without its title.
"""

import hashlib
import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from catalog.artwork import lettering
from catalog.artwork.frames import SOCIAL_SIZE
from catalog.artwork.lettering import Run, draw_line, lines_of, runs_of
from portal import cover_art
from portal.cover_art import Palette, mix, palette_of, seed_of

_MARGIN = 72
_TITLE_WIDTH = 690
_SIZES = (124, 104, 84, 68, 56)
_MOST_LINES = 4
_LEADING = 1.12
# Drawn larger and made smaller, as Pillow's shapes have hard edges.
_SUPERSAMPLING = 2


def card_digest(*, title: str, art_key: str) -> str:
    """Identify a card: by what is drawn, and by the code that draws it."""
    return hashlib.sha256(f"{_edition()}\0{art_key}\0{title}".encode()).hexdigest()[:16]


def draw_card(*, title: str, art_key: str) -> bytes:
    """Return a JPEG. A title for which there are no letters is left out: half of one would be worse."""
    seed = seed_of(art_key)
    card = _ground(palette_of(seed), seed)
    draw = ImageDraw.Draw(card)
    size, lines = _fitted(title)
    y = SOCIAL_SIZE[1] - _MARGIN - (len(lines) - 1) * size * _LEADING
    for number, line in enumerate(lines):
        draw_line(draw, (_MARGIN, y + number * size * _LEADING), line, palette_of(seed).pale)
    encoded = io.BytesIO()
    card.save(encoded, "JPEG", quality=86, optimize=True)
    return encoded.getvalue()


def _fitted(title: str) -> tuple[int, tuple[tuple[Run, ...], ...]]:
    """Return the largest size at which the title fits, with its lines; of a very long one the first lines."""
    words = title.split()
    if not runs_of(" ".join(words), _SIZES[0]):
        return _SIZES[0], ()
    for size in _SIZES:
        lines = lines_of(words, size=size, width=_TITLE_WIDTH)
        if len(lines) <= _MOST_LINES:
            return size, lines
    return _SIZES[-1], lines[:_MOST_LINES]


def _ground(colours: Palette, seed: int) -> Image.Image:
    """Draw a sun behind hills, or before them, in the palette of the cover."""
    width, height = (side * _SUPERSAMPLING for side in SOCIAL_SIZE)
    card = Image.new("RGB", (width, height), colours.ground)
    draw = ImageDraw.Draw(card)
    x, y, radius = width * 0.8, height * (0.36 + seed % 5 * 0.03), height * (0.2 + seed % 7 * 0.015)
    for step in range(8, 0, -1):
        _disc(draw, x, y, radius * (1 + step * step * 0.07), mix(colours.ground, colours.mid, 0.9 - step * 0.1))
    _disc(draw, x, y, radius, colours.bright)
    for layer, fill in enumerate((mix(colours.ground, colours.deep, 0.6), mix(colours.ground, "#000000", 0.3))):
        top = height * (0.74 + layer * 0.1)
        draw.ellipse((-width * (0.3 - layer * 0.5), top, width * (1.1 + layer * 0.4), top + height * 1.6), fill)
    return card.resize(SOCIAL_SIZE, Image.Resampling.LANCZOS)


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill)


@cache
def _edition() -> str:
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (lettering, cover_art))
    return hashlib.sha256(code + Path(__file__).read_bytes()).hexdigest()
