"""WebVTT, read and written (W3C WebVTT, sections 4 and 6)."""

import re
from collections.abc import Iterable, Iterator, Sequence

from catalog.captions.clock_times import format_clock, parse_clock
from catalog.captions.cues import Cue
from catalog.captions.drafts import Draft
from catalog.captions.findings import Code, Findings

_ARROW = "-->"
_PERCENT = r"(?:100(?:\.0+)?|\d{1,2}(?:\.\d{1,6})?)%"
_SETTINGS = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:-?\d{{1,3}}|{_PERCENT})(?:,(?:start|center|end))?", re.ASCII),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?", re.ASCII),
    "size": re.compile(_PERCENT, re.ASCII),
    "align": re.compile(r"start|center|end|left|right"),
}
_LEFT_OUT = ("STYLE", "REGION")

Block = list[tuple[int, str]]


def format_webvtt(cues: Iterable[Cue]) -> str:
    """Return the file that players read."""
    return "WEBVTT\n\n" + "".join(f"{_times(cue)}\n{cue.text}\n\n" for cue in cues)


def parse_webvtt(lines: Sequence[str], found: Findings) -> Iterator[Draft]:
    """Yield the cues of a file; the caller has seen its signature."""
    number = 0
    blocks = _blocks(lines)
    next(blocks, None)  # the signature and what stands under it
    for block in blocks:
        if _is_comment(block[0][1], found, block[0][0]):
            continue
        number += 1
        draft = _draft(block, number, found)
        if draft:
            yield draft


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    block: Block = []
    for number, line in enumerate(lines, 1):
        if line.strip(" \t"):
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _is_comment(first: str, found: Findings, line: int) -> bool:
    word = first.split(maxsplit=1)[0]
    if _ARROW in first:
        return False
    if word in _LEFT_OUT and first.strip() == word:
        found.warn(Code.STYLES_REMOVED, line)
        return True
    return word == "NOTE"


def _draft(block: Block, number: int, found: Findings) -> Draft | None:
    place = next((place for place, (_, line) in enumerate(block[:2]) if _ARROW in line), None)
    if place is None:
        found.refuse(Code.TIMES_MISSING, block[0][0], number)
        return None
    line, timing = block[place]
    before, _, after = timing.partition(_ARROW)
    end, *settings = after.split() or [""]
    return Draft(
        start_ms=parse_clock(before.strip()),
        end_ms=parse_clock(end),
        text="\n".join(words for _, words in block[place + 1 :]),
        settings=_known_settings(settings, found, line, number),
        line=line,
        number=number,
        shown=timing.strip(),
    )


def _known_settings(raw: Iterable[str], found: Findings, line: int, cue: int) -> str:
    kept, lost = {}, []
    for setting in raw:
        name, _, value = setting.partition(":")
        pattern = _SETTINGS.get(name)
        if pattern and pattern.fullmatch(value):
            kept[name] = value
        else:
            lost.append(setting[:40])
    if lost:
        found.warn(Code.SETTINGS_REMOVED, line, cue, settings=" ".join(lost[:5]))
    return " ".join(f"{name}:{kept[name]}" for name in _SETTINGS if name in kept)


def _times(cue: Cue) -> str:
    times = f"{format_clock(cue.start_ms)} {_ARROW} {format_clock(cue.end_ms)}"
    return f"{times} {cue.settings}" if cue.settings else times
