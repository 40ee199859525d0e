"""Headers of tracks, sample entries, codec strings, and init segments."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.boxes import box, find_box, full_box, need_box, pack
from streaming.media.errors import BoxViolation, CodecUnknown
from streaming.media.sample_entries import Picture, Sound, VideoRange, parse_sample_entry
from streaming.media.tracks import Track, format_init, parse_track
from tests.streaming.media.making import (
    AAC,
    AVC,
    AVC_RECORD,
    audio_entry,
    esds,
    make_sound_track,
    make_track,
    visual_entry,
)

HEVC_RECORD = bytes.fromhex("01016000000090000000000078f000fcfdf8f800000f00")
AV1_RECORD = bytes.fromhex("81050c00")


def moov_of(track: Track) -> bytes:
    return bytes(need_box(memoryview(format_init(track)), "moov"))


@pytest.mark.parametrize("track", [make_track(), make_sound_track(language="deu", timescale=44100)])
def test_an_init_segment_is_read_again(track: Track) -> None:
    assert parse_track(memoryview(moov_of(track))) == track


def test_an_init_segment_has_no_edit_list_and_the_brand_that_allows_for_it() -> None:
    init = memoryview(format_init(make_track(shift=-1024)))
    assert bytes(need_box(init, "ftyp")[:4]) == b"cmf2"
    assert find_box(init, "moov/trak/edts") is None
    assert parse_track(need_box(init, "moov")).shift == 0


def test_an_edit_list_is_told_as_a_shift() -> None:
    moov = moov_of(make_sound_track())
    trak = bytes(need_box(memoryview(moov), "trak"))
    edits = box("edts", full_box("elst", 0, 0, pack("IIihh", 1, 0, 1024, 1, 0)))
    moov = moov.replace(box("trak", trak), box("trak", trak, edits))
    assert parse_track(memoryview(moov)).shift == -1024


@pytest.mark.parametrize(
    ("entry", "picture"),
    [
        (visual_entry("avc1", box("avcC", AVC_RECORD)), AVC),
        (
            visual_entry("hvc1", box("hvcC", HEVC_RECORD), width_px=1920, height_px=800),
            Picture(codec="hvc1.1.6.L120.90", width_px=1920, height_px=800, video_range=VideoRange.SDR),
        ),
        (
            visual_entry("hev1", box("hvcC", HEVC_RECORD), box("colr", b"nclx", pack("3HB", 9, 16, 9, 0))),
            Picture(codec="hev1.1.6.L120.90", width_px=320, height_px=180, video_range=VideoRange.PQ),
        ),
        (
            visual_entry("av01", box("colr", b"nclx", pack("3HB", 9, 18, 9, 0)), box("av1C", AV1_RECORD)),
            Picture(codec="av01.0.05M.08", width_px=320, height_px=180, video_range=VideoRange.HLG),
        ),
        (
            visual_entry("avc1", box("colr", b"prof" + bytes(8)), box("avcC", AVC_RECORD)),
            AVC,
        ),
    ],
)
def test_pictures_have_their_codec_string(entry: bytes, picture: Picture) -> None:
    assert parse_sample_entry(memoryview(entry), "vide") == picture


@pytest.mark.parametrize(
    ("entry", "sound"),
    [
        (audio_entry("mp4a", esds()), AAC),
        (
            audio_entry("mp4a", esds(bytes.fromhex("2b92080000"))),
            Sound(codec="mp4a.40.5", sample_rate_hz=44100, channels=2),
        ),
        (
            audio_entry("Opus", box("dOps", bytes((0, 6)) + bytes(9))),
            Sound(codec="opus", sample_rate_hz=48000, channels=6),
        ),
        (
            audio_entry("ac-3", box("dac3", bytes.fromhex("103c40"))),
            Sound(codec="ac-3", sample_rate_hz=48000, channels=6),
        ),
        (
            audio_entry("ac-3", box("dac3", bytes.fromhex("101040")), channels=6),
            Sound(codec="ac-3", sample_rate_hz=48000, channels=2),
        ),
        (
            audio_entry("ec-3", box("dec3", bytes.fromhex("0c00200f00")), channels=6),
            Sound(codec="ec-3", sample_rate_hz=48000, channels=6),
        ),
    ],
    ids=lambda value: None if isinstance(value, Sound) else "entry",
)
def test_sound_has_its_codec_string(entry: bytes, sound: Sound) -> None:
    assert parse_sample_entry(memoryview(entry), "soun") == sound


@pytest.mark.parametrize(
    ("entry", "handler", "error", "words"),
    [
        (visual_entry("mp4v", box("esds", bytes(9))), "vide", CodecUnknown, "'mp4v'"),
        (visual_entry("encv", box("avcC", AVC_RECORD)), "vide", CodecUnknown, "'encv'"),
        (visual_entry("avc1", box("avcC", AVC_RECORD)), "soun", CodecUnknown, "'soun'"),
        (audio_entry("mp4a", esds(kind=0x6B)), "soun", CodecUnknown, "0x6b"),
        (visual_entry("avc1"), "vide", BoxViolation, "no avcC"),
        (visual_entry("avc1", box("avcC", b"\1")), "vide", BoxViolation, "cut short"),
        (visual_entry("avc1", box("avcC", AVC_RECORD), width_px=0), "vide", BoxViolation, "0x180"),
        (audio_entry("mp4a"), "soun", BoxViolation, "no esds"),
        (audio_entry("mp4a", full_box("esds", 0, 0, b"\x03\x20\0\0")), "soun", BoxViolation, "cut short"),
        (audio_entry("Opus", box("dOps", bytes(2)), channels=0), "soun", BoxViolation, "0 channels"),
        (audio_entry("mp4a", esds())[:40], "soun", BoxViolation, "longer"),
        (bytes(4) + pack("I", 0), "vide", BoxViolation, "0 sample entries"),
    ],
)
def test_a_sample_entry_that_cannot_be_told_is_refused(
    entry: bytes, handler: str, error: type[BoxViolation], words: str
) -> None:
    with pytest.raises(error, match=words):
        parse_sample_entry(memoryview(entry), handler)


def test_descriptors_may_have_long_sizes_and_optional_fields() -> None:
    info = b"\x05\x80\x80\x80\x02\x11\x90"
    config = b"\x04\x80\x80\x80" + bytes((13 + len(info), 0x40, 0x15)) + bytes(11) + info
    optional = b"\0\1\xe0\0\2\3url\0\3"
    stream = b"\x03\x80\x80\x80" + bytes((len(optional) + len(config),)) + optional + config
    assert parse_sample_entry(memoryview(audio_entry("mp4a", full_box("esds", 0, 0, stream))), "soun") == AAC


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda moov: moov.replace(b"trex", b"free"), "not fragmented"),
        (lambda moov: moov.replace(b"mvex", b"free"), "no mvex"),
        (lambda moov: moov.replace(b"trak", b"free"), "0 tracks"),
        (lambda moov: moov + box("trak", bytes(need_box(memoryview(moov), "trak"))), "2 tracks"),
        (lambda moov: moov.replace(b"stsd", b"free"), "no mdia/minf/stbl/stsd"),
    ],
)
def test_a_header_of_anything_but_one_fragmented_track_is_refused(damage: object, words: str) -> None:
    assert callable(damage)
    with pytest.raises(BoxViolation, match=words):
        parse_track(memoryview(damage(moov_of(make_track()))))


@given(st.data())
def test_a_damaged_header_is_read_or_refused_by_name(data: st.DataObject) -> None:
    track = data.draw(st.sampled_from([make_track(), make_sound_track()]))
    moov = bytearray(moov_of(track))
    for _ in range(data.draw(st.integers(1, 4))):
        moov[data.draw(st.integers(0, len(moov) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BoxViolation):
        assert parse_track(memoryview(bytes(moov))).timescale
