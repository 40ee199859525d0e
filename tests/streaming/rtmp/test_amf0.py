import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.amf0 import UNDEFINED, AmfDate, AmfValue, EcmaArray, format_amf0, parse_amf0
from streaming.rtmp.errors import AmfViolation
from streaming.rtmp.limits import AmfLimits

LIMITS = AmfLimits(max_depth=4, max_values=50, max_properties=8, max_string_bytes=100)

scalars = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | st.just(UNDEFINED)
    | st.builds(AmfDate, unix_ms=st.floats(allow_nan=False))
)
keys = st.text(max_size=10)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4).map(EcmaArray)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("00 3ff0000000000000", 1.0),
        ("00 c059000000000000", -100.0),
        ("01 00", False),
        ("01 07", True),
        ("02 0003 616263", "abc"),
        ("02 0003 e282ac", "€"),
        ("02 0000", ""),
        ("03 0001 61 05 0000 09", {"a": None}),
        ("03 0000 09", {}),
        ("03 0000 05 0000 09", {"": None}),
        ("05", None),
        ("06", UNDEFINED),
        ("08 00000063 0001 61 0101 0000 09", {"a": True}),
        ("0a 00000002 05 06", [None, UNDEFINED]),
        ("0b 4273e660de400000 0000", AmfDate(unix_ms=1367508000000.0)),
        ("0c 00000003 616263", "abc"),
        ("0d", UNDEFINED),
        ("0f 00000004 3c612f3e", "<a/>"),
        ("10 0003 466f6f 0001 61 05 0000 09", {"a": None}),
    ],
)
def test_every_type_is_read(encoded: str, value: AmfValue) -> None:
    if isinstance(value, AmfDate):
        encoded = "0b" + struct.pack(">d", value.unix_ms).hex() + "0000"
    assert parse_amf0(bytes.fromhex(encoded)) == (value,)


def test_text_of_another_code_page_is_replaced() -> None:
    assert parse_amf0(b"\x02\x00\x02\xe9a") == ("\ufffda",)


def test_reference_repeats_a_finished_object() -> None:
    first = format_amf0({"a": 1.0})
    assert parse_amf0(first + b"\x07\x00\x00") == ({"a": 1.0}, {"a": 1.0})


@given(st.lists(values, max_size=5))
def test_what_is_written_is_read_again(written: list[AmfValue]) -> None:
    assert list(parse_amf0(format_amf0(*written))) == written


def test_long_strings_are_written_as_such() -> None:
    encoded = format_amf0("x" * 65536)
    assert encoded[0] == 0x0C
    assert parse_amf0(encoded, limits=AmfLimits(max_string_bytes=65536)) == ("x" * 65536,)


@pytest.mark.parametrize(
    ("encoded", "sentence"),
    [
        (b"\x00\x01", "the AMF0 payload ends at byte 2, where a value needs bytes 1 to 9"),
        (b"\x02\x00\x05abc", "the AMF0 payload ends at byte 6"),
        (b"\x03\x00\x01a\x05", "the AMF0 payload ends"),
        (b"\x04", "AMF0 type 0x04 at byte 0 is not known"),
        (b"\x11\x01", "AMF0 type 0x11 at byte 0 is not known"),
        (b"\x05\xff", "AMF0 type 0xff at byte 1 is not known"),
        (b"\x07\x00\x00", "reference 0 points to no finished object"),
        (b"\x03\x00\x01a\x07\x00\x00\x00\x00\x09", "reference 0 points to no finished object"),
        (b"\x0a\x00\x00\x00\x01" * 5 + b"\x05", "nested more than 4 deep"),
        (b"\x05" * 51, "more than 50 values"),
        (b"\x0a\xff\xff\xff\xff", "more than 8 properties"),
        (format_amf0({str(index): None for index in range(9)}), "more than 8 properties"),
        (format_amf0("x" * 101), "has 101 bytes; the limit is 100"),
        (b"\x0c\xff\xff\xff\xff", "has 4294967295 bytes"),
    ],
)
def test_malformed_or_excessive_payloads_are_refused(encoded: bytes, sentence: str) -> None:
    with pytest.raises(AmfViolation, match=sentence):
        parse_amf0(encoded, limits=LIMITS)


def test_references_count_as_much_as_what_they_repeat() -> None:
    layers = format_amf0(["x"] * 8)
    for index in range(3):
        layers += b"\x0a\x00\x00\x00\x08" + (b"\x07" + index.to_bytes(2)) * 8
    with pytest.raises(AmfViolation, match="more than 50 values"):
        parse_amf0(layers, limits=LIMITS)


@given(st.binary(max_size=300) | st.lists(st.sampled_from([bytes([byte]) for byte in range(18)])).map(b"".join))
def test_any_bytes_are_read_or_refused(encoded: bytes) -> None:
    with suppress(AmfViolation):
        parse_amf0(encoded, limits=LIMITS)


@given(values, st.data())
def test_any_truncation_is_refused_or_shorter(written: AmfValue, data: st.DataObject) -> None:
    encoded = format_amf0(written)
    size = data.draw(st.integers(0, len(encoded) - 1))
    with suppress(AmfViolation):
        assert parse_amf0(encoded[:size]) == ()
