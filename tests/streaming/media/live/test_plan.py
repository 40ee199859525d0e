from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from streaming.media.ladder import Codec
from streaming.media.live.plan import LiveNote, LivePlan, LiveUnsupported, Preset, Unsupported, live_plan_from_json
from streaming.media.live.source import SourceFormat, source_format
from streaming.media.package_plan import PlanOfAnotherVersion
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.rtmp.amf0 import format_amf0
from streaming.rtmp.flv import AudioCodec, VideoCodec
from tests.streaming.media.live.publishing import (
    AAC_HEADER,
    AVC_HEADER,
    AVC_KEY_FRAME,
    FULL_HD,
    audio,
    make_plan,
    script,
    video,
)
from tests.streaming.media.planning import LADDER, make_rung

HEVC_HEADER = bytes.fromhex("1c000000000101600000009000000000005df000fcfdf8f800000f00")


def source(**overrides: Any) -> SourceFormat:
    return replace(FULL_HD, **overrides)


def rungs(plan: LivePlan) -> list[str]:
    return [track.name for track in plan.video]


def test_a_full_source_gets_the_whole_ladder_the_largest_first() -> None:
    plan = make_plan()
    assert rungs(plan) == ["v-h264-1920x1080", "v-h264-1280x720", "v-h264-854x480"]
    assert plan.tracks == (*rungs(plan), "a1-stereo")
    assert [track.rendition.bitrate_bps for track in plan.video] == [8_000_000, 5_000_000, 2_000_000]
    assert plan.notes == ()


def test_no_rung_is_larger_than_the_source() -> None:
    assert rungs(make_plan(source(width_px=1280, height_px=720))) == ["v-h264-1280x720", "v-h264-854x480"]
    assert rungs(make_plan(source(width_px=320, height_px=180))) == ["v-h264-320x180"]


def test_an_upright_source_gets_upright_rungs() -> None:
    assert rungs(make_plan(source(width_px=720, height_px=1280)))[0] == "v-h264-720x1280"


def test_only_rungs_of_h264_are_made_live() -> None:
    ladder = (*LADDER[:1], make_rung("720p HEVC", 1280, 720, 3_000_000, Codec.HEVC))
    assert all(name.startswith("v-h264-") for name in rungs(make_plan(levels=ladder)))
    assert rungs(make_plan(levels=ladder[1:])) == ["v-h264-640x360"]


@pytest.mark.parametrize(
    ("claimed", "rate", "gop"),
    [
        (Fraction(30), Fraction(30), 60),
        (Fraction(2997, 100), Fraction(30_000, 1001), 60),
        (Fraction(5994, 100), Fraction(60_000, 1001), 120),
        (Fraction(2398, 100), Fraction(24_000, 1001), 48),
        (Fraction(25), Fraction(25), 50),
        (Fraction(30_003, 1000), Fraction(30), 60),
        (Fraction(273, 10), Fraction(28), 56),
        (Fraction(120), Fraction(60), 120),
        (Fraction(5), Fraction(10), 20),
        (Fraction(1000), Fraction(30), 60),
        (Fraction(1, 2), Fraction(30), 60),
        (None, Fraction(30), 60),
    ],
)
def test_the_rate_is_constant_and_a_group_lasts_a_segment(claimed: Fraction | None, rate: Fraction, gop: int) -> None:
    plan = make_plan(source(frame_rate=claimed))
    assert (plan.frame_rate, plan.gop_frames) == (rate, gop)


def test_no_segment_exceeds_the_ceiling_that_players_are_told() -> None:
    (best, *_, sound) = make_plan().outputs
    assert isinstance(best, VideoOutput)
    assert isinstance(sound, AudioOutput)
    # Two seconds at the rate, and a buffer of half a second.
    assert best.ceiling_bps == 8_000_000 * 5 // 4
    assert sound.is_default


def test_without_sound_there_is_a_track_of_silence() -> None:
    plan = make_plan(source(audio_codec=None))
    assert (plan.has_sound, plan.tracks[-1], plan.notes) == (False, "a1-stereo", (LiveNote.NO_SOUND,))


def test_without_picture_there_is_sound_alone() -> None:
    plan = make_plan(SourceFormat(audio_codec=AudioCodec.AAC))
    assert (plan.has_picture, plan.tracks, plan.notes) == (False, ("a1-stereo",), (LiveNote.NO_PICTURE,))


