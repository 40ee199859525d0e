"""Timed Text Markup Language (W3C TTML 2), and DFXP before it: XML, so it is read with every door shut."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import InputSource, Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from catalog.captions.drafts import Draft
from catalog.captions.findings import Code, refuse
from catalog.captions.limits import LATEST_MS
from catalog.captions.markup import escape
from catalog.captions.placing import AT_THE_TOP

_CLOCK = re.compile(r"(\d{2,4}):(\d{2}):(\d{2})(?:(\.\d{1,9})|:(\d{2,5})(?:\.(\d{1,3}))?)?", re.ASCII)
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)", re.ASCII)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>", re.ASCII)
_UNIT_S = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
_DEEPEST = 100


@dataclass(slots=True)
class _Element:
    """An element that is open. `begin_ms` and `end_ms` count from the start of the film."""

    name: str
    begin_ms: int
    end_ms: int | None
    tags: frozenset[str]
    keeps_space: bool
    has_times: bool = False


@dataclass(slots=True)
class _Paragraph:
    """Words that become a cue. None as a time means that the file's is missing or unreadable."""

    element: _Element
    begin_ms: int | None
    end_ms: int | None
    line: int
    shown: str
    settings: str
    pieces: list[str] = field(default_factory=list)


def parse_ttml(text: str) -> Iterator[Draft]:
    """Yield the cues of a document. Raises CaptionsRefused."""
    # What it says of its encoding was true of the bytes; its lines are kept for messages.
    body = _DECLARATION.sub(lambda match: "\n" * match[0].count("\n"), text)
    handler = _Handler()
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    source = InputSource()
    source.setByteStream(BytesIO(body.encode()))
    try:
        parser.parse(source)
    except SAXParseException as error:
        raise refuse(Code.XML_BROKEN, error.getLineNumber() or 1) from error
    except DefusedXmlException as error:
        raise refuse(Code.XML_FORBIDDEN) from error
    yield from handler.drafts


