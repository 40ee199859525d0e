"""Action Message Format 0, reading and writing (AMF 0 specification, section 2).

AMF3 command messages (type 17) carry one format byte and then AMF0 values; since `connect` is
answered with objectEncoding 0, a peer has no reason to switch to AMF3 values inside them.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, TypeAlias, Union

from streaming.rtmp.errors import AmfViolation
from streaming.rtmp.limits import AmfLimits


class Marker(IntEnum):
    """Type markers (2.1)."""

    NUMBER = 0x00
    BOOLEAN = 0x01
    STRING = 0x02
    OBJECT = 0x03
    MOVIECLIP = 0x04
    NULL = 0x05
    UNDEFINED = 0x06
    REFERENCE = 0x07
    ECMA_ARRAY = 0x08
    OBJECT_END = 0x09
    STRICT_ARRAY = 0x0A
    DATE = 0x0B
    LONG_STRING = 0x0C
    UNSUPPORTED = 0x0D
    RECORDSET = 0x0E
    XML_DOCUMENT = 0x0F
    TYPED_OBJECT = 0x10
    AVMPLUS_OBJECT = 0x11


class _Undefined(Enum):
    UNDEFINED = "undefined"

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = _Undefined.UNDEFINED
"""ActionScript's undefined (2.8), also what the unsupported marker (2.14) is read as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmfDate:
    """A date (2.13): milliseconds since 1970 UTC; the time zone field is reserved and ignored."""

    unix_ms: float


AmfValue: TypeAlias = Union[
    bool,
    float,
    str,
    AmfDate,
    _Undefined,
    "list[AmfValue]",
    "dict[str, AmfValue]",
    None,
]


class EcmaArray(dict[str, AmfValue]):
    """An associative array (2.10), which encoders use for onMetaData; an object in all but name."""


_SHORT_STRING_MAX = 0xFFFF
_OBJECT_END = b"\x00\x00\x09"
_DOUBLE = struct.Struct(">d")
_DATE = struct.Struct(">dh")
_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")


def parse_amf0(payload: bytes, *, limits: AmfLimits | None = None) -> tuple[AmfValue, ...]:
    """Read all values of a payload, in order.

    Raises:
        AmfViolation: the payload is cut short, uses an unknown type or exceeds a limit.
    """
    reader = _Reader(payload, limits or AmfLimits())
    values: list[AmfValue] = []
    while reader.has_more:
        values.append(reader.value())
    return tuple(values)


def format_amf0(*values: AmfValue) -> bytes:
    """Write values one after the other."""
    return b"".join(_format_value(value) for value in values)


