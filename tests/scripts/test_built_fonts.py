"""The fonts of the built front end: each file has the letters and the axes that fonts.css says it has."""

import re
from pathlib import Path

import pytest
from PIL import ImageFont

ROOT = Path(__file__).resolve().parents[2]
FACES = (ROOT / "static" / "src" / "css" / "fonts.css").read_text(encoding="utf-8").split("@font-face")[1:]
FILES = {found[1]: face for face in FACES if (found := re.search(r'url\("fonts/([^"]+)"\)', face))}
FONTS = ROOT / "static" / "dist" / "fonts"
# What every page asks for ahead of its styles: a tenth of a second of a slow phone's network for each 20 kB.
PRELOADED_BYTES = 64_000


def letters_of(face: str) -> set[int]:
    found = re.search(r"unicode-range:([^;]+);", face)
    assert found is not None
    pairs = (part.strip().removeprefix("U+").split("-") for part in found[1].split(","))
    return {letter for ends in pairs for letter in range(int(ends[0], 16), int(ends[-1], 16) + 1)}


def test_the_build_makes_the_files_that_the_styles_name_and_no_others() -> None:
    assert {path.name for path in FONTS.iterdir()} == set(FILES)


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("display-basic.woff2", "é"),
        ("display-latin.woff2", "Å"),
        ("display-latin-ext.woff2", "ő"),
        ("text-latin.woff2", "Å"),
        ("text-latin-ext.woff2", "ő"),
        ("thai.woff2", "ก"),
    ],
)
def test_a_file_has_the_letters_of_its_range_and_no_others(name: str, letter: str) -> None:
    font = ImageFont.truetype(str(FONTS / name), 40)
    lacking = bytes(font.getmask("\uffff"))
    assert ord(letter) in letters_of(FILES[name])
    assert bytes(font.getmask(letter)) != lacking
    assert bytes(font.getmask("ß" if name != "display-latin.woff2" and "text" not in name else "ж")) == lacking


def test_no_letter_of_a_family_is_in_two_files() -> None:
    families: dict[str, list[set[int]]] = {}
    for face in FILES.values():
        family = re.search(r'font-family: "([^"]+)"', face)
        assert family is not None
        families.setdefault(family[1], []).append(letters_of(face))
    for name, ranges in families.items():
        assert sum(map(len, ranges)) == len(set.union(*ranges)), name


def test_titles_keep_their_width_and_optical_size_and_have_one_weight() -> None:
    font = ImageFont.truetype(str(FONTS / "display-basic.woff2"), 40)
    axes = {str(axis["name"], "ascii"): (axis["minimum"], axis["maximum"]) for axis in font.get_variation_axes()}
    assert axes == {"Optical size": (14, 96), "Width": (75, 84)}


def test_what_is_fetched_ahead_of_the_styles_is_small() -> None:
    head = (ROOT / "templates" / "components" / "_head.html").read_text(encoding="utf-8")
    preloaded = re.findall(r"fonts/([\w-]+\.woff2)", head)
    assert preloaded == ["text-latin.woff2", "display-basic.woff2"]
    assert sum((FONTS / name).stat().st_size for name in preloaded) < PRELOADED_BYTES
