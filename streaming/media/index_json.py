"""`index.json`: the index of a package as text, and back, with nothing believed that is not as it must be."""

import json
import types
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from streaming.media.errors import IndexViolation
from streaming.media.package_index import INDEX_VERSION, PackageIndex

_LONGEST_TEXT = 64 * 1024 * 1024
_LONGEST_NUMBER = 60


def format_index(index: PackageIndex) -> str:
    """Write an index. Fractions are strings such as "24000/1001", segments are rows without names, to save room."""
    return json.dumps(index_to_json(index), ensure_ascii=False, separators=(",", ":"))


def index_to_json(index: PackageIndex) -> dict[str, Any]:
    """Return an index as what JSON knows."""
    return {"version": INDEX_VERSION, **_plain(index)}


def parse_index(text: str) -> PackageIndex:
    """Read an index.

    Raises:
        IndexViolation: it is damaged, of another version, or contradicts itself.
    """
    if len(text) > _LONGEST_TEXT:
        raise IndexViolation(f"an index of {len(text)} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise IndexViolation("the index is not JSON") from error
    if not isinstance(document, dict) or type(document.get("version")) is not int:
        raise IndexViolation("the index has no version")
    if document.pop("version") != INDEX_VERSION:
        raise IndexViolation(f"the index is not of version {INDEX_VERSION}")
    index = _typed(PackageIndex, document, "index")
    assert isinstance(index, PackageIndex)
    return index


def _plain(value: object) -> Any:
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Fraction | StrEnum) else value


def _typed(kind: Any, value: Any, where: str) -> Any:
    """Return a JSON value as what a type hint demands."""
    if is_dataclass(kind):
        return _dataclass(kind, value, where)
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _typed(get_args(kind)[0], value, where)
    if get_origin(kind) is tuple:
        items = _exactly(list, value, where)
        return tuple(_typed(get_args(kind)[0], item, f"{where}/{number}") for number, item in enumerate(items))
    if issubclass(kind, tuple):
        return _row(kind, value, where)
    if issubclass(kind, Fraction | StrEnum):
        return _from_words(kind, _exactly(str, value, where), where)
    return _exactly(kind, value, where)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return the type hints of a class; finding them takes longer than a hundred rows do."""
    return get_type_hints(kind)


def _row(kind: Any, value: Any, where: str) -> Any:
    hints = _hints(kind).values()
    row = _exactly(list, value, where)
    if len(row) != len(hints):
        raise IndexViolation(f"{where} has {len(row)} columns")
    # Nearly all rows are segments, of which a long film has a hundred thousand.
    if all(type(item) is hint for item, hint in zip(row, hints, strict=True)):
        return kind(*row)
    return kind(*(_typed(hint, item, where) for hint, item in zip(hints, row, strict=True)))


def _dataclass(kind: Any, value: Any, where: str) -> Any:
    document, hints = _exactly(dict, value, where), _hints(kind)
    needed = {part.name for part in fields(kind) if part.default is MISSING}
    if not needed <= document.keys() <= hints.keys():
        raise IndexViolation(f"{where} lacks {sorted(needed - document.keys())} or has more than it may")
    return kind(**{name: _typed(hints[name], item, f"{where}/{name}") for name, item in document.items()})


def _exactly(kind: type, value: Any, where: str) -> Any:
    """Hold the type itself: for Python, True is a whole number, too."""
    if type(value) is not kind:
        raise IndexViolation(f"{where} is no {kind.__name__}")
    return value


def _from_words(kind: Any, value: str, where: str) -> Any:
    try:
        if issubclass(kind, Fraction) and len(value) > _LONGEST_NUMBER:
            raise ValueError
        return kind(value)
    except (ValueError, ZeroDivisionError) as error:
        raise IndexViolation(f"{where} is no {kind.__name__}") from error
