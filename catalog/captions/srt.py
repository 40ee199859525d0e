"""SubRip (.srt). It has no standard: this reads what programs write and people type."""

import re
from collections.abc import Iterator, Sequence

from catalog.captions.clock_times import parse_clock
from catalog.captions.drafts import Draft
from catalog.captions.findings import Code, Findings
from catalog.captions.placing import settings_for

_ARROW = "-->"
_TIMES = re.compile(r"\s*(\S+)\s*-->\s*(\S+)(?:\s.*)?", re.DOTALL)
# What was meant as times but has another arrow in it, or none.
_ALMOST_TIMES = re.compile(
    r"\s*\d{1,3}:\d{1,2}:\d{1,2}\S*\s*(?:->|=>|–>|—>|→|>|-|–|\s)\s*\d{1,3}:\d{1,2}:\d{1,2}\S*\s*", re.ASCII
)
_NUMBER = re.compile(r"\s*\d{1,9}\s*", re.ASCII)
_ALIGNMENT = re.compile(r"\{\\an?(\d{1,2})\}", re.ASCII)
_BRACES = re.compile(r"\{\\[^{}\n]{0,200}\}")
_SHORT_TAG = re.compile(r"\{(/?)([biu])\}")


def parse_srt(lines: Sequence[str], found: Findings) -> Iterator[Draft]:
    """Yield the cues of a file, each from its times to the number that stands above the next ones."""
    starts = [place for place, line in enumerate(lines) if _ARROW in line or _ALMOST_TIMES.fullmatch(line)]
    _warn_of_preface(lines, starts, found)
    for number, (place, following) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True), 1):
        text = _text_lines(lines, place + 1, following)
        yield _draft(lines[place], "\n".join(text), place + 1, number)


def _text_lines(lines: Sequence[str], first: int, following: int) -> Sequence[str]:
    """Return the lines of a cue's text; its blank lines are the caller's to judge."""
    last = following
    # The next cue's number belongs to the next cue.
    if following < len(lines) and last > first and _NUMBER.fullmatch(lines[last - 1]):
        last -= 1
    return lines[first:last]


def _draft(timing: str, text: str, line: int, number: int) -> Draft:
    match = _TIMES.fullmatch(timing)
    alignment = _ALIGNMENT.search(text)
    return Draft(
        start_ms=parse_clock(_comma(match[1])) if match else None,
        end_ms=parse_clock(_comma(match[2])) if match else None,
        text=_BRACES.sub("", _SHORT_TAG.sub(r"<\1\2>", text)),
        settings=settings_for(int(alignment[1])) if alignment and "\\an" in alignment[0] else "",
        line=line,
        number=number,
        shown=timing.strip(),
    )


def _comma(time: str) -> str:
    """Read "00:00:01:500", as some programs write it, like "00:00:01,500"."""
    return re.sub(r"^(\d+:\d+:\d+):(\d{3})$", r"\1,\2", time)


def _warn_of_preface(lines: Sequence[str], starts: Sequence[int], found: Findings) -> None:
    preface = lines[: starts[0]] if starts else lines
    for number, line in enumerate(preface, 1):
        if line.strip() and not _NUMBER.fullmatch(line):
            found.warn(Code.STRAY_TEXT, number)
            return
