"""Collect, compile and check the translations, without a system gettext.

    scripts/messages.py update     bring locale/<language>/LC_MESSAGES/django.po up to date with the source
    scripts/messages.py compile    write the .mo files that Django reads, where the .po is newer
    scripts/messages.py check      fail if a text is not collected, not translated, or breaks its placeholders

Extraction is Babel's, with Django's own `templatize` turning a template into source that Babel reads.
"""

import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

_ROOT = Path(__file__).resolve().parent.parent
_LOCALE = _ROOT / "locale"
# English is the language of the source: it needs no catalogue.
_LANGUAGES = ("th",)
_APPS = ("portal", "catalog", "streaming", "analytics")
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Dates and names that would change the file when its content has not.
_VOLATILE_HEADER = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To|Generated-By):.*\n', re.MULTILINE
)
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")
# Babel would take the end of the line for the end of the text.
_UNCLOSED = re.compile(rb'^(?:msg\w+(?:\[\d+\])?[ \t]+)?"(?:\\.|[^"\\\n])*$', re.MULTILINE)


class BrokenCatalogue(Exception):
    """A .po file is not well formed; the sentence says which and where."""


def main(arguments: list[str]) -> int:
    commands = {"update": _update, "compile": _compile, "check": _check}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__)
        return 2
    try:
        return commands[arguments[0]]()
    except BrokenCatalogue as error:
        print(error, file=sys.stderr)
        return 1


def _update() -> int:
    template = _collect()
    for language in _LANGUAGES:
        catalog = _read(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.header_comment, catalog.fuzzy = (
            "# PROJECT: written by scripts/messages.py; only the msgstr lines are edited by hand.",
            False,
        )
        written = io.BytesIO()
        write_po(written, catalog, width=120, sort_by_file=True, include_lineno=False)
        _po(language).parent.mkdir(parents=True, exist_ok=True)
        _po(language).write_bytes(_VOLATILE_HEADER.sub(b"", written.getvalue()))
    return 0


def _compile() -> int:
    for language in _LANGUAGES:
        source, target = _po(language), _po(language).with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        # Two processes may compile at once: each writes its own file and renames it.
        temporary = target.with_suffix(f".{os.getpid()}")
        with temporary.open("wb") as file:
            write_mo(file, _read(language))
        temporary.replace(target)
    return 0


def _check() -> int:
    faults = list(_faults())
    for fault in faults:
        print(fault)
    if faults:
        print("Run scripts/messages.py update, then translate what is empty.")
    return 1 if faults else 0


def _faults() -> Iterator[str]:
    wanted = {_key(message): message for message in _collect() if message.id}
    for language in _LANGUAGES:
        kept = {_key(message): message for message in _read(language) if message.id}
        for key in wanted.keys() - kept.keys():
            yield f"{language}: not collected: {key[1]!r}"
        for key in kept.keys() - wanted.keys():
            yield f"{language}: no longer used: {key[1]!r}"
        for message in kept.values():
            yield from _translation_faults(language, message)


def _translation_faults(language: str, message: Message) -> Iterator[str]:
    source, texts = _forms(message.id), _forms(message.string)
    if not texts or not all(texts) or message.fuzzy:
        yield f"{language}: not translated: {source[0]!r}"
        return
    expected = _placeholders(source[-1])
    for text in texts:
        if _placeholders(text) != expected:
            yield f"{language}: placeholders differ: {source[0]!r}"


def _forms(text: str | Sequence[str] | None) -> list[str]:
    """Return the singular and plural forms; one form where there is no plural."""
    return [text] if isinstance(text, str) else list(text or ())


def _placeholders(text: str) -> set[str]:
    return {match.group() for match in _PLACEHOLDER.finditer(text)}


def _key(message: Message) -> tuple[str, str]:
    return message.context or "", _forms(message.id)[0]


def _collect() -> Catalog:
    catalog = Catalog(project="Nova", charset="utf-8")
    for path in _sources():
        for _line, message, _comments, context in extract("python", _open(path), keywords=_KEYWORDS):
            catalog.add(message, context=context, locations=[(str(path.relative_to(_ROOT)), 1)])
    return catalog


def _open(path: Path) -> io.BytesIO:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        from django.conf import settings

        if not settings.configured:
            settings.configure()
        from django.utils.translation.template import templatize

        # What stands between the calls is blotted out but keeps its indentation; in brackets that means nothing.
        text = f"({templatize(text, origin=str(path))})"
    return io.BytesIO(text.encode())


def _sources() -> Iterator[Path]:
    for app in _APPS:
        yield from sorted(path for path in (_ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    yield from sorted((_ROOT / "templates").rglob("*.html"))
    yield from sorted((_ROOT / "templates").rglob("*.txt"))


def _read(language: str) -> Catalog:
    if not _po(language).exists():
        return Catalog(locale=language, project="Nova", charset="utf-8")
    content = _po(language).read_bytes()
    name = _po(language).relative_to(_ROOT)
    if found := _UNCLOSED.search(content):
        line = content.count(b"\n", 0, found.start()) + 1
        raise BrokenCatalogue(f"{name}: line {line} has no closing quote.")
    try:
        # Else Babel leaves out what it cannot read, such as an unresolved conflict, and the texts around it.
        return read_po(io.BytesIO(content), locale=language, abort_invalid=True)
    except PoFileError as error:
        raise BrokenCatalogue(f"{name}: line {error.lineno + 1} cannot be read: {error.line}") from error


def _po(language: str) -> Path:
    return _LOCALE / language / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
