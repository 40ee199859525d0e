"""Boxes, byte by byte."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.boxes import (
    BoxHead,
    SampleDefaults,
    all_boxes,
    box,
    children,
    find_box,
    format_brands,
    full_box,
    need_box,
    pack,
    parse_edit_shift,
    parse_media_header,
    parse_tfdt,
    parse_tfhd,
    parse_trex,
    read_head,
)
from streaming.media.errors import BoxViolation

NOTHING_KNOWN = SampleDefaults(duration=1, size=2, flags=3)


def view(content: bytes) -> memoryview:
    return memoryview(content)


@pytest.mark.parametrize(
    ("start", "head"),
    [
        (b"\0\0\0\x08free", BoxHead(b"free", 8, 8)),
        (b"\0\0\0\x01mdat" + (1 << 33).to_bytes(8), BoxHead(b"mdat", 16, 1 << 33)),
        (b"\0\0\0\x01mdat\0\0\0", None),
        (b"\0\0\0\x08fre", None),
        (b"", None),
    ],
)
def test_a_head_is_read_once_it_has_come(start: bytes, head: BoxHead | None) -> None:
    assert read_head(start) == head


@pytest.mark.parametrize("start", [b"\0\0\0\x07free", b"\0\0\0\0mdat", b"\0\0\0\x01mdat" + (15).to_bytes(8)])
def test_a_box_is_no_shorter_than_its_head(start: bytes) -> None:
    with pytest.raises(BoxViolation, match="bytes long"):
        read_head(start)


def test_a_path_leads_into_boxes() -> None:
    file = view(box("moov", box("trak", b"one"), box("trak", b"two"), box("udta")))
    assert bytes(need_box(file, "moov/trak")) == b"one"
    assert [bytes(content) for content in all_boxes(need_box(file, "moov"), "trak")] == [b"one", b"two"]
    assert find_box(file, "moov/mvex/trex") is None
    with pytest.raises(BoxViolation, match="no moov/mvex box"):
        need_box(file, "moov/mvex")


@pytest.mark.parametrize("content", [box("free", b"abc")[:-1], box("free") + b"\0", box("free") + b"\0\0\0\x09free"])
def test_boxes_that_do_not_fill_their_room_are_refused(content: bytes) -> None:
    with pytest.raises(BoxViolation, match="longer than what holds it"):
        list(children(view(content)))


def test_there_is_a_limit_to_boxes_side_by_side() -> None:
    assert len(list(children(view(box("free") * 10_000)))) == 10_000
    with pytest.raises(BoxViolation, match="side by side"):
        list(children(view(box("free") * 10_001)))


@given(st.binary(max_size=200))
def test_random_bytes_are_boxes_or_a_named_error(content: bytes) -> None:
    with suppress(BoxViolation):
        assert sum(found.end - found.start for found in children(view(content))) == len(content)


def test_brands_are_written_as_the_standard_says() -> None:
    assert format_brands("ftyp", "iso6", "cmfc") == b"\0\0\0\x18ftypiso6\0\0\0\0iso6cmfc"


# --- fields -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "fields", "base", "defaults"),
    [
        (0x20000, b"", None, NOTHING_KNOWN),
        (0x38, pack("3I", 7, 8, 9), None, SampleDefaults(duration=7, size=8, flags=9)),
        (0x3B, pack("Q4I", 1 << 40, 1, 7, 8, 9), 1 << 40, SampleDefaults(duration=7, size=8, flags=9)),
        (0x10, pack("I", 8), None, SampleDefaults(duration=1, size=8, flags=3)),
        (0x22, pack("2I", 1, 9), None, SampleDefaults(duration=1, size=2, flags=9)),
    ],
)
def test_a_fragment_says_only_what_differs(
    flags: int, fields: bytes, base: int | None, defaults: SampleDefaults
) -> None:
    head = parse_tfhd(view(pack("2I", flags, 5) + fields), NOTHING_KNOWN)
    assert (head.track_id, head.base_data_offset, head.defaults) == (5, base, defaults)


def test_defaults_of_a_track_are_read() -> None:
    assert parse_trex(view(pack("6I", 0, 3, 1, 7, 8, 9))) == (3, SampleDefaults(duration=7, size=8, flags=9))


@pytest.mark.parametrize(
    ("content", "time"),
    [
        (pack("2I", 0, 0xFFFFFFFF), 0xFFFFFFFF),
        (pack("IQ", 1 << 24, 1 << 40), 1 << 40),
        (pack("Iq", 1 << 24, -1024), -1024),
    ],
)
def test_decode_times_are_of_32_or_64_bits_and_may_lie_before_zero(content: bytes, time: int) -> None:
    assert parse_tfdt(view(content)) == time


@pytest.mark.parametrize("version", [0, 1])
def test_the_language_is_packed_into_fifteen_bits(version: int) -> None:
    times = pack("2Q", 0, 0) if version else pack("2I", 0, 0)
    letters = (5 << 10) | (14 << 5) | 7
    rest = pack("I", 48000) + (pack("Q", 0) if version else pack("I", 0)) + pack("2H", letters, 0)
    assert parse_media_header(view(pack("I", version << 24) + times + rest)) == (48000, "eng")


def test_a_track_without_a_timescale_is_refused() -> None:
    with pytest.raises(BoxViolation, match="timescale"):
        parse_media_header(view(bytes(24)))


def edits(*entries: tuple[int, int, int, int], version: int = 0) -> memoryview:
    layout = "Qqhh" if version else "Iihh"
    return view(pack("2I", version << 24, len(entries)) + b"".join(pack(layout, *entry) for entry in entries))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("entries", "shift"),
    [
        ([(0, 0, 1, 0)], 0),
        ([(0, 1024, 1, 0)], -1024),
        ([(500, -1, 1, 0), (0, 1024, 1, 0)], 24000 - 1024),
        ([], 0),
    ],
)
def test_an_edit_list_shifts_a_track(entries: list[tuple[int, int, int, int]], shift: int, version: int) -> None:
    assert parse_edit_shift(edits(*entries, version=version), movie_timescale=1000, timescale=48000) == shift


@pytest.mark.parametrize(
    "entries", [[(9, 0, 1, 0), (9, 90, 1, 0)], [(9, 0, 2, 0)], [(9, 0, 0, 0)], [(9, 5, 1, 0), (9, -1, 1, 0)]]
)
def test_an_edit_list_that_cuts_is_refused(entries: list[tuple[int, int, int, int]]) -> None:
    with pytest.raises(BoxViolation, match="only a shift"):
        parse_edit_shift(edits(*entries), movie_timescale=1000, timescale=48000)


def test_an_edit_list_cannot_claim_entries_that_are_not_there() -> None:
    with pytest.raises(BoxViolation, match="claims 4294967295 entries"):
        parse_edit_shift(view(pack("2I", 0, 0xFFFFFFFF)), movie_timescale=1000, timescale=48000)


@pytest.mark.parametrize(
    "parse",
    [parse_tfdt, parse_trex, parse_media_header, lambda content: parse_tfhd(content, NOTHING_KNOWN)],
    ids=["tfdt", "trex", "mdhd", "tfhd"],
)
@pytest.mark.parametrize("size", [0, 3, 4, 7])
def test_a_box_that_is_cut_short_is_refused(parse: object, size: int) -> None:
    assert callable(parse)
    with pytest.raises(BoxViolation, match="too short"):
        parse(view(bytes(size)))


def test_a_box_beyond_four_gibibytes_gets_a_long_size() -> None:
    class Long(bytes):
        """Claims a length that nobody has the memory for."""

        def __len__(self) -> int:
            return 1 << 32

    assert struct.unpack_from(">I4sQ", full_box("mdat", 0, 0, Long(b"x"))) == (1, b"mdat", (1 << 32) + 4 + 16)
