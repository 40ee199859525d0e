from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.bits import BitReader
from streaming.rtmp.codecs import (
    parse_aac_configuration,
    parse_audio_configuration,
    parse_av1_configuration,
    parse_avc_configuration,
    parse_hevc_configuration,
    parse_opus_configuration,
    parse_video_configuration,
)
from streaming.rtmp.errors import MediaUnsupported, MediaViolation
from streaming.rtmp.flv import AudioCodec, VideoCodec

X264_HIGH = "0164000cffe100196764000cacd9428df930110000030001000003001e0f14299601000468efbcb0fdf8f800"
X264_444 = "01f4000affe1001e67f4000a90d9b2851bf3e02d41818190000003001000000301e8f122596001000668ebec448440"
X265 = (
    "0101600000009000000000001ef000fcfdf8f800000f04200001001840010c01ffff0160000003009000000300000300"
    "1e959809210001002a42010101600000030090000003000003001ea0142061f265959a4932bc05a020000003002000000301e1"
    "22000100074401c172b4624027000108"
)


class BitWriter:
    """Write what `BitReader` reads."""

    def __init__(self) -> None:
        self.bits = ""

    def put(self, value: int, count: int) -> "BitWriter":
        self.bits += f"{value:0{count}b}"
        return self

    def unsigned(self, *values: int) -> "BitWriter":
        for value in values:
            code = f"{value + 1:b}"
            self.bits += "0" * (len(code) - 1) + code
        return self

    def signed(self, value: int) -> "BitWriter":
        return self.unsigned(2 * value - 1 if value > 0 else -2 * value)

    def to_bytes(self) -> bytes:
        padded = self.bits + "1" + "0" * (-(len(self.bits) + 1) % 8)
        return int(padded, 2).to_bytes(len(padded) // 8)


def avc_record(sps: bytes) -> bytes:
    return b"\x01" + sps[1:4] + b"\xff\xe1" + len(sps).to_bytes(2) + sps + b"\x00"


def baseline_sps(
    width_mb: int,
    height_mb: int,
    *,
    is_frame_only: bool = True,
    crop: tuple[int, ...] = (),
    shape: tuple[int, ...] = (),
) -> bytes:
    """Return a parameter set; `shape` are the fields of the VUI that say what the pixels are like."""
    writer = BitWriter().unsigned(0, 0, 2, 1)
    writer.put(0, 1).unsigned(width_mb - 1, height_mb - 1).put(is_frame_only, 1)
    if not is_frame_only:
        writer.put(0, 1)
    writer.put(1, 1).put(bool(crop), 1)
    writer.unsigned(*crop).put(bool(shape), 1)
    if shape:
        writer.put(1, 1).put(shape[0], 8)
    for side in shape[1:]:
        writer.put(side, 16)
    return b"\x67\x42\xc0\x1e" + writer.to_bytes()


@pytest.mark.parametrize(
    ("record", "codec_string", "width_px", "height_px"),
    [
        (bytes.fromhex(X264_HIGH), "avc1.64000c", 160, 90),
        (bytes.fromhex(X264_444), "avc1.f4000a", 160, 90),
        (avc_record(baseline_sps(40, 23, crop=(0, 0, 0, 4))), "avc1.42c01e", 640, 360),
        (avc_record(baseline_sps(120, 34, is_frame_only=False, crop=(0, 0, 0, 2))), "avc1.42c01e", 1920, 1080),
        (avc_record(baseline_sps(2, 2, crop=(1, 2, 3, 4))), "avc1.42c01e", 26, 18),
    ],
)
def test_h264_record_gives_codec_string_and_size(
    record: bytes, codec_string: str, width_px: int, height_px: int
) -> None:
    found = parse_avc_configuration(record)
    assert (found.codec, found.codec_string) == (VideoCodec.AVC, codec_string)
    assert (found.width_px, found.height_px) == (width_px, height_px)
    assert found.nal_length_bytes == 4


@pytest.mark.parametrize(
    ("sps", "is_progressive", "has_square_pixels"),
    [
        (baseline_sps(2, 2), True, True),
        (baseline_sps(2, 2, is_frame_only=False), False, True),
        (baseline_sps(2, 2, shape=(1,)), True, True),
        (baseline_sps(2, 2, shape=(2,)), True, False),
        (baseline_sps(2, 2, shape=(255, 3, 3)), True, True),
        (baseline_sps(2, 2, shape=(255, 4, 3)), True, False),
    ],
)
def test_h264_record_tells_what_the_picture_is_like(sps: bytes, is_progressive: bool, has_square_pixels: bool) -> None:
    found = parse_avc_configuration(avc_record(sps))
    assert (found.is_progressive, found.has_square_pixels) == (is_progressive, has_square_pixels)


def test_h264_scaling_lists_and_picture_order_type_1_are_stepped_over() -> None:
    writer = BitWriter().unsigned(0, 1, 0, 0).put(0, 1)  # id, 4:2:0, 8 bits each, no bypass
    writer.put(1, 1).put(1, 1)
    for _ in range(16):
        writer.signed(1)
    writer.put(0, 6).put(1, 1).signed(-8)
    writer.unsigned(0, 1).put(0, 1).signed(-3).signed(2).unsigned(2).signed(5).signed(-5)
    writer.unsigned(4).put(0, 1).unsigned(79, 44).put(1, 1).put(1, 1).put(0, 1).put(0, 1)
    size = parse_avc_configuration(avc_record(b"\x67\x64\x00\x1f" + writer.to_bytes()))
    assert (size.width_px, size.height_px) == (1280, 720)


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (b"", "is cut short or of unknown version"),
        (bytes.fromhex("00" + X264_HIGH[2:]), "of unknown version"),
        (bytes.fromhex(X264_HIGH[:10] + "e0" + X264_HIGH[12:]), "no sequence parameter set"),
        (bytes.fromhex(X264_HIGH)[:20], "no sequence parameter set"),
        (avc_record(baseline_sps(2, 2, crop=(10, 10, 0, 0))), "cropped to nothing"),
        (avc_record(baseline_sps(1, 5000)), "is 1x5000 macroblocks"),
        (avc_record(b"\x67\x42\xc0\x1e\x00\x00\x00\x00\x00\x00\x00"), "over 32 bits"),
        (avc_record(b"\x67\x42\xc0\x1e"), "cut short"),
        (avc_record(b"\x67\x64\x00\x1f" + BitWriter().unsigned(0, 4).to_bytes()), "chroma format 4 is reserved"),
    ],
)
def test_malformed_h264_records_are_refused(record: bytes, sentence: str) -> None:
    with pytest.raises(MediaViolation, match=sentence):
        parse_avc_configuration(record)