class _Reader:
    """Walk a payload once. Complex values are remembered for references (2.9)."""

    def __init__(self, payload: bytes, limits: AmfLimits) -> None:
        self._payload = payload
        self._limits = limits
        self._position = 0
        self._depth = 0
        self._count = 0
        self._complex: list[tuple[AmfValue, int] | None] = []

    @property
    def has_more(self) -> bool:
        return self._position < len(self._payload)

    def value(self) -> AmfValue:
        """Read one value, its marker first."""
        self._charge(1)
        marker = self._take(1)[0]
        read = _READERS.get(marker)
        if read is None:
            raise AmfViolation(f"AMF0 type {marker:#04x} at byte {self._position - 1} is not known")
        return read(self)

    def number(self) -> float:
        value: float = _DOUBLE.unpack(self._take(8))[0]
        return value

    def boolean(self) -> bool:
        return self._take(1) != b"\x00"

    def string(self) -> str:
        (size,) = _U16.unpack(self._take(2))
        return self._text(size)

    def long_string(self) -> str:
        (size,) = _U32.unpack(self._take(4))
        return self._text(size)

    def null(self) -> None:
        return None

    def undefined(self) -> AmfValue:
        return UNDEFINED

    def date(self) -> AmfDate:
        unix_ms = _DATE.unpack(self._take(10))[0]
        return AmfDate(unix_ms=unix_ms)

    def object(self) -> dict[str, AmfValue]:
        return self._members({})

    def ecma_array(self) -> dict[str, AmfValue]:
        # The count is a hint that encoders get wrong; the end marker is what counts.
        self._take(4)
        return self._members(EcmaArray())

    def typed_object(self) -> dict[str, AmfValue]:
        self.string()
        return self._members({})

    def strict_array(self) -> list[AmfValue]:
        (count,) = _U32.unpack(self._take(4))
        self._check_properties(count)
        array: list[AmfValue] = []
        slot, before = self._open()
        for _ in range(count):
            array.append(self.value())
        self._close(slot, array, self._count - before)
        return array

    def reference(self) -> AmfValue:
        index: int = _U16.unpack(self._take(2))[0]
        target = self._complex[index] if index < len(self._complex) else None
        if target is None:
            raise AmfViolation(f"AMF0 reference {index} points to no finished object")
        value, weight = target
        # Charged in full each time, or nested references would grow exponentially when walked.
        self._charge(weight)
        return value

    def _members(self, members: dict[str, AmfValue]) -> dict[str, AmfValue]:
        slot, before = self._open()
        while True:
            key = self.string()
            if not key and self._payload[self._position : self._position + 1] == b"\x09":
                self._position += 1
                break
            members[key] = self.value()
            self._check_properties(len(members))
        self._close(slot, members, self._count - before)
        return members

    def _open(self) -> tuple[int, int]:
        self._depth += 1
        if self._depth > self._limits.max_depth:
            raise AmfViolation(f"AMF0 values are nested more than {self._limits.max_depth} deep")
        self._complex.append(None)
        return len(self._complex) - 1, self._count

    def _close(self, slot: int, value: AmfValue, weight: int) -> None:
        self._depth -= 1
        self._complex[slot] = (value, weight)

    def _charge(self, count: int) -> None:
        self._count += count
        if self._count > self._limits.max_values:
            raise AmfViolation(f"the AMF0 payload has more than {self._limits.max_values} values")

    def _check_properties(self, count: int) -> None:
        if count > self._limits.max_properties:
            raise AmfViolation(f"an AMF0 object has more than {self._limits.max_properties} properties")

    def _text(self, size: int) -> str:
        if size > self._limits.max_string_bytes:
            raise AmfViolation(f"an AMF0 string has {size} bytes; the limit is {self._limits.max_string_bytes}")
        # Encoders put text of the local code page into metadata: no reason to end a broadcast.
        return self._take(size).decode("utf-8", errors="replace")

    def _take(self, size: int) -> bytes:
        start = self._position
        end = start + size
        if end > len(self._payload):
            raise AmfViolation(
                f"the AMF0 payload ends at byte {len(self._payload)}, where a value needs bytes {start} to {end}"
            )
        self._position = end
        return self._payload[start:end]


_READERS: Final[Mapping[int, Callable[[_Reader], AmfValue]]] = {
    Marker.NUMBER: _Reader.number,
    Marker.BOOLEAN: _Reader.boolean,
    Marker.STRING: _Reader.string,
    Marker.OBJECT: _Reader.object,
    Marker.NULL: _Reader.null,
    Marker.UNDEFINED: _Reader.undefined,
    Marker.REFERENCE: _Reader.reference,
    Marker.ECMA_ARRAY: _Reader.ecma_array,
    Marker.STRICT_ARRAY: _Reader.strict_array,
    Marker.DATE: _Reader.date,
    Marker.LONG_STRING: _Reader.long_string,
    Marker.UNSUPPORTED: _Reader.undefined,
    Marker.XML_DOCUMENT: _Reader.long_string,
    Marker.TYPED_OBJECT: _Reader.typed_object,
}


def _format_value(value: AmfValue) -> bytes:
    if value is None:
        return bytes([Marker.NULL])
    if value is UNDEFINED:
        return bytes([Marker.UNDEFINED])
    if isinstance(value, bool):
        return bytes([Marker.BOOLEAN, value])
    if isinstance(value, int | float):
        return bytes([Marker.NUMBER]) + _DOUBLE.pack(value)
    if isinstance(value, str):
        return _format_string(value)
    if isinstance(value, AmfDate):
        return bytes([Marker.DATE]) + _DATE.pack(value.unix_ms, 0)
    return _format_complex(value)


def _format_complex(value: object) -> bytes:
    if isinstance(value, EcmaArray):
        head = bytes([Marker.ECMA_ARRAY]) + _U32.pack(len(value))
        return head + _format_members(value.items())
    if isinstance(value, dict):
        return bytes([Marker.OBJECT]) + _format_members(value.items())
    if isinstance(value, list):
        return bytes([Marker.STRICT_ARRAY]) + _U32.pack(len(value)) + format_amf0(*value)
    raise TypeError(f"AMF0 has no form for {type(value).__name__}")


def _format_members(members: Iterable[tuple[str, AmfValue]]) -> bytes:
    return b"".join(_format_key(key) + _format_value(value) for key, value in members) + _OBJECT_END


def _format_key(key: str) -> bytes:
    encoded = key.encode()
    return _U16.pack(len(encoded)) + encoded


def _format_string(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) <= _SHORT_STRING_MAX:
        return bytes([Marker.STRING]) + _U16.pack(len(encoded)) + encoded
    return bytes([Marker.LONG_STRING]) + _U32.pack(len(encoded)) + encoded
