"""What of an encoder's picture and sound is fit to be passed on: a table."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from streaming.media.live.copying import CopyFault, is_sound_copyable, picture_fault
from streaming.media.live.plan import LiveNote, Preset
from streaming.media.live.source import KeyFrame, SourceFormat, source_format
from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.flv import AudioCodec, VideoCodec
from tests.streaming.media.live.publishing import AVC_HEADER, FULL_HD, make_plan, video

HEADER = VideoConfiguration(
    codec=VideoCodec.AVC,
    codec_string="avc1.640028",
    width_px=1920,
    height_px=1080,
    nal_length_bytes=4,
    is_progressive=True,
    has_square_pixels=True,
)
SOUND = AudioConfiguration(codec=AudioCodec.AAC, codec_string="mp4a.40.2", sample_rate_hz=48_000, channels=2)
SOURCE = replace(
    FULL_HD,
    video=HEADER,
    audio=SOUND,
    audio_bitrate_bps=128_000,
    bitrate_bps=6_000_000,
    key_frame=KeyFrame(is_clean=True, group_frames=60),
)
RATE, WITHIN_S = Fraction(30), Fraction(5, 2)


def with_header(**changes: Any) -> SourceFormat:
    return replace(SOURCE, video=replace(HEADER, **changes))


def with_group(frames: int | None) -> SourceFormat:
    return replace(SOURCE, key_frame=KeyFrame(is_clean=True, group_frames=frames))


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (SOURCE, None),
        (with_header(codec_string="avc1.42c01f"), None),
        (with_header(codec_string="avc1.4d4028"), None),
        (replace(SOURCE, bitrate_bps=None), None),
        (replace(SOURCE, bitrate_bps=8_000_000), None),
        (replace(SOURCE, bitrate_bps=8_000_001), CopyFault.BITRATE),
        (with_group(None), None),
        (with_group(74), None),
        (with_group(75), CopyFault.KEY_FRAMES),
        (with_group(250), CopyFault.KEY_FRAMES),
        (replace(SOURCE, key_frame=KeyFrame(is_clean=False)), CopyFault.OPEN_GROUPS),
        (replace(SOURCE, key_frame=None), CopyFault.CODEC),
        (replace(SOURCE, video=None), CopyFault.CODEC),
        (replace(SOURCE, video_codec=VideoCodec.HEVC), CopyFault.CODEC),
        (with_header(codec_string="avc1.6e0028"), CopyFault.PROFILE),
        (with_header(codec_string="avc1.f40028"), CopyFault.PROFILE),
        (with_header(codec_string="avc1.64003c"), CopyFault.PROFILE),
        (with_header(is_progressive=False), CopyFault.INTERLACED),
        (with_header(has_square_pixels=False), CopyFault.PIXELS),
        (with_header(width_px=1936), CopyFault.SIZE),
        (replace(SOURCE, frame_rate=None), CopyFault.FRAME_RATE),
        (replace(SOURCE, frame_rate=Fraction(25)), CopyFault.FRAME_RATE),
        (replace(SOURCE, frame_rate=Fraction(30_003, 1000)), None),
    ],
)
def test_a_picture_is_passed_on_if_it_can_stand_in_for_the_rung(source: SourceFormat, fault: CopyFault | None) -> None:
    rendition = make_plan().video[0].rendition
    assert picture_fault(source, rendition, rate=RATE, within_s=WITHIN_S) is fault


@pytest.mark.parametrize(
    ("source", "is_fit"),
    [
        (SOURCE, True),
        (replace(SOURCE, audio=None), False),
        (replace(SOURCE, audio=replace(SOUND, codec_string="mp4a.40.5")), False),
        (replace(SOURCE, audio=replace(SOUND, sample_rate_hz=44_100)), False),
        (replace(SOURCE, audio=replace(SOUND, channels=1)), False),
        (replace(SOURCE, audio_bitrate_bps=None), False),
        (replace(SOURCE, audio_bitrate_bps=160_000), False),
    ],
)
def test_sound_is_passed_on_if_it_is_what_we_should_make_of_it(source: SourceFormat, is_fit: bool) -> None:
    assert is_sound_copyable(source, rate_hz=48_000, bitrate_bps=128_000) is is_fit


def test_the_first_key_frame_tells_what_groups_are_like() -> None:
    x264 = b"\x06\x05\x20x264 - core 164 - H.264/MPEG-4 AVC codec - options: cabac=0 keyint=%s keyint_min=6 scenecut=0"
    idr = (4).to_bytes(4) + b"\x65abc"

    def key_frame(*nals: bytes) -> KeyFrame | None:
        frame = b"\x17\x01\x00\x00\x00" + b"".join(nals)
        return source_format([video(0, AVC_HEADER), video(0, frame)]).key_frame

    def told(keyint: bytes) -> bytes:
        nal = x264 % keyint
        return len(nal).to_bytes(4) + nal

    assert key_frame(idr) == KeyFrame(is_clean=True)
    assert key_frame(told(b"48"), idr) == KeyFrame(is_clean=True, group_frames=48)
    assert key_frame(told(b"infinite"), idr) == KeyFrame(is_clean=True, group_frames=1_000_000)
    assert key_frame((4).to_bytes(4) + b"\x41abc") == KeyFrame(is_clean=False)
    assert key_frame((900).to_bytes(4) + b"\x65abc", idr) == KeyFrame(is_clean=False)
    assert key_frame() == KeyFrame(is_clean=False)


def test_the_plan_passes_on_the_largest_rung_alone() -> None:
    plan = make_plan(SOURCE, may_copy=True)
    assert [track.is_copy for track in plan.video] == [True, False, False]
    assert plan.audio.is_copy
    assert plan.copied_ceilings_bps == {"v-h264-1920x1080": 10_000_000, "a1-stereo": 144_000}
    assert plan.outputs == make_plan(SOURCE).outputs
    assert not make_plan(SOURCE).copies


def test_what_is_passed_on_is_no_work() -> None:
    sixty = replace(SOURCE, frame_rate=Fraction(60), key_frame=KeyFrame(is_clean=True))
    assert make_plan(sixty, cores=2).preset is Preset.ULTRAFAST
    plan = make_plan(sixty, cores=2, may_copy=True)
    assert (plan.preset, plan.frame_rate) == (Preset.VERYFAST, Fraction(60))
    assert plan.notes == ()
    assert plan.encoded(LiveNote.FRAMES_UNEVEN).preset is Preset.ULTRAFAST


def test_on_a_weak_machine_the_picture_that_is_passed_on_stays() -> None:
    sixty = replace(SOURCE, frame_rate=Fraction(60), key_frame=KeyFrame(is_clean=True))
    plan = make_plan(sixty, cores=Fraction(1, 2), may_copy=True)
    assert [track.name for track in plan.video] == ["v-h264-1920x1080", "v-h264-854x480"]
    assert (plan.frame_rate, plan.copies) == (Fraction(60), True)
    assert LiveNote.RUNGS_LEFT_OUT in plan.notes


def test_who_makes_a_weak_machine_encode_is_told_how_it_could_be_spared() -> None:
    sixty = replace(SOURCE, frame_rate=Fraction(60), key_frame=KeyFrame(is_clean=True, group_frames=250))
    plan = make_plan(sixty, cores=1, may_copy=True)
    assert plan.frame_rate == 30
    assert {LiveNote.RATE_HALVED, LiveNote.KEY_FRAMES_TOO_RARE} <= set(plan.notes)


def test_nothing_is_lighter_where_all_is_passed_on() -> None:
    small = replace(SOURCE, width_px=640, height_px=360, video=replace(HEADER, width_px=640, height_px=360))
    plan = make_plan(replace(small, bitrate_bps=500_000), may_copy=True)
    assert [track.is_copy for track in plan.video] == [True]
    assert plan.lighter() is None


@pytest.mark.parametrize(
    ("source", "note"),
    [
        (with_group(250), LiveNote.KEY_FRAMES_TOO_RARE),
        (replace(SOURCE, bitrate_bps=20_000_000), LiveNote.BITRATE_TOO_HIGH),
        (with_header(is_progressive=False), None),
    ],
)
def test_the_broadcaster_is_told_what_can_be_done_about_it(source: SourceFormat, note: LiveNote | None) -> None:
    plan = make_plan(source, may_copy=True)
    assert plan.notes == ((note,) if note else ())
    assert make_plan(source).notes == ()
    # The next encoder does better.
    better = plan.fed_by(SOURCE)
    assert (better.copies, better.notes) == (True, ())
    assert better.fed_by(source) == plan


def test_what_could_not_be_passed_on_once_is_encoded_for_good() -> None:
    plan = make_plan(SOURCE, may_copy=True).encoded(LiveNote.KEY_FRAMES_TOO_RARE)
    again = plan.fed_by(SOURCE)
    assert (again.copies, again.audio.is_copy, again.notes) == (False, False, (LiveNote.KEY_FRAMES_TOO_RARE,))


def test_ticks_are_the_same_whether_a_rung_is_copied_or_not() -> None:
    for claimed, ticks in ((Fraction(30), 30_000), (Fraction(25), 10_000), (Fraction(24_000, 1001), 120_000)):
        source = replace(SOURCE, frame_rate=claimed)
        assert make_plan(source).timescale == make_plan(source, may_copy=True).timescale == ticks
