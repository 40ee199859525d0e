"""The glossary of figures."""

import re
from pathlib import Path

from django.utils import translation

from analytics.definitions import CHAPTERS, DEFINITIONS, Definition

PAGE = Path(__file__).resolve().parents[2] / "docs/explanation/audience.md"


def row(definition: Definition) -> str:
    formula = f"`{definition.formula}`" if definition.formula else ""
    cells = (f"`{definition.id}`", definition.name, definition.definition, formula, definition.source)
    return f"| {' | '.join(map(str, cells))} |"


def test_an_address_leads_to_one_figure() -> None:
    ids = [definition.id for definition in DEFINITIONS]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", found) for found in ids)


def test_the_documentation_says_the_same() -> None:
    with translation.override("en"):
        rows = [row(definition) for definition in DEFINITIONS]
        names = [f"### {chapter.name}" for chapter in CHAPTERS]
    text = PAGE.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("| `")] == rows
    assert [line for line in text.splitlines() if line.startswith("### ")] == names


def test_every_figure_is_explained_in_thai() -> None:
    with translation.override("th"):
        told = [(str(definition.name), str(definition.definition)) for definition in DEFINITIONS]
    assert [name for name, text in told if not re.search("[ก-๛]", name) or not re.search("[ก-๛]", text)] == []
