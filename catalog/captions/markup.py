"""Cue text that no player can mistake for anything but words (WebVTT, W3C, section 4.2.2).

Whatever comes in, what goes out is balanced: tags of WebVTT and no others, with everything else escaped. Formats other
than WebVTT first write their own styles as these tags.
"""

import html
import re
from dataclasses import dataclass

_TAGS = frozenset({"b", "i", "u", "c", "v", "lang", "ruby", "rt"})
# Without saying who speaks, or which language, these say nothing.
_ANNOTATED = frozenset({"v", "lang"})
_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<classes>(?:\.[^\s.<>]+)*)(?:[ \t\n]+(?P<note>[^<>]*))?/?>"
    r"|<(?P<time>(?:\d+:)?\d\d:\d\d\.\d{3})>",
    re.ASCII,
)
_CLASS = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_LONGEST_NOTE = 100
_DEEPEST = 8
# Invisible and of no use; a tab becomes a space instead.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_INVISIBLE_MARKS = {"\u00a0": "&nbsp;", "\u200e": "&lrm;", "\u200f": "&rlm;"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeText:
    """`removed_tags` names the kinds of tags that were left out, `had_controls` tells of unprintable characters."""

    text: str
    removed_tags: tuple[str, ...]
    had_controls: bool
    had_blank_line: bool


def clean_text(raw: str) -> SafeText:
    """Make safe cue text of raw text with tags in it."""
    printable = _CONTROLS.sub("", raw.replace("\t", " "))
    writer = _Writer()
    position = 0
    for match in _TOKEN.finditer(printable):
        writer.write(printable[position : match.start()])
        writer.tag(match)
        position = match.end()
    writer.write(printable[position:])
    text, had_blank_line = _without_blank_lines(writer.finish())
    return SafeText(
        text=text,
        removed_tags=tuple(sorted(writer.removed)),
        had_controls=printable != raw.replace("\t", " "),
        had_blank_line=had_blank_line,
    )


def plain_text(text: str) -> str:
    """Return the words of safe cue text, without its tags."""
    return html.unescape(_TOKEN.sub("", text))


def escape(words: str) -> str:
    """Write words so that they contain no markup."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark, name in _INVISIBLE_MARKS.items():
        escaped = escaped.replace(mark, name)
    return escaped


class _Writer:
    """Writes cue text piece by piece and keeps its tags balanced."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.removed: set[str] = set()

    def write(self, words: str) -> None:
        self.pieces.append(escape(_unescape(words)))

    def tag(self, match: re.Match[str]) -> None:
        if match["time"]:
            self.removed.add(match["time"])
            return
        name = match["name"].lower()
        if name not in _TAGS:
            self.removed.add(name[:20])
        elif match["close"]:
            self._close(name)
        else:
            self._open(name, match)

    def finish(self) -> str:
        self._close_all()
        return "".join(self.pieces)

    def _open(self, name: str, match: re.Match[str]) -> None:
        note = _note(name, match["note"] or "") if name in _ANNOTATED else ""
        is_useless = (name in _ANNOTATED and not note) or (name == "rt" and self.open[-1:] != ["ruby"])
        if is_useless or len(self.open) >= _DEEPEST:
            self.removed.add(name)
            return
        classes = "".join(f".{cls}" for cls in match["classes"].split(".") if _CLASS.fullmatch(cls))
        self.pieces.append(f"<{name}{classes}{' ' + note if note else ''}>")
        self.open.append(name)

    def _close(self, name: str) -> None:
        if name not in self.open:
            return
        while self.open:
            inner = self.open.pop()
            self.pieces.append(f"</{inner}>")
            if inner == name:
                return

    def _close_all(self) -> None:
        while self.open:
            self.pieces.append(f"</{self.open.pop()}>")


def _note(name: str, raw: str) -> str:
    words = " ".join(_unescape(raw).split())[:_LONGEST_NOTE].strip()
    if name == "lang":
        return words if _LANGUAGE.fullmatch(words) else ""
    return escape(words)


def _unescape(words: str) -> str:
    """Read the entities of HTML, which are WebVTT's too; those that stand for unprintable characters vanish."""
    return _CONTROLS.sub("", html.unescape(words).replace("\t", " ")) if "&" in words else words


def _without_blank_lines(text: str) -> tuple[str, bool]:
    """Take out what would end the cue too early, and the spaces at the ends of its lines."""
    # Not splitlines(): U+2028 and its kind are no line ends to players, nor to us.
    lines = [line.strip(" ") for line in text.strip().split("\n")] if text.strip() else []
    kept = [line for line in lines if line]
    return "\n".join(kept), len(kept) != len(lines)