def test_a_picture_of_untold_size_is_taken_for_an_ordinary_one() -> None:
    plan = make_plan(SourceFormat(video_codec=VideoCodec.HEVC))
    assert rungs(plan)[0] == "v-h264-1280x720"
    assert LiveNote.SIZE_UNKNOWN in plan.notes


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (SourceFormat(), Unsupported.NO_MEDIA),
        (source(video_codec=VideoCodec.AV1), Unsupported.VIDEO_CODEC),
        (source(width_px=16_384), Unsupported.PICTURE_TOO_LARGE),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_its_cause(found: SourceFormat, code: Unsupported) -> None:
    with pytest.raises(LiveUnsupported) as refused:
        make_plan(found)
    assert (refused.value.code, str(refused.value)) == (code, code.value)


@pytest.mark.parametrize(
    ("cores", "preset", "count", "rate"),
    [
        (4, Preset.VERYFAST, 3, 60),
        (3, Preset.SUPERFAST, 3, 60),
        (2, Preset.ULTRAFAST, 3, 60),
        (1, Preset.ULTRAFAST, 3, 30),
    ],
)
def test_a_weak_machine_gets_less_to_do_and_says_so(cores: int, preset: Preset, count: int, rate: int) -> None:
    plan = make_plan(source(frame_rate=Fraction(60)), cores=cores)
    assert (plan.preset, len(plan.video), int(plan.frame_rate)) == (preset, count, rate)
    assert (LiveNote.LIGHTER_PRESET in plan.notes) is (preset is not Preset.VERYFAST)
    assert (LiveNote.RATE_HALVED in plan.notes) is (rate == 30)


def test_the_largest_rungs_go_when_nothing_else_helps() -> None:
    ladder = (*LADDER, make_rung("2160p", 3840, 2160, 18_000_000))
    plan = make_plan(source(width_px=3840, height_px=2160), levels=ladder, cores=1)
    assert rungs(plan)[0] == "v-h264-1920x1080"
    assert LiveNote.RUNGS_LEFT_OUT in plan.notes


def test_a_large_picture_is_shared_out_among_threads() -> None:
    assert [track.threads for track in make_plan().video] == [2, 1, 1]
    assert [track.threads for track in make_plan(cores=1).video] == [1, 1, 1]


def test_a_lighter_plan_has_the_same_outputs() -> None:
    plan = make_plan()
    lighter = plan.lighter()
    assert lighter is not None
    assert (lighter.preset, lighter.outputs) == (Preset.SUPERFAST, plan.outputs)
    lightest = lighter.lighter()
    assert lightest is not None
    assert lightest.notes == (LiveNote.LIGHTER_PRESET,)
    assert lightest.lighter() is None


def test_another_encoder_may_go_on_without_sound_but_not_without_picture() -> None:
    plan = make_plan()
    mute = plan.fed_by(source(audio_codec=None, width_px=640))
    assert (mute.has_sound, mute.outputs, mute.notes) == (False, plan.outputs, (LiveNote.NO_SOUND,))
    assert mute.fed_by(FULL_HD) == plan
    with pytest.raises(LiveUnsupported, match="picture-missing"):
        plan.fed_by(source(video_codec=None))


def test_sound_alone_stays_sound_alone() -> None:
    radio = make_plan(SourceFormat(audio_codec=AudioCodec.AAC))
    assert radio.fed_by(FULL_HD).tracks == radio.tracks


def test_a_plan_survives_being_stored() -> None:
    plan = make_plan(source(frame_rate=Fraction(2997, 100)))
    assert live_plan_from_json(plan.to_json()) == plan
    with pytest.raises(PlanOfAnotherVersion):
        live_plan_from_json(plan.to_json() | {"version": 99})
    with pytest.raises(PlanOfAnotherVersion):
        live_plan_from_json({})


def test_a_source_is_what_its_headers_say_and_its_frames_prove() -> None:
    claims = {"width": 1.0, "height": 1.0, "framerate": 29.97, "videodatarate": 2500.0}
    sent = [
        script(format_amf0("@setDataFrame", "onMetaData", {**claims})),
        video(0, AVC_HEADER),
        audio(0, AAC_HEADER),
        video(0, AVC_KEY_FRAME),
    ]
    found = source_format(sent)
    # The picture's own header knows its size better than the encoder's claims do.
    assert (found.video_codec, found.width_px, found.height_px) == (VideoCodec.AVC, 160, 90)
    assert found.frame_rate == Fraction(2997, 100)
    assert found.bitrate_bps == 2_500_000
    assert found.audio_codec is None
    assert source_format([*sent, audio(5)]).audio_codec is AudioCodec.AAC


def test_claims_count_where_the_header_has_no_size() -> None:
    claims = script(format_amf0("onMetaData", {"width": 1920.0, "height": 800.0}))
    found = source_format([claims, video(0, HEVC_HEADER), video(0, b"\x1c\x01\x00\x00\x00frame")])
    assert (found.video_codec, found.width_px, found.height_px) == (VideoCodec.HEVC, 1920, 800)
