import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.ladder import Codec
from streaming.media.package_plan import (
    VERSION,
    KeyFrameRule,
    Note,
    NoteCode,
    PackagingPlan,
    PlanOfAnotherVersion,
    plan_from_json,
)
from streaming.media.plan import PlanConf, plan_vod
from streaming.media.streams import Caution, Hdr, KeyFrames, Reason, UnsupportedSource
from tests.streaming.media.planning import LADDER, make_audio, make_probe, make_rung, make_subtitles, make_video


def plan_of(**probe: Any) -> PackagingPlan:
    return plan_vod(make_probe(**probe), LADDER, conf=PlanConf())


def codes(plan: PackagingPlan) -> list[NoteCode]:
    return [note.code for note in plan.notes]


def test_a_source_that_players_take_is_passed_through_first_and_the_rest_follows() -> None:
    plan = plan_of()
    assert [(t.name, t.is_copy) for t in plan.video] == [
        ("v-h264-1920x1080", True),
        ("v-h264-1280x720", False),
        ("v-h264-854x480", False),
    ]
    first, second = plan.phases
    assert (first.tracks, first.makes_stills) == (("v-h264-1920x1080", "a1-stereo"), False)
    assert (second.tracks, second.makes_stills) == (("v-h264-1280x720", "v-h264-854x480"), True)
    assert (plan.key_frames, plan.picture and plan.picture.keeps_times) == (KeyFrameRule.SOURCE, True)
    assert codes(plan) == [NoteCode.PASSED_THROUGH, NoteCode.AUDIO_PASSED_THROUGH]


@pytest.mark.parametrize(
    ("video", "code", "values"),
    [
        ({"codec": "hevc"}, NoteCode.ENCODED_CODEC, ("hevc",)),
        ({"pixel_format": "yuv420p10le"}, NoteCode.ENCODED_DEPTH, ("yuv420p10le",)),
        ({"pixel_format": "yuv444p"}, NoteCode.ENCODED_DEPTH, ("yuv444p",)),
        ({"hdr": Hdr.HLG}, NoteCode.ENCODED_HDR, ("hlg",)),
        ({"is_interlaced": True}, NoteCode.ENCODED_INTERLACED, ()),
        ({"rotation_deg": 180}, NoteCode.ENCODED_ROTATED, ("180",)),
        ({"is_variable_rate": True}, NoteCode.ENCODED_VARIABLE_RATE, ("25",)),
        ({"frame_rate": Fraction(120)}, NoteCode.ENCODED_RATE, ("120", "60")),
        ({"width_px": 2560, "height_px": 1440}, NoteCode.ENCODED_SIZE, ("2560", "1440")),
        (
            {"key_frames": KeyFrames(longest_gap_s=Fraction(2), are_closed=False)},
            NoteCode.ENCODED_OPEN_GROUPS,
            (),
        ),
        (
            {"key_frames": KeyFrames(longest_gap_s=Fraction(17, 2), are_closed=True)},
            NoteCode.ENCODED_KEY_FRAMES,
            ("8.50",),
        ),
        ({"key_frames": None}, NoteCode.ENCODED_KEY_FRAMES, ("unknown",)),
        ({"bitrate_bps": 25_000_000}, NoteCode.ENCODED_BITRATE, ("25000000", "24000000")),
    ],
)
def test_what_players_do_not_take_is_encoded_and_the_plan_says_why(
    video: dict[str, Any], code: NoteCode, values: tuple[str, ...]
) -> None:
    plan = plan_of(video=make_video(**video))
    assert not any(track.is_copy for track in plan.video)
    assert [note.values for note in plan.notes if note.code is code] == [values]
    assert sum(code.name.startswith("ENCODED") for code in codes(plan)) == 1
    assert plan.key_frames is KeyFrameRule.COUNTED


def test_anamorphic_pixels_are_made_square() -> None:
    plan = plan_of(video=make_video(width_px=1440, sample_aspect=Fraction(4, 3)))
    assert NoteCode.ENCODED_ANAMORPHIC in codes(plan)
    assert (plan.video[0].rendition.width_px, plan.video[0].rendition.height_px) == (1920, 1080)


def test_key_frames_at_twice_a_segment_still_pass() -> None:
    keys = KeyFrames(longest_gap_s=Fraction(8), are_closed=True)
    assert plan_of(video=make_video(key_frames=keys)).video[0].is_copy


def test_without_a_copy_the_smallest_h264_rung_comes_first() -> None:
    ladder = [*LADDER, make_rung("240p AV1", 426, 240, 300_000, Codec.AV1)]
    plan = plan_vod(make_probe(video=make_video(codec="vp9")), ladder, conf=PlanConf())
    assert plan.phases[0].tracks == ("v-h264-854x480", "a1-stereo")
    assert set(plan.phases[1].tracks) == {"v-h264-1920x1080", "v-h264-1280x720", "v-av1-426x240"}


def one_pass(cores: float, **probe: Any) -> PackagingPlan:
    return plan_vod(make_probe(**probe), LADDER, conf=PlanConf(one_pass_cores=cores))


