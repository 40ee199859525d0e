"""Frozen dataclasses and rows to JSON values and back, by their annotations, with nothing believed that is not so."""

import dataclasses
import types
import typing
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_LONGEST_NUMBER = 60


class NotDecodable(ValueError):
    """A JSON value is not what a dataclass says; the words name its place, such as `plan/video/0/name`."""


def encode(value: object) -> Any:
    """Return a value as what JSON knows; fractions as "24000/1001", named tuples as rows without names."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Fraction | StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], value: object, *, where: str) -> T:
    """Return what `encode` was given; `where` is the name of the whole.

    Raises:
        NotDecodable: a field is missing, or of another type, or unknown.
    """
    found: T = _decode(kind, value, where)
    return found


def _decode(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, where)
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        (inner,) = (choice for choice in typing.get_args(kind) if choice is not type(None))
        return None if value is None else _decode(inner, value, where)
    if typing.get_origin(kind) is tuple:
        return _decode_tuple(typing.get_args(kind), value, where)
    if issubclass(kind, tuple):
        return _decode_row(kind, value, where)
    if issubclass(kind, Fraction | StrEnum):
        return _decode_text(kind, _exactly(str, value, where), where)
    return _exactly(kind, value, where)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return the type hints of a class; finding them takes longer than a hundred rows do."""
    return typing.get_type_hints(kind)


def _decode_dataclass(kind: Any, value: Any, where: str) -> Any:
    document, hints = _exactly(dict, value, where), _hints(kind)
    if document.keys() != hints.keys():
        raise NotDecodable(f"{where} lacks {sorted(hints.keys() - document.keys())} or has more than it may")
    return kind(**{name: _decode(hints[name], item, f"{where}/{name}") for name, item in document.items()})


def _decode_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    items = _exactly(list, value, where)
    if kinds[-1] is Ellipsis:
        return tuple(_decode(kinds[0], item, f"{where}/{number}") for number, item in enumerate(items))
    return tuple(_columns(kinds, items, where))


def _decode_row(kind: Any, value: Any, where: str) -> Any:
    hints, row = tuple(_hints(kind).values()), _exactly(list, value, where)
    # Nearly all rows are segments, of which a long film has a hundred thousand.
    if len(row) == len(hints) and all(type(item) is hint for item, hint in zip(row, hints, strict=True)):
        return kind(*row)
    return kind(*_columns(hints, row, where))


def _columns(kinds: tuple[Any, ...], row: list[Any], where: str) -> list[Any]:
    if len(row) != len(kinds):
        raise NotDecodable(f"{where} has {len(row)} columns")
    return [_decode(kind, item, where) for kind, item in zip(kinds, row, strict=True)]


def _exactly(kind: type, value: Any, where: str) -> Any:
    """Hold the type itself: for Python, True is a whole number, too."""
    if type(value) is not kind:
        raise NotDecodable(f"{where} is no {kind.__name__}")
    return value


def _decode_text(kind: Any, value: str, where: str) -> Any:
    try:
        if issubclass(kind, Fraction) and len(value) > _LONGEST_NUMBER:
            raise ValueError
        return kind(value)
    except (ValueError, ZeroDivisionError) as error:
        raise NotDecodable(f"{where} is no {kind.__name__}") from error
