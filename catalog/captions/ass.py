"""Advanced SubStation Alpha and its elder, SSA (.ass, .ssa).

What stands on the screen as words comes over, with bold, italics, underlining and its place. Colours, fonts, karaoke
and motion have no counterpart in captions, and drawings are no words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.captions.clock_times import parse_clock
from catalog.captions.drafts import Draft
from catalog.captions.findings import Code, Findings
from catalog.captions.markup import escape
from catalog.captions.placing import settings_for

_OVERRIDES = re.compile(r"\{([^{}]*)\}")
_SWITCH = re.compile(r"\\([biu])(\d{0,3})(?![a-z0-9(])", re.ASCII)
_DRAWING = re.compile(r"\\p(\d{1,2})(?![a-z])", re.ASCII)
_PLACE = re.compile(r"\\an(\d)", re.ASCII)
_OLD_PLACE = re.compile(r"\\a(\d{1,2})", re.ASCII)
_BREAKS = re.compile(r"\\[Nn]")
_STYLE_FLAGS = {"bold": "b", "italic": "i", "underline": "u"}
_USUAL_PLACE = 2
# SSA's numbers as places of the keypad: below, above, in the middle.
_OLD_PLACES = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    tags: frozenset[str] = frozenset()
    place: int = _USUAL_PLACE


@dataclass(slots=True)
class _Script:
    """What the lines above say about the lines below. Columns are by name, in lower case."""

    section: str = ""
    columns: Sequence[str] = ()
    styles: dict[str, _Style] = field(default_factory=dict)

    @property
    def is_old(self) -> bool:
        return self.section == "[v4 styles]"


def parse_ass(lines: Sequence[str], found: Findings) -> Iterator[Draft]:
    """Yield the cues of a script, in its order. Raises CaptionsRefused."""
    script = _Script()
    number = 0
    for place, line in enumerate(lines, 1):
        key, separator, value = line.strip().partition(":")
        if line.strip().startswith("["):
            script.section, script.columns = line.strip().lower(), ()
        elif separator and key == "Format":
            script.columns = [name.strip().lower() for name in value.split(",")]
        elif separator and key == "Style":
            _read_style(script, value)
        elif separator and key == "Dialogue" and script.section == "[events]":
            number += 1
            draft = _dialogue(script, value, place, number, found)
            if draft:
                yield draft


def _read_style(script: _Script, value: str) -> None:
    values = _by_column(script.columns, value)
    tags = frozenset(tag for name, tag in _STYLE_FLAGS.items() if values.get(name, "0") not in {"0", ""})
    place = values.get("alignment", "")
    number = int(place) if place.isascii() and place.isdigit() else _USUAL_PLACE
    script.styles[values.get("name", "").lstrip("*")] = _Style(
        tags=tags, place=_keypad(number) if script.is_old else number
    )


def _dialogue(script: _Script, value: str, line: int, number: int, found: Findings) -> Draft | None:
    if not {"start", "end", "text"} <= set(script.columns):
        found.refuse(Code.ASS_WITHOUT_FORMAT, line, number)
        found.settle()
    values = _by_column(script.columns, value)
    if "text" not in values:
        found.refuse(Code.TIMES_MISSING, line, number)
        return None
    style = script.styles.get(values.get("style", "").lstrip("*"), _Style())
    raw = values["text"]
    return Draft(
        start_ms=parse_clock(values["start"]),
        end_ms=parse_clock(values["end"]),
        text=_marked_up(raw, style.tags),
        settings=settings_for(_place(raw, style.place)),
        line=line,
        number=number,
        shown=f"{values['start']},{values['end']}",
        is_drawing=_is_drawing(raw),
    )


def _by_column(columns: Sequence[str], value: str) -> Mapping[str, str]:
    """Split a line at its commas; those of the last column belong to it."""
    values = [part.strip() for part in value.split(",", len(columns) - 1)] if columns else []
    return dict(zip(columns, values, strict=False))


def _marked_up(raw: str, base: frozenset[str]) -> str:
    """Return the words with tags, each stretch of them with tags of its own."""
    pieces, tags, is_drawing, position = [], base, False, 0
    for match in _OVERRIDES.finditer(raw):
        pieces.append("" if is_drawing else _tagged(raw[position : match.start()], tags))
        tags = _switched(match[1], tags, base)
        is_drawing = _drawing_state(match[1], is_drawing)
        position = match.end()
    pieces.append("" if is_drawing else _tagged(raw[position:], tags))
    return "".join(pieces)


def _tagged(words: str, tags: frozenset[str]) -> str:
    words = escape(_BREAKS.sub("\n", words).replace("\\h", "\u00a0"))
    if not words.strip():
        return words
    names = sorted(tags)
    return "".join(f"<{name}>" for name in names) + words + "".join(f"</{name}>" for name in reversed(names))


def _switched(overrides: str, tags: frozenset[str], base: frozenset[str]) -> frozenset[str]:
    if "\\r" in overrides:
        tags = base
    for name, value in _SWITCH.findall(overrides):
        # Bold takes a weight too: 700 is bold.
        is_on = int(value) == 1 or int(value) > 400 if value else name in base
        tags = tags | {name} if is_on else tags - {name}
    return tags


def _drawing_state(overrides: str, before: bool) -> bool:
    switches = _DRAWING.findall(overrides)
    return int(switches[-1]) > 0 if switches else before


def _is_drawing(raw: str) -> bool:
    return any(_drawing_state(overrides, False) for overrides in _OVERRIDES.findall(raw))


def _place(raw: str, default: int) -> int:
    match = _PLACE.search(raw)
    if match:
        return int(match[1])
    old = _OLD_PLACE.search(raw)
    return _keypad(int(old[1])) if old else default


def _keypad(old: int) -> int:
    return _OLD_PLACES.get(old, _USUAL_PLACE)