def test_what_cores_may_keep_up_with_is_made_in_one_pass_that_the_smallest_rung_leads() -> None:
    plan = one_pass(4, video=make_video(codec="hevc"))
    assert [(p.tracks, p.makes_stills) for p in plan.phases] == [
        (("v-h264-854x480", "a1-stereo", "v-h264-1920x1080", "v-h264-1280x720"), True)
    ]
    assert plan.is_one_pass
    assert plan.early == ("v-h264-854x480", "a1-stereo")
    assert plan_from_json(plan.to_json()) == plan


@pytest.mark.parametrize(
    "video",
    [
        {"codec": "hevc", "frame_rate": Fraction(50)},
        {"codec": "hevc", "width_px": 3840, "height_px": 2160},
    ],
)
def test_what_four_cores_never_keep_up_with_begins_with_the_smallest_rung_alone(video: dict[str, Any]) -> None:
    plan = one_pass(4, video=make_video(**video))
    assert not plan.is_one_pass
    assert plan.phases[0].tracks == plan.early == ("v-h264-854x480", "a1-stereo")
    assert one_pass(16, video=make_video(**video)).is_one_pass
    assert one_pass(math.inf, video=make_video(**video)).is_one_pass


def test_what_is_passed_through_is_never_made_to_wait_for_the_rest() -> None:
    plan = one_pass(64)
    assert not plan.is_one_pass
    assert plan.early == ("v-h264-1920x1080", "a1-stereo")


def test_sound_alone_leads_itself() -> None:
    plan = one_pass(64, video=None)
    assert (plan.leader, plan.early, plan.is_one_pass) == (None, ("a1-stereo",), False)


def test_a_single_rung_leaves_only_stills_for_later() -> None:
    plan = plan_vod(make_probe(), LADDER[-1:], conf=PlanConf())
    assert [(p.tracks, p.makes_stills) for p in plan.phases] == [
        (("v-h264-1920x1080", "a1-stereo"), False),
        ((), True),
    ]


@pytest.mark.parametrize("video", [{"codec": "av1"}, {"hdr": Hdr.DOLBY_VISION}])
def test_what_cannot_be_decoded_is_refused(video: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedSource) as raised:
        plan_of(video=make_video(**video))
    assert raised.value.reason is Reason.UNKNOWN_CODEC


@pytest.mark.parametrize(
    ("rate", "frames"),
    [(Fraction(25), 100), (Fraction(24000, 1001), 96), (Fraction(30000, 1001), 120), (Fraction(17, 2), 34)],
)
def test_groups_are_whole_frames_nearest_to_a_segment(rate: Fraction, frames: int) -> None:
    picture = plan_of(video=make_video(frame_rate=rate)).picture
    assert picture is not None
    assert picture.gop_frames == frames
    # The packager cuts at the first key frame that is no more than half a frame early.
    assert Fraction(frames) / rate >= 4 - 1 / rate / 2


def test_each_language_and_purpose_is_kept_once_as_stereo_and_surround() -> None:
    audio = (
        make_audio(index=1, language="de", codec="ac3", profile="", channels=6),
        make_audio(index=2, language="en", is_default=True),
        make_audio(index=3, language="en", channels=6, codec="eac3", profile=""),
        make_audio(index=4, language="en", is_commentary=True, channels=1),
        make_audio(index=5, language="de", title="Second"),
    )
    plan = plan_of(audio=audio)
    assert [(t.name, t.index, t.channels, t.is_copy, t.is_default) for t in plan.audio] == [
        ("a1-stereo", 2, 2, True, True),
        ("a2-stereo", 1, 2, False, False),
        ("a2-surround", 1, 6, False, False),
        ("a3-stereo", 4, 1, True, False),
    ]
    left_out = [note.values for note in plan.notes if note.code is NoteCode.AUDIO_LEFT_OUT]
    assert left_out == [("de", "Second"), ("en", "")]


@pytest.mark.parametrize(
    "audio",
    [
        {"codec": "mp3"},
        {"profile": "HE-AAC"},
        {"has_header": False},
        {"rate_hz": 96000},
        {"bitrate_bps": 512_000},
        {"channels": 8},
    ],
)
def test_sound_that_not_every_player_takes_is_encoded(audio: dict[str, Any]) -> None:
    assert not any(track.is_copy for track in plan_of(audio=(make_audio(**audio),)).audio)


def test_surround_of_eight_channels_becomes_six() -> None:
    assert [track.channels for track in plan_of(audio=(make_audio(channels=8),)).audio] == [2, 6]


def test_more_sound_than_players_list_is_left_out_and_told() -> None:
    plan = plan_of(audio=tuple(make_audio(index=n, language=f"x-{n}") for n in range(1, 16)))
    assert len(plan.audio) == 12
    assert codes(plan).count(NoteCode.AUDIO_LEFT_OUT) == 3


def test_a_silent_film_and_sound_alone_are_packages_too() -> None:
    silent, heard = plan_of(audio=()), plan_of(video=None)
    assert silent.phases[0].tracks == ("v-h264-1920x1080",)
    assert NoteCode.SILENT in codes(silent)
    assert [p.tracks for p in heard.phases] == [("a1-stereo",)]
    assert (heard.video, heard.picture, heard.storyboard, heard.posters) == ((), None, None, None)
    assert NoteCode.NO_PICTURE in codes(heard)


