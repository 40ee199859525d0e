"""What is checked of every cue, whatever file it came from."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from catalog.captions.cues import Cue
from catalog.captions.drafts import Draft
from catalog.captions.findings import Code, Findings, refuse
from catalog.captions.limits import LATEST_MS, LINE_COLUMNS, LONGEST_CUE_TEXT, MOST_CUES
from catalog.captions.markup import clean_text, plain_text

# Running times are often rounded to minutes.
_RUNTIME_TOLERANCE_MS = 60_000
# A caption made for another frame rate runs over by up to 4.3 %, which stretching mends. More is another film's.
_STRETCHABLE = 1.1


def check_drafts(drafts: Iterable[Draft], found: Findings) -> Iterator[Cue]:
    """Yield the cues that have times and words. Raises CaptionsRefused if there are too many of them."""
    for count, draft in enumerate(drafts, 1):
        if count > MOST_CUES:
            raise refuse(Code.TOO_MANY_CUES, draft.line, most=MOST_CUES)
        cue = _cue(draft, found)
        if cue:
            yield cue


def warn_of_disorder(cues: Iterable[Cue], found: Findings) -> None:
    latest = -1
    for cue in cues:
        if cue.start_ms < latest:
            found.warn(Code.OUT_OF_ORDER, cue.line, cue.number)
        latest = max(latest, cue.start_ms)


def put_in_order(cues: Iterable[Cue], found: Findings) -> list[Cue]:
    """Return the cues as they follow each other on the screen, numbered anew, and let the warnings name them so."""
    ordered = sorted(cues, key=lambda cue: cue.start_ms)
    found.renumber({cue.number: number for number, cue in enumerate(ordered, 1)})
    return [replace(cue, number=number) for number, cue in enumerate(ordered, 1)]


def check_sequence(cues: Sequence[Cue], found: Findings, *, runtime_s: int | None) -> None:
    """Compare ordered cues with their neighbours, with the film, and with what a screen holds."""
    latest: Cue | None = None
    for cue in cues:
        if latest and cue.start_ms < latest.end_ms:
            found.warn(Code.OVERLAPS, cue.line or None, cue.number, other=latest.number)
        if latest is None or cue.end_ms > latest.end_ms:
            latest = cue
        width = _widest(cue.text)
        if width > LINE_COLUMNS:
            found.warn(Code.LINE_TOO_LONG, cue.line or None, cue.number, columns=width, most=LINE_COLUMNS)
    if runtime_s:
        _check_length(cues, found, runtime_s * 1000)


def columns(line: str) -> int:
    """Return how wide a line is: wide characters count twice, and marks above or below others do not count."""
    return sum(map(_width, line))


def _cue(draft: Draft, found: Findings) -> Cue | None:
    if draft.start_ms is None or draft.end_ms is None:
        code = Code.TIMES_UNREADABLE if draft.shown else Code.TIMES_MISSING
        found.refuse(code, draft.line, draft.number, shown=draft.shown[:80])
    elif draft.end_ms > LATEST_MS or draft.start_ms > LATEST_MS:
        found.refuse(Code.TIME_TOO_LATE, draft.line, draft.number)
    elif draft.end_ms <= draft.start_ms:
        found.refuse(Code.ENDS_BEFORE_IT_STARTS, draft.line, draft.number)
    else:
        return _with_words(draft, draft.start_ms, draft.end_ms, found)
    return None


def _with_words(draft: Draft, start_ms: int, end_ms: int, found: Findings) -> Cue | None:
    # Cleaning costs time by the length: what is far too long is not cleaned first.
    safe = clean_text(draft.text[: LONGEST_CUE_TEXT * 4])
    place = (draft.line, draft.number)
    if len(draft.text) > LONGEST_CUE_TEXT * 4 or len(safe.text) > LONGEST_CUE_TEXT:
        found.refuse(Code.TEXT_TOO_LONG, *place, most=LONGEST_CUE_TEXT)
        return None
    if safe.removed_tags:
        found.warn(Code.TAGS_REMOVED, *place, tags=", ".join(safe.removed_tags[:5]))
    if safe.had_controls:
        found.warn(Code.CONTROLS_REMOVED, *place)
    if safe.had_blank_line:
        found.warn(Code.BLANK_LINE, *place)
    if not plain_text(safe.text).strip():
        found.warn(Code.DRAWING_REMOVED if draft.is_drawing else Code.CUE_EMPTY, *place)
        return None
    return Cue(
        start_ms=start_ms, end_ms=end_ms, text=safe.text, settings=draft.settings, line=draft.line, number=draft.number
    )


def _check_length(cues: Sequence[Cue], found: Findings, runtime_ms: int) -> None:
    last = max(cues, key=lambda cue: cue.end_ms)
    beyond_ms = last.end_ms - runtime_ms
    if beyond_ms <= _RUNTIME_TOLERANCE_MS:
        return
    is_hopeless = last.start_ms > runtime_ms * _STRETCHABLE + _RUNTIME_TOLERANCE_MS
    code = Code.LONG_AFTER_THE_FILM if is_hopeless else Code.AFTER_THE_FILM
    (found.refuse if is_hopeless else found.warn)(code, last.line or None, last.number, seconds=round(beyond_ms / 1000))


def _widest(text: str) -> int:
    return max(map(columns, plain_text(text).split("\n")))


@lru_cache(maxsize=8192)
def _width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