def test_hevc_under_the_label_of_h264_is_named() -> None:
    with pytest.raises(MediaUnsupported, match="HEVC labelled as H"):
        parse_avc_configuration(bytes.fromhex(X265))


@pytest.mark.parametrize(
    ("record", "codec_string"),
    [
        (X265, "hvc1.1.6.L30.90"),
        ("01 22 20000000 b00000000000 78" + "00" * 10, "hvc1.2.4.H120.B0"),
        ("01 41 60000000 000000000000 5d" + "00" * 10, "hvc1.A1.6.L93"),
    ],
)
def test_hevc_codec_strings(record: str, codec_string: str) -> None:
    assert parse_hevc_configuration(bytes.fromhex(record)).codec_string == codec_string


@pytest.mark.parametrize(
    ("record", "codec_string"),
    [("81000c00", "av01.0.00M.08"), ("81094c00", "av01.0.09M.10"), ("8148ec00", "av01.2.08H.12")],
)
def test_av1_codec_strings(record: str, codec_string: str) -> None:
    assert parse_av1_configuration(bytes.fromhex(record)).codec_string == codec_string


@pytest.mark.parametrize(
    ("record", "codec_string", "sample_rate_hz", "channels"),
    [
        ("1210", "mp4a.40.2", 44100, 2),
        ("120856e500", "mp4a.40.2", 44100, 1),
        ("1190", "mp4a.40.2", 48000, 2),
        ("11b0", "mp4a.40.2", 48000, 6),
        ("2b920800", "mp4a.40.5", 44100, 2),
        ("eb8a0800", "mp4a.40.29", 44100, 2),
        ("17805dc000", "mp4a.40.2", 48000, None),
        ("1180", "mp4a.40.2", 48000, None),
        ("f8e620", "mp4a.40.39", 48000, 1),
    ],
)
def test_aac_records(record: str, codec_string: str, sample_rate_hz: int, channels: int | None) -> None:
    found = parse_aac_configuration(bytes.fromhex(record))
    assert (found.codec_string, found.sample_rate_hz, found.channels) == (codec_string, sample_rate_hz, channels)


def test_opus_header() -> None:
    found = parse_opus_configuration(b"OpusHead\x01\x02" + bytes(9))
    assert (found.codec_string, found.sample_rate_hz, found.channels) == ("opus", 48000, 2)


@pytest.mark.parametrize(
    ("parse", "record"),
    [
        (parse_hevc_configuration, X265[:40]),
        (parse_av1_configuration, "8100"),
        (parse_av1_configuration, "01000000"),
        (parse_aac_configuration, ""),
        (parse_aac_configuration, "1690"),
        (parse_opus_configuration, "4f70757348656164"),
    ],
)
def test_malformed_records_are_refused(parse: Callable[[bytes], object], record: str) -> None:
    with pytest.raises(MediaViolation):
        parse(bytes.fromhex(record))


def test_records_of_other_codecs_are_not_read() -> None:
    assert parse_video_configuration(VideoCodec.VP9, b"") is None
    assert parse_audio_configuration(AudioCodec.MP3, b"") is None


@given(
    st.sampled_from([*VideoCodec]),
    st.binary(max_size=80)
    | st.binary(max_size=60).map(lambda tail: b"\x01\x64\x00\x1f\xff\xe1" + len(tail).to_bytes(2) + tail)
    | st.binary(max_size=60).map(lambda tail: avc_record(b"\x67\x64\x00\x1f" + tail)),
)
def test_any_video_record_is_read_or_refused(codec: VideoCodec, record: bytes) -> None:
    with suppress(MediaViolation):
        found = parse_video_configuration(codec, record)
        assert found is None or found.codec_string


@given(st.sampled_from([*AudioCodec]), st.binary(max_size=40))
def test_any_audio_record_is_read_or_refused(codec: AudioCodec, record: bytes) -> None:
    with suppress(MediaViolation):
        found = parse_audio_configuration(codec, record)
        assert found is None or found.sample_rate_hz >= 0


@given(st.lists(st.integers(-(2**20), 2**20)))
def test_exp_golomb_codes_are_read_as_written(written: list[int]) -> None:
    writer = BitWriter()
    for value in written:
        writer.signed(value)
    reader = BitReader(writer.to_bytes())
    assert [reader.signed() for _ in written] == written
