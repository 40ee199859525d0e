"""The styles of the built front end: nothing that no page can use, and everything that one can."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEET = (ROOT / "static" / "dist" / "app.css").read_text(encoding="utf-8")
OWN = (ROOT / "static" / "src" / "css").glob("*.css")
# It is all read before the first paint. With all of basecoat it had 290,000, without the player, which takes 20,000,
# and live pages, which take 7,000.
MOST_BYTES = 205_000
# Of the editors' desk, and of figures.
SHEETS_OF_THEIR_OWN = ("admin", "dashboard")
CLASS = re.compile(r"\.([a-z][\w-]*)")


def test_the_styles_are_small() -> None:
    assert len(SHEET.encode()) < MOST_BYTES


@pytest.mark.parametrize("name", ["sidebar", "drawer", "chart", "combobox"])
def test_components_that_no_page_has_are_left_out(name: str) -> None:
    assert name not in CLASS.findall(SHEET)


@pytest.mark.parametrize(
    "selector",
    [
        "[hidden]:where(:not([hidden=until-found]))",
        ":focus-visible{",
        ":lang(th) :is(",
        "::selection",
        ".stage-title.is-long",
    ],
)
def test_rules_that_ask_for_no_class_and_classes_put_together_by_scripts_stay(selector: str) -> None:
    assert selector in SHEET


def test_classes_that_pages_name_and_our_own_styles_dress_stay() -> None:
    shared = [path for path in OWN if not path.name.startswith(SHEETS_OF_THEIR_OWN)]
    ours = {name for path in shared for name in CLASS.findall(path.read_text("utf-8"))}
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "admin" not in path.parts]
    named = {
        name
        for path in pages
        for value in re.findall(r'class="([^"{]+)"', path.read_text("utf-8"))
        for name in value.split()
    }
    assert len(ours & named) > 50
    assert ours & named <= set(CLASS.findall(SHEET))
