"""What is there of a package, what is missing, and how large it may become."""

from dataclasses import replace
from fractions import Fraction

import pytest

from streaming.media.package_index import PackageIndex
from streaming.media.package_parts import all_files, is_made, join, media_files, most_bytes, segment_starts, size_of
from streaming.media.plan import PlanConf, plan_vod
from tests.streaming.media import planning
from tests.streaming.media.making import make_audio, make_images, make_index, make_text, make_video

WHOLE = make_index()
MIB = 1024 * 1024
# 1080p passed through first, then 720p and 480p.
COPIED = plan_vod(planning.make_probe(), planning.LADDER, conf=PlanConf())
ENCODED = plan_vod(planning.make_probe(video=planning.make_video(codec="hevc")), planning.LADDER, conf=PlanConf())


def test_media_are_headers_segments_texts_sheets_and_posters() -> None:
    index = PackageIndex(
        is_whole=True,
        target_duration_s=4,
        video=(make_video(name="v"),),
        texts=(make_text(name="t"),),
        images=(make_images(name="board", sheets=2),),
        posters=("posters/1.jpg",),
    )

    assert media_files(index) == {
        *("v/init.mp4", "v/1.m4s", "v/2.m4s", "v/3.m4s"),
        *("t/1.vtt", "board/1.jpg", "board/2.jpg", "posters/1.jpg"),
    }
    assert all_files(index) - media_files(index) == {
        *("index.json", "manifest.mpd", "master.m3u8", "v/index.m3u8", "v/iframes.m3u8", "t/index.m3u8", "board.vtt")
    }


def test_the_size_is_that_of_segments_texts_and_sheets() -> None:
    assert size_of(make_index(audio=())) == 1_000_000 + 220_000 + 2_000 + 60_000


def test_what_two_attempts_have_made_is_one_package_in_the_order_of_one() -> None:
    high, low = WHOLE.video
    first = make_index(video=(low,), images=(), posters=())
    rest = PackageIndex(
        is_whole=True, target_duration_s=4, video=(high,), images=WHOLE.images, posters=("posters/1.jpg",)
    )

    joined = join(first, rest)

    assert joined.video == (low, high)
    assert (joined.audio, joined.texts) == (WHOLE.audio, WHOLE.texts)
    assert (joined.images, joined.posters) == (WHOLE.images, ("posters/1.jpg",))


def index_of(*names: str, **more: object) -> PackageIndex:
    sound = tuple(make_audio(name=name) for name in names if name.startswith("a"))
    picture = tuple(make_video(name=name) for name in names if name.startswith("v"))
    return PackageIndex(is_whole=True, target_duration_s=4, video=picture, audio=sound, **more)  # type: ignore[arg-type]  # what the test says


def test_a_phase_is_made_when_all_of_its_tracks_are_there() -> None:
    first, rest = COPIED.phases
    begun = index_of("v-h264-1920x1080", "a1-stereo")
    full = index_of("v-h264-1920x1080", "a1-stereo", "v-h264-1280x720", "v-h264-854x480", images=(make_images(),))

    assert is_made(COPIED, first, begun)
    assert not is_made(COPIED, first, index_of("v-h264-1920x1080"))
    assert not is_made(COPIED, rest, begun)
    assert is_made(COPIED, rest, full)


def test_pictures_to_wind_by_are_a_part_of_their_phase() -> None:
    rest = COPIED.phases[1]
    assert not is_made(COPIED, rest, index_of("v-h264-1280x720", "v-h264-854x480"))


def test_subtitles_without_cues_are_not_missed() -> None:
    probe = planning.make_probe(subtitles=(planning.make_subtitles(),))
    plan = plan_vod(probe, planning.LADDER, conf=PlanConf())

    assert "t1" in plan.phases[0].tracks
    assert is_made(plan, plan.phases[0], index_of("v-h264-1920x1080", "a1-stereo"))


def test_segments_begin_where_those_of_the_first_rung_do() -> None:
    assert segment_starts(WHOLE) == [Fraction(0), Fraction(4), Fraction(8)]
    assert segment_starts(make_index(video=())) == []


def test_encoded_rungs_take_what_encoders_may_not_exceed() -> None:
    expected = sum(track.rendition.bitrate_bps for track in ENCODED.video) * 600 / 8

    found = most_bytes(ENCODED, source_bytes=10**15)

    assert expected < found < expected * 1.2 + 100 * MIB


def test_a_copied_picture_takes_what_the_source_takes() -> None:
    small, large = (most_bytes(COPIED, source_bytes=size) for size in (0, 10**9))

    assert 10**9 <= large - small <= 1.1 * 10**9


def test_what_is_there_already_needs_no_room() -> None:
    made = {"v-h264-1920x1080", "a1-stereo"}

    assert most_bytes(COPIED, source_bytes=10**12, made=made) < 10**10


@pytest.mark.parametrize("duration_s", [1, 3600, 100_000])
def test_longer_films_need_more_room(duration_s: int) -> None:
    shorter = most_bytes(replace(ENCODED, duration_s=Fraction(duration_s)), source_bytes=0)
    longer = most_bytes(replace(ENCODED, duration_s=Fraction(duration_s * 2)), source_bytes=0)

    assert longer > shorter