class _Handler(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.drafts: list[Draft] = []
        self.open: list[_Element] = []
        self.words: list[str] = []
        self.styles: dict[str, frozenset[str]] = {}
        self.top_regions: set[str] = set()
        self.rates = _Rates()
        self.paragraph: _Paragraph | None = None
        self.locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:
        self.locator = locator

    def startElement(self, name: str, attrs: Mapping[str, str]) -> None:  # type: ignore[override]
        self._write_words()
        local, values = _local(name), {_local(key): value for key, value in attrs.items()}
        if not self.open:
            if local != "tt":
                raise refuse(Code.NOT_TTML, self._line())
            self.rates = _Rates.of(values)
        if len(self.open) >= _DEEPEST:
            raise refuse(Code.XML_FORBIDDEN, self._line())
        element = self._element(local, values)
        self.open.append(element)
        if local == "style" or local == "region":
            self._remember(local, values, element)
        elif local == "br" and self.paragraph:
            self.paragraph.pieces.append("\n")
        elif local == "p" or (local == "span" and element.has_times and self._is_outside_timed()):
            self._begin(element, values)

    def characters(self, content: str) -> None:
        # They come in pieces that mean nothing: cut at line ends and entities.
        self.words.append(content)

    def endElement(self, name: str) -> None:
        self._write_words()
        element = self.open.pop()
        if self.paragraph and self.paragraph.element is element:
            self._finish(self.paragraph)
            self.paragraph = None

    def _write_words(self) -> None:
        """Give the paragraph what has been read since the last tag, in the looks of the element around it."""
        content, self.words = "".join(self.words), []
        if self.paragraph is None or not self.open or self.open[-1].name not in {"p", "span"}:
            return
        element = self.open[-1]
        words = content if element.keeps_space else re.sub(r"\s+", " ", content)
        names = sorted(element.tags)
        opening, closing = "".join(f"<{tag}>" for tag in names), "".join(f"</{tag}>" for tag in reversed(names))
        self.paragraph.pieces.append(f"{opening}{escape(words)}{closing}" if words.strip() else words)

    def _line(self) -> int:
        return (self.locator.getLineNumber() if self.locator else None) or 1

    def _element(self, name: str, values: Mapping[str, str]) -> _Element:
        parent = self.open[-1] if self.open else _Element("", 0, None, frozenset(), False)
        tags = parent.tags
        for style in values.get("style", "").split()[:10]:
            tags = tags | self.styles.get(style, frozenset())
        begin, end = self._span(values, parent)
        return _Element(
            name=name,
            begin_ms=parent.begin_ms if begin is None else begin,
            end_ms=parent.end_ms if end is None else end,
            tags=_own_tags(values, tags),
            keeps_space=values.get("space", "preserve" if parent.keeps_space else "") == "preserve",
            has_times="begin" in values or "end" in values,
        )

    def _span(self, values: Mapping[str, str], parent: _Element) -> tuple[int | None, int | None]:
        """Return begin and end from the start of the film; what an element says counts from its parent's begin."""
        begin, end, length = (self.rates.parse(values.get(name)) for name in ("begin", "end", "dur"))
        start = None if begin is None else parent.begin_ms + begin
        if end is None and length is not None:
            return start, (parent.begin_ms if start is None else start) + length
        return start, None if end is None else parent.begin_ms + end

    def _remember(self, local: str, values: Mapping[str, str], element: _Element) -> None:
        name = values.get("id", "")
        if local == "style" and name:
            self.styles[name] = element.tags
        if local == "region" and values.get("displayAlign") == "before":
            self.top_regions.add(name)

    def _is_outside_timed(self) -> bool:
        """Tell whether the open paragraph has no times: then its spans are the cues."""
        return self.paragraph is None or not (self.paragraph.element.has_times or self.paragraph.element.name == "span")

    def _begin(self, element: _Element, values: Mapping[str, str]) -> None:
        if self.paragraph:
            self._finish(self.paragraph)
        parent = self.open[-2] if len(self.open) > 1 else element
        begin, end = self._span(values, parent)
        is_broken = any(self.rates.parse(values[name]) is None for name in ("begin", "end", "dur") if name in values)
        self.paragraph = _Paragraph(
            element=element,
            begin_ms=None if is_broken else parent.begin_ms if begin is None else begin,
            end_ms=None if is_broken else parent.end_ms if end is None else end,
            line=self._line(),
            shown=" ".join(f'{name}="{values[name]}"' for name in ("begin", "end", "dur") if name in values)[:80],
            settings=AT_THE_TOP if values.get("region") in self.top_regions else "",
        )

    def _finish(self, paragraph: _Paragraph) -> None:
        text = re.sub(r" *\n *", "\n", "".join(paragraph.pieces)).strip()
        # Without times of its own, an element that says nothing is there for its spans.
        if not text and not paragraph.element.has_times:
            return
        self.drafts.append(
            Draft(
                start_ms=paragraph.begin_ms,
                end_ms=paragraph.end_ms,
                text=text,
                settings=paragraph.settings,
                line=paragraph.line,
                number=len(self.drafts) + 1,
                shown=paragraph.shown,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rates:
    """How long a frame and a tick of a document are (TTML 2, section 7.2)."""

    frames: Fraction = Fraction(30)
    ticks: Fraction = Fraction(1)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "_Rates":
        rate = _number(values.get("frameRate")) or 30
        above, _, below = values.get("frameRateMultiplier", "1 1").replace(":", " ").partition(" ")
        frames = Fraction(rate * (_number(above) or 1), _number(below.strip()) or 1)
        given = _number(values.get("tickRate"))
        return cls(frames=frames, ticks=Fraction(given) if given else frames if "frameRate" in values else Fraction(1))

    def parse(self, text: str | None) -> int | None:
        """Return a time expression in milliseconds (TTML 2, section 12.3.1); None if it is none."""
        seconds = self._clock(text or "") if ":" in (text or "") else self._offset(text or "")
        return None if seconds is None or seconds * 1000 > LATEST_MS * 2 else round(seconds * 1000)

    def _clock(self, text: str) -> Fraction | None:
        match = _CLOCK.fullmatch(text.strip())
        if match is None or int(match[2]) > 59 or int(match[3]) > 59:
            return None
        whole = Fraction((int(match[1]) * 60 + int(match[2])) * 60 + int(match[3]))
        return whole + Fraction(match[4] or 0) + Fraction(int(match[5] or 0)) / self.frames

    def _offset(self, text: str) -> Fraction | None:
        match = _OFFSET.fullmatch(text.strip())
        if match is None:
            return None
        amount = Fraction(match[1])
        if match[2] in _UNIT_S:
            return amount * _UNIT_S[match[2]]
        return amount / (self.frames if match[2] == "f" else self.ticks)


def _own_tags(values: Mapping[str, str], inherited: frozenset[str]) -> frozenset[str]:
    tags = set(inherited)
    for attribute, tag, words in (
        ("fontStyle", "i", {"italic", "oblique"}),
        ("fontWeight", "b", {"bold"}),
        ("textDecoration", "u", {"underline"}),
    ):
        if attribute in values:
            tags = tags | {tag} if values[attribute] in words else tags - {tag}
    return frozenset(tags)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _local(name: str) -> str:
    return name.rpartition(":")[2]
