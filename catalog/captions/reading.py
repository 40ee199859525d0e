"""One door for every caption file: bytes in, checked cues out, or every fault with its line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog.captions.ass import parse_ass
from catalog.captions.checks import check_drafts, check_sequence, put_in_order, warn_of_disorder
from catalog.captions.cues import Cue
from catalog.captions.drafts import Draft
from catalog.captions.encodings import decode
from catalog.captions.findings import Code, Finding, Findings, refuse
from catalog.captions.limits import MOST_BYTES
from catalog.captions.srt import parse_srt
from catalog.captions.ttml import parse_ttml
from catalog.captions.webvtt import parse_webvtt

_LINE_END = re.compile(r"\r\n|\r|\n")
_ASS_SECTION = re.compile(r"^\s*\[(?:script info|events|v4\+? styles)\]\s*$", re.IGNORECASE | re.MULTILINE)
_XML_ROOT = re.compile(r"\A\s*(?:<\?xml[^>]{0,200}\?>)?\s*(?:<!--.*?-->\s*)*<", re.DOTALL)
_TT_ROOT = re.compile(r"<(?:[\w-]{1,20}:)?tt[\s/>]")
_HTML = re.compile(r"\A\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE | re.DOTALL)
_HEAD = 4096


class Format(StrEnum):
    """The formats that are read."""

    SRT = "SRT"
    WEBVTT = "WebVTT"
    ASS = "ASS"
    TTML = "TTML"


# The others are free to list their cues by speaker or by style.
_ORDERED = {Format.SRT, Format.WEBVTT}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionFile:
    """What a file holds: cues in the order of their start, numbered from 1, and what should be looked at.

    `warnings` are the first ones, `warning_count` counts them all; their cues are those of `cues`.
    """

    cues: tuple[Cue, ...]
    warnings: tuple[Finding, ...]
    warning_count: int
    format: Format
    encoding: str


def read_captions(content: bytes, *, language: str = "", runtime_s: int | None = None) -> CaptionFile:
    """Read a caption file of any format.

    `language` is the tag of what is written in it, which helps with old encodings; `runtime_s` is the film's, None if
    unknown. Raises CaptionsRefused.
    """
    if len(content) > MOST_BYTES:
        raise refuse(Code.FILE_TOO_LARGE, most_mb=MOST_BYTES // 1024 // 1024)
    if not content.strip():
        raise refuse(Code.FILE_EMPTY)
    decoded = decode(content, language=language)
    kind = detect_format(decoded.text)
    found = Findings()
    original = list(check_drafts(_parse(kind, decoded.text, found), found))
    found.settle()
    if not original:
        raise refuse(Code.NO_CUES)
    if kind in _ORDERED:
        warn_of_disorder(original, found)
    cues = put_in_order(original, found)
    check_sequence(cues, found, runtime_s=runtime_s)
    found.settle()
    return CaptionFile(
        cues=tuple(cues),
        warnings=tuple(found.warnings),
        warning_count=found.warning_count,
        format=kind,
        encoding=decoded.encoding,
    )


def read_stored(text: str) -> tuple[Cue, ...]:
    """Return the cues of a text that `format_webvtt` wrote; the lines of that text mean nothing to anybody."""
    found = Findings()
    cues = tuple(check_drafts(parse_webvtt(_LINE_END.split(text), found), found))
    found.settle()
    return tuple(replace(cue, line=0) for cue in cues)


def detect_format(text: str) -> Format:
    """Tell the format by what the file says, whatever its name says. Raises CaptionsRefused."""
    head = text[:_HEAD]
    if re.match(r"WEBVTT(?:[ \t\r\n]|\Z)", head):
        return Format.WEBVTT
    if _HTML.match(head):
        raise refuse(Code.IS_HTML)
    if _XML_ROOT.match(head) and (_TT_ROOT.search(head) or "<?xml" in head or "<!DOCTYPE" in head):
        return Format.TTML
    if _ASS_SECTION.search(head):
        return Format.ASS
    if "-->" in text or re.search(r"\d:\d\d:\d\d[,.]\d", head):
        return Format.SRT
    raise refuse(Code.FORMAT_UNKNOWN)


def _parse(kind: Format, text: str, found: Findings) -> Iterable[Draft]:
    if kind is Format.TTML:
        return parse_ttml(text)
    parse = {Format.SRT: parse_srt, Format.WEBVTT: parse_webvtt, Format.ASS: parse_ass}[kind]
    return parse(_LINE_END.split(text), found)
