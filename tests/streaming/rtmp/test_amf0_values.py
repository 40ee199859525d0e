"""AMF0 values at the edges of their forms and limits (AMF 0 specification, section 2)."""

import math
import struct
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.amf0 import UNDEFINED, AmfDate, AmfValue, EcmaArray, Marker, format_amf0, parse_amf0
from streaming.rtmp.errors import AmfViolation
from streaming.rtmp.limits import AmfLimits

ROOMY = AmfLimits(max_string_bytes=200_000)


def one(encoded: bytes, limits: AmfLimits | None = None) -> AmfValue:
    (value,) = parse_amf0(encoded, limits=limits)
    return value


def strict_array(*values: bytes) -> bytes:
    return b"\x0a" + len(values).to_bytes(4) + b"".join(values)


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    return opening * depth + b"\x05" + closing * depth


# --- Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 65534, 65535, 65536, 100_000])
def test_a_string_is_written_long_exactly_when_it_must_be(size: int) -> None:
    encoded = format_amf0("x" * size)
    assert encoded[0] == (Marker.STRING if size <= 65535 else Marker.LONG_STRING)
    assert one(encoded, ROOMY) == "x" * size


def test_the_length_of_a_string_is_that_of_its_bytes() -> None:
    text = "สด" * 10923  # three bytes each: 65538
    assert format_amf0(text)[0] == Marker.LONG_STRING
    assert one(format_amf0(text), ROOMY) == text


@pytest.mark.parametrize("number", [0.0, -0.0, 1e-320, 2.0**53 + 1, 1.7976931348623157e308, math.inf, -math.inf])
def test_numbers_keep_all_their_bits(number: float) -> None:
    value = one(format_amf0(number))
    assert isinstance(value, float)
    assert struct.pack(">d", value) == struct.pack(">d", number)


def test_what_is_no_number_stays_no_number() -> None:
    value = one(bytes.fromhex("00 7ff8000000000001"))
    assert isinstance(value, float)
    assert math.isnan(value)


def test_whole_numbers_are_written_as_doubles() -> None:
    assert format_amf0(7) == format_amf0(7.0)
    assert format_amf0(True) == b"\x01\x01"


@pytest.mark.parametrize("zone", ["0000", "003c", "fe20", "ffff"])
@pytest.mark.parametrize("unix_ms", [0.0, -62135596800000.0, 1367508000000.5])
def test_dates_are_read_whatever_their_reserved_time_zone_says(unix_ms: float, zone: str) -> None:
    assert one(b"\x0b" + struct.pack(">d", unix_ms) + bytes.fromhex(zone)) == AmfDate(unix_ms=unix_ms)


def test_a_date_is_written_with_a_zone_of_zero() -> None:
    assert format_amf0(AmfDate(unix_ms=1.0)) == bytes.fromhex("0b 3ff0000000000000 0000")


@pytest.mark.parametrize("marker", [Marker.MOVIECLIP, Marker.RECORDSET, Marker.OBJECT_END, Marker.AVMPLUS_OBJECT, 0x12])
def test_reserved_and_foreign_markers_are_named_with_their_place(marker: int) -> None:
    with pytest.raises(AmfViolation, match=f"type {marker:#04x} at byte 9 is not known"):
        parse_amf0(format_amf0(1.0) + bytes((marker,)))


def test_an_associative_array_is_told_from_an_object_and_its_count_is_not_believed() -> None:
    members = b"\x00\x01a" + format_amf0(1.0) + b"\x00\x00\x09"
    for count in (0, 1, 2**32 - 1):
        value = one(b"\x08" + count.to_bytes(4) + members)
        assert isinstance(value, EcmaArray)
        assert value == {"a": 1.0}
    assert not isinstance(one(b"\x03" + members), EcmaArray)


def test_what_has_no_form_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="AMF0 has no form for bytes"):
        format_amf0(b"bytes")  # type: ignore[arg-type]  # that is what is tried


# --- References -------------------------------------------------------------------------------------------------------


def test_references_count_objects_arrays_and_typed_objects_in_the_order_of_their_beginning() -> None:
    outer = b"\x03\x00\x01a" + strict_array(b"\x05") + b"\x00\x00\x09"
    typed = b"\x10\x00\x01T\x00\x01x\x01\x01\x00\x00\x09"
    values = parse_amf0(outer + typed + b"\x07\x00\x00" + b"\x07\x00\x01" + b"\x07\x00\x02")
    assert values == ({"a": [None]}, {"x": True}, {"a": [None]}, [None], {"x": True})


