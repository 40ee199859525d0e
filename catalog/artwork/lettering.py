"""Set a title in a picture, in whichever fonts have its letters."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from django.contrib.staticfiles import finders
from PIL import ImageDraw, ImageFont

_OWN_FONT = "Pillow's own"
# Those of the pages, from the built front end, each with its axes as the pages set them; and, for Chinese and
# Japanese, what Debian's fonts-droid-fallback brings: a font of the web for these is in a hundred pieces. Pillow's own,
# for Latin, is there before the front end is built.
_FONTS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("fonts/display-basic.woff2", (96, 75)),
    ("fonts/display-latin.woff2", (96, 75)),
    ("fonts/display-latin-ext.woff2", (96, 75)),
    ("fonts/thai.woff2", (700,)),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", ()),
    (_OWN_FONT, ()),
)
# No font has a glyph for it, so each shows for it what it shows for all that it lacks.
_LACKING = "\uffff"


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one font."""

    text: str
    font: ImageFont.FreeTypeFont

    @property
    def width(self) -> float:
        return self.font.getlength(self.text)


def runs_of(text: str, size: int) -> tuple[Run, ...]:
    """Split a text by the fonts that have its letters; () if any letter is in none of them."""
    fonts = [_font(place, size) for place in range(len(_FONTS))]
    chosen = [next((font for font in fonts if font and _has(font, letter)), None) for letter in text]
    if None in chosen:
        return ()
    pairs = groupby(zip(text, chosen, strict=True), key=lambda pair: id(pair[1]))
    return tuple(_run(list(letters)) for _, letters in pairs)


def lines_of(words: Sequence[str], *, size: int, width: int) -> tuple[tuple[Run, ...], ...]:
    """Break a text where its words do, or anywhere in a word that is wider than the line by itself."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.extend(_pieces(word, size=size, width=width))
    return tuple(runs_of(line, size) for line in lines)


def letters_of(word: str) -> list[str]:
    """Split a word into letters, each with the vowels, tones and accents that stand above or below it."""
    letters: list[str] = []
    for character in word:
        if letters and unicodedata.category(character) == "Mn":
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def draw_line(draw: ImageDraw.ImageDraw, place: tuple[float, float], line: Sequence[Run], colour: str) -> None:
    """Draw a line; `place` is where its base begins."""
    x, y = place
    for run in line:
        draw.text((x, y), run.text, font=run.font, fill=colour, anchor="ls")
        x += run.width


def _pieces(word: str, *, size: int, width: int) -> list[str]:
    pieces = [""]
    for letter in letters_of(word):
        if pieces[-1] and _width(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _width(text: str, size: int) -> float:
    return sum(run.width for run in runs_of(text, size))


def _run(letters: list[tuple[str, ImageFont.FreeTypeFont | None]]) -> Run:
    font = letters[0][1]
    assert font is not None, "letters without a font make no run"
    return Run("".join(letter for letter, _ in letters), font)


@lru_cache(maxsize=64)
def _font(place: int, size: int) -> ImageFont.FreeTypeFont | None:
    """Return a font; None where it was not installed, or the front end not built."""
    name, axes = _FONTS[place]
    if name == _OWN_FONT:
        own = ImageFont.load_default(size)
        return own if isinstance(own, ImageFont.FreeTypeFont) else None
    path = name if name.startswith("/") else finders.find(name)
    if not path or not Path(path).exists():
        return None
    font = ImageFont.truetype(path, size)
    if axes:
        font.set_variation_by_axes(list(axes))
    return font


@lru_cache(maxsize=4096)
def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask(_LACKING))
