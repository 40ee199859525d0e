"""Runs of samples read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.boxes import SampleDefaults, full_box, need_box, pack
from streaming.media.errors import BoxViolation
from streaming.media.fragments import parse_fragment
from streaming.media.samples import Run, Sample, format_chunk, parse_run
from tests.streaming.media.making import make_track

DEFAULTS = SampleDefaults(duration=100, size=7, flags=0x10000)
NON_SYNC, SYNC = 0x10000, 0x2000000


def run_of(flags: int, *numbers: int, count: int = 2, version: int = 0, layout: str = "") -> Run:
    content = pack("2I", version << 24 | flags, count) + pack(layout or f"{len(numbers)}I", *numbers)
    return parse_run(memoryview(content), DEFAULTS)


@pytest.mark.parametrize(
    ("flags", "numbers", "samples"),
    [
        (0, [], [(100, 7, False, 0), (100, 7, False, 0)]),
        (0x4, [SYNC], [(100, 7, True, 0), (100, 7, False, 0)]),
        (0x100, [5, 6], [(5, 7, False, 0), (6, 7, False, 0)]),
        (0x200, [8, 9], [(100, 8, False, 0), (100, 9, False, 0)]),
        (0x400, [SYNC, NON_SYNC], [(100, 7, True, 0), (100, 7, False, 0)]),
        (0x800, [0, 0xFFFFFFFF], [(100, 7, False, 0), (100, 7, False, 0xFFFFFFFF)]),
        (0xF00, [5, 8, SYNC, 1, 6, 9, NON_SYNC, 2], [(5, 8, True, 1), (6, 9, False, 2)]),
        (0x304, [SYNC, 5, 8, 6, 9], [(5, 8, True, 0), (6, 9, False, 0)]),
    ],
)
def test_every_field_is_optional(flags: int, numbers: list[int], samples: list[tuple[int, int, bool, int]]) -> None:
    assert run_of(flags, *numbers) == Run(tuple(Sample(*sample) for sample in samples), None)


def test_offsets_are_signed_from_version_1_on() -> None:
    run = run_of(0x801, -3, -5, 5, version=1, layout="iii")
    assert run.data_offset == -3
    assert [sample.composition_offset for sample in run.samples] == [-5, 5]


@pytest.mark.parametrize(("flags", "numbers"), [(0x100, [1]), (0x100, [1, 2, 3]), (0, [1]), (0xF00, [1] * 7)])
def test_a_run_is_as_long_as_its_samples(flags: int, numbers: list[int]) -> None:
    with pytest.raises(BoxViolation, match="bytes of fields"):
        run_of(flags, *numbers)


@pytest.mark.parametrize("flags", [0x1, 0x4])
def test_a_run_without_the_field_that_it_announces_is_refused(flags: int) -> None:
    with pytest.raises(BoxViolation, match="too short"):
        run_of(flags)


def test_a_run_without_samples_is_empty() -> None:
    assert run_of(0x4, SYNC, count=0) == Run((), None)


samples = st.builds(
    Sample,
    duration=st.integers(0, 0xFFFFFFFF),
    size=st.integers(0, 20),
    is_sync=st.booleans(),
    composition_offset=st.integers(-0x80000000, 0x7FFFFFFF),
)


@given(st.lists(samples, min_size=1, max_size=20), st.integers(0, (1 << 63) - 1), st.integers(0, 0xFFFFFFFF))
def test_what_is_written_is_read_again(written: list[Sample], decode_time: int, sequence: int) -> None:
    payload = bytes(index % 251 for index in range(sum(sample.size for sample in written)))
    chunk = memoryview(format_chunk(sequence=sequence, decode_time=decode_time, samples=written, payload=[payload]))
    moof = need_box(chunk, "moof")
    data = need_box(chunk, "mdat")
    found = parse_fragment(moof, data, track=make_track(), moof_at=0, data_at=len(chunk) - len(data))
    assert (list(found.samples), found.decode_time, found.payload) == (written, decode_time, payload)
    assert need_box(moof, "mfhd")[4:] == sequence.to_bytes(4)


def test_what_all_samples_share_is_written_once() -> None:
    sound = [Sample(1024, 1, True, 0)] * 100
    picture = [Sample(512, 1, index == 0, 0) for index in range(100)]
    uneven = [Sample(512 + index, 1, index % 2 == 0, index) for index in range(100)]
    sizes = [
        len(format_chunk(sequence=1, decode_time=0, samples=found, payload=[bytes(100)])) - 100
        for found in (sound, picture, uneven)
    ]
    assert sizes[0] == sizes[1] < 100 * 4 + 120
    assert 4 * 100 * 4 < sizes[2] < 4 * 100 * 4 + 120


def test_a_chunk_brings_the_bytes_of_its_samples() -> None:
    with pytest.raises(BoxViolation, match="do not add up to 3 bytes"):
        format_chunk(sequence=1, decode_time=0, samples=[Sample(1, 2, True, 0)], payload=[b"abc"])


def test_a_chunk_without_samples_is_none() -> None:
    with pytest.raises(BoxViolation, match="0 samples"):
        format_chunk(sequence=1, decode_time=0, samples=[], payload=[])


def test_no_chunk_begins_before_the_timeline() -> None:
    with pytest.raises(BoxViolation, match="before the timeline"):
        format_chunk(sequence=1, decode_time=-1, samples=[Sample(1, 1, True, 0)], payload=[b"a"])


def test_a_payload_in_pieces_is_joined() -> None:
    whole = format_chunk(sequence=1, decode_time=0, samples=[Sample(1, 4, True, 0)], payload=[b"ab", memoryview(b"cd")])
    assert bytes(need_box(memoryview(whole), "mdat")) == b"abcd"
    assert bytes(need_box(memoryview(whole), "moof/traf/tfdt")) == full_box("tfdt", 1, 0, bytes(8))[8:]