def test_scalars_are_not_counted_for_references() -> None:
    scalars = format_amf0(1.0, "text", None, UNDEFINED, AmfDate(unix_ms=0.0))
    assert parse_amf0(scalars + format_amf0({"a": 1.0}) + b"\x07\x00\x00")[-1] == {"a": 1.0}


def test_a_reference_inside_a_later_object_repeats_an_earlier_one() -> None:
    (_, second) = parse_amf0(format_amf0({"a": 1.0}) + b"\x03\x00\x01b\x07\x00\x00\x00\x00\x09")
    assert second == {"b": {"a": 1.0}}


@pytest.mark.parametrize("opening", [b"\x0a\x00\x00\x00\x01", b"\x03\x00\x01a", b"\x08\x00\x00\x00\x01\x00\x01a"])
def test_what_contains_itself_is_refused(opening: bytes) -> None:
    with pytest.raises(AmfViolation, match="reference 0 points to no finished object"):
        parse_amf0(opening + b"\x07\x00\x00" + b"\x00\x00\x09")


def test_references_cannot_make_much_of_little() -> None:
    layers = format_amf0(["x"] * 100) + b"".join(strict_array(*[b"\x07" + n.to_bytes(2)] * 100) for n in range(10))
    tracemalloc.start()
    with pytest.raises(AmfViolation, match="more than 4096 values"):
        parse_amf0(layers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


# --- Limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        (b"\x03\x00\x01a", b"\x00\x00\x09"),
        (b"\x08\x00\x00\x00\x00\x00\x01a", b"\x00\x00\x09"),
        (b"\x10\x00\x01T\x00\x01a", b"\x00\x00\x09"),
        (b"\x0a\x00\x00\x00\x01", b""),
    ],
    ids=["object", "associative array", "typed object", "strict array"],
)
def test_every_kind_of_nesting_ends_at_the_same_depth(opening: bytes, closing: bytes) -> None:
    assert one(nested(16, opening, closing))
    with pytest.raises(AmfViolation, match="nested more than 16 deep"):
        parse_amf0(nested(17, opening, closing))
    with pytest.raises(AmfViolation, match="nested more than 16 deep"):
        parse_amf0(opening * 20_000)


def test_depth_is_counted_anew_for_each_value_beside_another() -> None:
    deep = nested(16, b"\x0a\x00\x00\x00\x01", b"")
    assert len(parse_amf0(deep * 20)) == 20


@pytest.mark.parametrize("count", [1025, 2**31, 2**32 - 1])
def test_room_for_a_claimed_length_is_not_made_in_advance(count: int) -> None:
    tracemalloc.start()
    with pytest.raises(AmfViolation, match="more than 1024 properties"):
        parse_amf0(b"\x0a" + count.to_bytes(4))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize(("count", "is_taken"), [(1024, True), (1025, False)])
def test_an_array_and_an_object_hold_a_thousand_and_twenty_four(count: int, is_taken: bool) -> None:
    for value in ([None] * count, {str(index): None for index in range(count)}):
        if is_taken:
            assert one(format_amf0(value)) == value  # type: ignore[arg-type]  # lists are invariant
        else:
            with pytest.raises(AmfViolation, match="more than 1024 properties"):
                one(format_amf0(value))  # type: ignore[arg-type]


@pytest.mark.parametrize(("size", "is_taken"), [(65535, True), (65536, True), (65537, False)])
def test_a_string_holds_64_kibibytes_and_no_more(size: int, is_taken: bool) -> None:
    encoded = b"\x0c" + size.to_bytes(4) + b"x" * size
    if is_taken:
        assert one(encoded) == "x" * size
    else:
        with pytest.raises(AmfViolation, match="65537 bytes; the limit is 65536"):
            one(encoded)


@given(st.binary(max_size=12), st.sampled_from([*Marker]))
def test_any_beginning_of_any_value_is_read_or_refused_and_read_again_alike(rest: bytes, marker: Marker) -> None:
    encoded = bytes((marker,)) + rest
    with suppress(AmfViolation):
        written = format_amf0(*parse_amf0(encoded))
        assert format_amf0(*parse_amf0(written)) == written
