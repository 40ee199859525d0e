"""Frozen dataclasses to JSON values and back, by their annotations."""

import dataclasses
import types
import typing
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

T = TypeVar("T")


class NotDecodable(ValueError):
    """A JSON value is not what a dataclass says."""


def encode(value: object) -> Any:
    """Return a value as what JSON knows; fractions as "24000/1001"."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Fraction | StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], value: object) -> T:
    """Return what `encode` was given.

    Raises:
        NotDecodable: a field is missing, or of another type, or unknown.
    """
    found: T = _decode(kind, value)
    return found


def _decode(kind: Any, value: Any) -> Any:
    if typing.get_origin(kind) is tuple:
        return _decode_tuple(typing.get_args(kind), value)
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        (inner,) = (choice for choice in typing.get_args(kind) if choice is not type(None))
        return None if value is None else _decode(inner, value)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value)
    if kind is Fraction or issubclass(kind, StrEnum):
        return _decode_text(kind, value)
    # type() and not isinstance(): True is no number here.
    if type(value) is not kind:
        raise NotDecodable(f"{value!r} instead of {kind.__name__}")
    return value


def _decode_tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise NotDecodable(f"{value!r} instead of a list")
    if kinds[-1] is Ellipsis:
        return tuple(_decode(kinds[0], item) for item in value)
    if len(value) != len(kinds):
        raise NotDecodable(f"{len(value)} values instead of {len(kinds)}")
    return tuple(_decode(kind, item) for kind, item in zip(kinds, value, strict=True))


def _decode_dataclass(kind: Any, value: Any) -> Any:
    fields = typing.get_type_hints(kind)
    if not isinstance(value, dict) or set(value) != set(fields):
        raise NotDecodable(f"not the fields of {kind.__name__}")
    return kind(**{name: _decode(fields[name], value[name]) for name in fields})


def _decode_text(kind: Any, value: Any) -> Any:
    if not isinstance(value, str):
        raise NotDecodable(f"{value!r} instead of text")
    try:
        return kind(value)
    except (ValueError, ZeroDivisionError) as error:
        raise NotDecodable(str(error)) from error
