"""What is wrong with a caption file, as data: which fault, where, and the values that its sentence names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from catalog.captions.limits import MOST_FAULTS, MOST_WARNINGS

Value = str | int


class Code(StrEnum):
    """Every fault and warning; the values are public."""

    # Of the file.
    FILE_EMPTY = "file-empty"
    FILE_TOO_LARGE = "file-too-large"
    NOT_TEXT = "not-text"
    IS_ANOTHER_FILE = "is-another-file"
    IS_HTML = "is-html"
    ENCODING_UNKNOWN = "encoding-unknown"
    FORMAT_UNKNOWN = "format-unknown"
    NO_CUES = "no-cues"
    TOO_MANY_CUES = "too-many-cues"
    XML_BROKEN = "xml-broken"
    XML_FORBIDDEN = "xml-forbidden"
    NOT_TTML = "not-ttml"
    ASS_WITHOUT_FORMAT = "ass-without-format"
    # Of a cue.
    TIMES_UNREADABLE = "times-unreadable"
    TIMES_MISSING = "times-missing"
    TIME_TOO_LATE = "time-too-late"
    ENDS_BEFORE_IT_STARTS = "ends-before-it-starts"
    TEXT_TOO_LONG = "text-too-long"
    LONG_AFTER_THE_FILM = "long-after-the-film"
    BEFORE_THE_FILM = "before-the-film"
    # Warnings.
    OUT_OF_ORDER = "out-of-order"
    OVERLAPS = "overlaps"
    AFTER_THE_FILM = "after-the-film"
    LINE_TOO_LONG = "line-too-long"
    TAGS_REMOVED = "tags-removed"
    SETTINGS_REMOVED = "settings-removed"
    STYLES_REMOVED = "styles-removed"
    CUE_EMPTY = "cue-empty"
    DRAWING_REMOVED = "drawing-removed"
    CONTROLS_REMOVED = "controls-removed"
    BLANK_LINE = "blank-line"
    STRAY_TEXT = "stray-text"
    CUT_AT_THE_START = "cut-at-the-start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault or a warning. `line` and `cue` count from 1; None where it is about neither."""

    code: Code
    line: int | None = None
    cue: int | None = None
    values: tuple[tuple[str, Value], ...] = ()


class CaptionsRefused(Exception):
    """Raised for a file, or a change of times, that cannot be accepted."""

    def __init__(self, faults: Iterable[Finding]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(fault.code for fault in self.faults))


@dataclass(slots=True)
class Findings:
    """Collects what the steps of a reading find, as far as somebody would read it."""

    faults: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    warning_count: int = 0

    def refuse(self, code: Code, line: int | None = None, cue: int | None = None, **values: Value) -> None:
        """Note a fault; the one that fills the list ends the reading. Raises CaptionsRefused."""
        self.faults.append(_finding(code, line, cue, values))
        if len(self.faults) >= MOST_FAULTS:
            self.settle()

    def warn(self, code: Code, line: int | None = None, cue: int | None = None, **values: Value) -> None:
        self.warning_count += 1
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(_finding(code, line, cue, values))

    def renumber(self, numbers: Mapping[int, int]) -> None:
        """Let the warnings name each cue by its new number; a cue that was left out has none."""
        self.warnings = [replace(warning, cue=numbers.get(warning.cue or 0)) for warning in self.warnings]

    def settle(self) -> None:
        """Raise CaptionsRefused if there is any fault."""
        if self.faults:
            raise CaptionsRefused(self.faults)


def refuse(code: Code, line: int | None = None, **values: Value) -> CaptionsRefused:
    """Return the error for a file that one fault makes unreadable as a whole."""
    return CaptionsRefused([_finding(code, line, None, values)])


def finding_as_json(finding: Finding) -> dict[str, object]:
    """Return what is stored of a finding."""
    return {
        "code": str(finding.code),
        "line": finding.line,
        "cue": finding.cue,
        "values": dict(finding.values),
    }


def finding_from_json(stored: Mapping[str, Any]) -> Finding:
    values = tuple(sorted(stored["values"].items()))
    return Finding(code=Code(stored["code"]), line=stored["line"], cue=stored["cue"], values=values)


def _finding(code: Code, line: int | None, cue: int | None, values: dict[str, Value]) -> Finding:
    return Finding(code=code, line=line, cue=cue, values=tuple(sorted(values.items())))
