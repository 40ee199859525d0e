"""Codec records built bit by bit, with the parts that real encoders rarely use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.codecs import parse_aac_configuration, parse_av1_configuration, parse_avc_configuration
from streaming.rtmp.errors import MediaViolation
from tests.streaming.rtmp.test_codecs import BitWriter, avc_record

HIGH, HIGH_10, HIGH_422, HIGH_444, BASELINE = 100, 110, 122, 244, 66
PROFILES_WITH_CHROMA = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
GRAY, C420, C422, C444 = range(4)
# How many luma samples one step of cropping stands for, by chroma format (14496-10, table 6-1).
CROP_STEPS = {GRAY: (1, 1), C420: (2, 2), C422: (2, 1), C444: (1, 1)}
RATES_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
CHANNELS = {0: None, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8}


def sps(
    writer: BitWriter, size_mb: tuple[int, int], *, profile: int, is_frame_only: bool = True, crop: tuple[int, ...] = ()
) -> bytes:
    """Finish a sequence parameter set behind its chroma part; sizes are in macroblocks, or field units for height."""
    writer.unsigned(0, 2, 1).put(0, 1).unsigned(size_mb[0] - 1, size_mb[1] - 1).put(is_frame_only, 1)
    writer.put(0, 1 if is_frame_only else 2)
    # direct_8x8_inference stands there as well.
    writer.put(bool(crop), 1).unsigned(*crop).put(0, 1)
    return escaped(bytes((0x67, profile, 0, 31)) + writer.to_bytes())


def escaped(unit: bytes) -> bytes:
    """Put in the bytes that keep start codes out (7.4.1)."""
    out, zeros = bytearray(), 0
    for byte in unit:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def chroma(chroma_format: int, *, is_planar: bool = False, bit_depth: int = 8) -> BitWriter:
    writer = BitWriter().unsigned(0, chroma_format)
    if chroma_format == C444:
        writer.put(is_planar, 1)
    return writer.unsigned(bit_depth - 8, bit_depth - 8).put(0, 1)


def size_of(unit: bytes) -> tuple[int | None, int | None]:
    found = parse_avc_configuration(avc_record(unit))
    return found.width_px, found.height_px


# --- H.264 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_frame_only", [True, False], ids=["progressive", "interlaced"])
@pytest.mark.parametrize("chroma_format", [GRAY, C420, C422, C444])
def test_cropping_counts_in_the_steps_of_its_chroma_format(chroma_format: int, is_frame_only: bool) -> None:
    unit = sps(
        chroma(chroma_format).put(0, 1), (20, 10), profile=HIGH_444, is_frame_only=is_frame_only, crop=(1, 2, 3, 4)
    )
    rows = 1 if is_frame_only else 2
    step_x, step_y = CROP_STEPS[chroma_format]
    assert size_of(unit) == (320 - 3 * step_x, 160 * rows - 7 * step_y * rows)


def test_planes_that_are_coded_apart_are_cropped_one_by_one() -> None:
    unit = sps(chroma(C444, is_planar=True).put(0, 1), (20, 10), profile=HIGH_444, crop=(0, 1, 0, 1))
    assert size_of(unit) == (319, 159)


@pytest.mark.parametrize("profile", PROFILES_WITH_CHROMA)
def test_every_high_profile_has_a_chroma_part(profile: int) -> None:
    assert size_of(sps(chroma(C420).put(0, 1), (120, 68), profile=profile, crop=(0, 0, 0, 4))) == (1920, 1080)


@pytest.mark.parametrize("profile", [66, 77, 88])
def test_the_older_profiles_have_none(profile: int) -> None:
    assert size_of(sps(BitWriter().unsigned(0), (45, 36), profile=profile)) == (720, 576)


@pytest.mark.parametrize(("profile", "bit_depth"), [(HIGH_10, 10), (HIGH_422, 10), (HIGH_444, 14)])
def test_more_bits_a_sample_change_nothing_of_the_size(profile: int, bit_depth: int) -> None:
    assert size_of(sps(chroma(C420, bit_depth=bit_depth).put(0, 1), (80, 45), profile=profile)) == (1280, 720)


@pytest.mark.parametrize(("chroma_format", "lists"), [(C420, 8), (C444, 12)])
def test_all_scaling_lists_are_stepped_over(chroma_format: int, lists: int) -> None:
    writer = chroma(chroma_format).put(1, 1)
    for index in range(lists):
        writer.put(1, 1)
        # Rising by one at each step: nothing ends a list early.
        for _ in range(16 if index < 6 else 64):
            writer.signed(1)
    assert size_of(sps(writer, (80, 45), profile=HIGH)) == (1280, 720)


def test_a_scaling_list_that_ends_early_is_left_at_once() -> None:
    writer = chroma(C420).put(1, 1)
    for _ in range(8):
        writer.put(1, 1).signed(8).signed(-16)
    assert size_of(sps(writer, (80, 45), profile=HIGH)) == (1280, 720)


@given(
    st.tuples(st.integers(1, 512), st.integers(1, 300)),
    st.sampled_from([GRAY, C420, C422, C444]),
    st.booleans(),
    st.tuples(*[st.integers(0, 9)] * 4),
)
def test_any_size_and_cropping_comes_out_as_it_was_put_in(
    size_mb: tuple[int, int], chroma_format: int, is_frame_only: bool, crop: tuple[int, int, int, int]
) -> None:
    unit = sps(chroma(chroma_format).put(0, 1), size_mb, profile=HIGH_444, is_frame_only=is_frame_only, crop=crop)
    (step_x, step_y), rows = CROP_STEPS[chroma_format], 1 if is_frame_only else 2
    width_px = size_mb[0] * 16 - (crop[0] + crop[1]) * step_x
    height_px = (size_mb[1] * 16 - (crop[2] + crop[3]) * step_y) * rows
    if width_px <= 0 or height_px <= 0:
        with pytest.raises(MediaViolation, match="cropped to nothing"):
            size_of(unit)
    else:
        assert size_of(unit) == (width_px, height_px)


def test_a_set_that_ends_anywhere_is_refused_or_complete() -> None:
    unit = sps(chroma(C420).put(0, 1), (120, 68), profile=HIGH, crop=(0, 0, 0, 4))
    for size in range(4, len(unit) - 1):
        with pytest.raises(MediaViolation, match="cut short"):
            size_of(unit[:size])


def test_only_the_first_of_several_sets_is_read() -> None:
    first = sps(BitWriter().unsigned(0), (40, 30), profile=BASELINE)
    second = sps(BitWriter().unsigned(0), (80, 45), profile=BASELINE)
    units = b"".join(len(unit).to_bytes(2) + unit for unit in (first, second))
    found = parse_avc_configuration(b"\x01" + first[1:4] + b"\xff\xe2" + units + b"\x00")
    assert (found.width_px, found.height_px) == (640, 480)


# --- AAC --------------------------------------------------------------------------------------------------------------


def aac(object_type: int, rate_index: int, channel_index: int) -> BitWriter:
    writer = BitWriter()
    if object_type < 31:
        writer.put(object_type, 5)
    else:
        writer.put(31, 5).put(object_type - 32, 6)
    return writer.put(rate_index, 4).put(channel_index, 4)


@pytest.mark.parametrize(("index", "rate_hz"), [*enumerate(RATES_HZ)])
def test_every_sampling_rate_of_the_table(index: int, rate_hz: int) -> None:
    assert parse_aac_configuration(aac(2, index, 2).to_bytes()).sample_rate_hz == rate_hz


@pytest.mark.parametrize("index", [13, 14])
def test_reserved_sampling_rates_are_refused(index: int) -> None:
    with pytest.raises(MediaViolation, match=f"index {index} is reserved"):
        parse_aac_configuration(aac(2, index, 2).to_bytes())


@pytest.mark.parametrize(("index", "channels"), [*CHANNELS.items()])
def test_every_channel_configuration_of_the_table(index: int, channels: int | None) -> None:
    assert parse_aac_configuration(aac(2, 4, index).to_bytes()).channels == channels


@pytest.mark.parametrize("rate_hz", [1, 44056, 192_000, 2**24 - 1])
def test_a_rate_may_be_spelled_out(rate_hz: int) -> None:
    record = BitWriter().put(2, 5).put(15, 4).put(rate_hz, 24).put(2, 4).to_bytes()
    found = parse_aac_configuration(record)
    assert (found.sample_rate_hz, found.channels) == (rate_hz, 2)


@pytest.mark.parametrize(("object_type", "channels"), [(5, 1), (29, 2)], ids=["SBR", "parametric stereo"])
def test_with_sbr_the_rate_is_that_of_the_output_even_spelled_out(object_type: int, channels: int) -> None:
    tabled = aac(object_type, 7, 1).put(4, 4).put(2, 5).to_bytes()
    spelled = aac(object_type, 7, 1).put(15, 4).put(44_100, 24).put(2, 5).to_bytes()
    for record in (tabled, spelled):
        found = parse_aac_configuration(record)
        assert (found.codec_string, found.sample_rate_hz, found.channels) == (
            f"mp4a.40.{object_type}",
            44_100,
            channels,
        )


@pytest.mark.parametrize("object_type", [1, 2, 30, 32, 39, 42, 95])
def test_object_types_above_30_are_spelled_in_eleven_bits(object_type: int) -> None:
    found = parse_aac_configuration(aac(object_type, 3, 2).to_bytes())
    assert (found.codec_string, found.sample_rate_hz) == (f"mp4a.40.{object_type}", 48_000)


@pytest.mark.parametrize("record", [b"\x12", b"\x17\x80\x5d", b"\xff", b"\x2b\x92"[:1]])
def test_aac_records_cut_short_are_refused(record: bytes) -> None:
    with pytest.raises(MediaViolation, match="cut short"):
        parse_aac_configuration(record)


# --- AV1 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "flags", "depth"),
    [(0, 0, 8), (0, 0x40, 10), (1, 0x40, 10), (2, 0x40, 10), (2, 0x60, 12), (0, 0x60, 10)],
)
@pytest.mark.parametrize(("tier_bit", "tier"), [(0, "M"), (0x80, "H")])
def test_av1_depth_and_tier(profile: int, flags: int, depth: int, tier_bit: int, tier: str) -> None:
    record = bytes((0x81, profile << 5 | 13, tier_bit | flags, 0))
    assert parse_av1_configuration(record).codec_string == f"av01.{profile}.13{tier}.{depth:02d}"