def test_captions_of_the_catalogue_go_before_embedded_ones_but_forced_ones_stay() -> None:
    texts = (
        make_subtitles(index=2, language="en"),
        make_subtitles(index=3, language="en", is_forced=True),
        make_subtitles(index=4, language="de"),
        make_subtitles(index=5, language="fr", codec="hdmv_pgs_subtitle", is_text=False),
    )
    plan = plan_vod(make_probe(subtitles=texts), LADDER, conf=PlanConf(), captions=["en"])
    assert [(t.name, t.index, t.is_forced) for t in plan.texts] == [("t1", 3, True), ("t2", 4, False)]
    assert plan.phases[0].tracks[-2:] == ("t1", "t2")
    assert codes(plan)[-4:] == [
        NoteCode.SUBTITLES_FROM_CATALOGUE,
        NoteCode.SUBTITLES_KEPT,
        NoteCode.SUBTITLES_KEPT,
        NoteCode.SUBTITLES_ARE_PICTURES,
    ]


def test_cautions_of_the_probe_are_told() -> None:
    plan = plan_of(warnings=(Caution.TRACKS_LEFT_OUT,))
    assert plan.notes[0].values == ("tracks-left-out",)


@pytest.mark.parametrize(
    ("duration_s", "interval_s", "rows"), [(1, 2, 1), (60, 2, 3), (600, 2, 10), (7200, 8, 10), (86400, 87, 10)]
)
def test_a_storyboard_has_ten_sheets_at_most(duration_s: int, interval_s: int, rows: int) -> None:
    board = plan_of(duration_s=Fraction(duration_s)).storyboard
    assert board is not None
    assert (board.interval_s, board.rows, board.width_px, board.height_px) == (Fraction(interval_s), rows, 240, 136)
    assert duration_s / interval_s <= 10 * board.columns * board.rows


def test_frames_for_posters_are_spread_over_the_film() -> None:
    posters = plan_of().posters
    assert posters is not None
    assert (posters.interval_s, posters.of_each) == (Fraction(600, 36), 6)


def test_sound_that_begins_late_is_encoded_so_that_it_begins_with_silence() -> None:
    in_time, late = (
        plan_of(start_s=Fraction(1), audio=(make_audio(start_s=start_s),))
        for start_s in (Fraction(104, 100), Fraction(105, 100))
    )
    assert (in_time.audio[0].is_copy, late.audio[0].is_copy) == (True, False)


def test_what_came_out_badly_as_a_copy_is_encoded() -> None:
    copied = plan_of()
    encoded = plan_vod(make_probe(), LADDER, conf=PlanConf(copy_fault="segment 7 lasts 13 s"))
    assert copied.has_copies
    assert not encoded.has_copies
    assert encoded.key_frames is KeyFrameRule.COUNTED
    assert Note(code=NoteCode.ENCODED_COPY_FAULT, values=("segment 7 lasts 13 s",)) in encoded.notes


def test_small_pictures_of_an_upright_film_stand_upright() -> None:
    plan = plan_of(video=make_video(width_px=1080, height_px=1920))
    assert plan.storyboard is not None
    assert plan.posters is not None
    assert (plan.storyboard.width_px, plan.storyboard.height_px) == (136, 240)
    assert (plan.posters.width_px, plan.posters.height_px) == (1080, 1920)


@given(
    st.fractions(Fraction(1), Fraction(60), max_denominator=1001),
    st.fractions(Fraction(1, 25), Fraction(86400), max_denominator=90000),
    st.lists(st.sampled_from(["de", "en", "und"]), max_size=3),
    st.text(max_size=9),
    st.booleans(),
)
def test_a_stored_plan_comes_back_the_same(
    rate: Fraction, duration: Fraction, languages: list[str], title: str, has_picture: bool
) -> None:
    audio = tuple(make_audio(index=n, language=tag, title=title) for n, tag in enumerate(languages))
    video = make_video(frame_rate=rate) if has_picture else None
    plan = plan_of(video=video, audio=audio, duration_s=duration, subtitles=(make_subtitles(title=title),))
    assert plan_from_json(json.loads(json.dumps(plan.to_json()))) == plan


def _without(field: str) -> dict[str, Any]:
    stored = plan_of().to_json()
    del stored[field]
    return stored


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        _without("picture"),
        plan_of().to_json() | {"version": VERSION + 1},
        plan_of().to_json() | {"version": True},
        plan_of().to_json() | {"duration_s": "1/0"},
        plan_of().to_json() | {"duration_s": 7},
        plan_of().to_json() | {"key_frames": "somewhere"},
        plan_of().to_json() | {"video": {}},
        plan_of().to_json() | {"more": 1},
    ],
)
def test_a_damaged_plan_or_one_of_another_version_is_refused(stored: object) -> None:
    with pytest.raises(PlanOfAnotherVersion):
        plan_from_json(stored)
