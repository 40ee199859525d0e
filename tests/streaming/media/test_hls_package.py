"""The playlists of a package."""

from fractions import Fraction
from itertools import pairwise

import pytest

from streaming.media.hls import MediaPlaylist, MediaType, MultivariantPlaylist, PlaylistType, Rendition
from streaming.media.hls_package import build_multivariant, build_playlists, format_frame_rate
from streaming.media.package_index import AudioRole, SegmentEntry, TextFile, TextKind
from streaming.media.sample_entries import VideoRange
from tests.streaming.media.making import make_audio, make_index, make_text, make_video

GOLDEN = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="mp4a-2",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",\
URI="audio-en/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="mp4a-2",NAME="Deutsch",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",\
URI="audio-de/index.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="texts",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,\
URI="text-en/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1128343,AVERAGE-BANDWIDTH=927660,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,\
FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="mp4a-2",SUBTITLES="texts"
video-720/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=328343,AVERAGE-BANDWIDTH=303660,CODECS="avc1.4d401e,mp4a.40.2",RESOLUTION=640x360,\
FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="mp4a-2",SUBTITLES="texts"
video-360/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=60000,AVERAGE-BANDWIDTH=48000,CODECS="avc1.64001f",RESOLUTION=1280x720,\
VIDEO-RANGE=SDR,URI="video-720/iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=28000,AVERAGE-BANDWIDTH=19200,CODECS="avc1.4d401e",RESOLUTION=640x360,\
VIDEO-RANGE=SDR,URI="video-360/iframes.m3u8"
"""


def renditions(media_type: MediaType, **overrides: object) -> list[Rendition]:
    return [r for r in build_multivariant(make_index(**overrides)).renditions if r.media_type is media_type]


def test_a_package_has_a_playlist_for_each_track() -> None:
    files = build_playlists(make_index())
    assert sorted(files) == [
        "audio-de/index.m3u8",
        "audio-en/index.m3u8",
        "master.m3u8",
        "text-en/index.m3u8",
        "video-360/iframes.m3u8",
        "video-360/index.m3u8",
        "video-720/iframes.m3u8",
        "video-720/index.m3u8",
    ]
    assert files["master.m3u8"] == GOLDEN


def test_all_playlists_have_the_same_target_duration() -> None:
    files = build_playlists(make_index())
    media = [MediaPlaylist.parse(text) for name, text in files.items() if not name.startswith(("master", "text"))]
    assert {playlist.target_duration_s for playlist in media} == {4}
    assert {playlist.first_number for playlist in media} == {1}
    assert {len(playlist.segments) for playlist in media} == {3}


def test_a_whole_package_is_told_to_be_whole() -> None:
    for name, text in build_playlists(make_index()).items():
        if name != "master.m3u8":
            playlist = MediaPlaylist.parse(text)
            assert (playlist.playlist_type, playlist.is_ended) == (PlaylistType.VOD, True)


def test_a_package_that_grows_is_watched_from_its_beginning() -> None:
    files = build_playlists(make_index(is_whole=False))
    playlist = MediaPlaylist.parse(files["video-720/index.m3u8"])
    assert (playlist.playlist_type, playlist.is_ended) == (PlaylistType.EVENT, False)
    assert MultivariantPlaylist.parse(files["master.m3u8"]).start_s == 0


def test_what_grows_only_gets_lines_at_its_end() -> None:
    segments = make_video().segments
    texts = [
        build_playlists(make_index(is_whole=False, video=(make_video(segments=segments[:count]),)))[
            "video-720/index.m3u8"
        ]
        for count in range(4)
    ]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))


def test_while_a_package_grows_the_ceiling_is_told_instead_of_a_peak_that_may_rise() -> None:
    growing = build_multivariant(make_index(is_whole=False)).variants[0]
    whole = build_multivariant(make_index()).variants[0]
    assert growing.bandwidth_bps == 2_000_000 + whole.bandwidth_bps - 1_000_000


def test_each_rung_goes_with_each_group_of_sound() -> None:
    surround = make_audio(name="audio-en-6", channels=6, is_default=False)
    playlist = build_multivariant(make_index(audio=(make_audio(), surround), texts=()))
    variants = [variant for variant in playlist.variants if not variant.is_of_key_frames]
    assert [(v.uri, v.audio) for v in variants] == [
        ("video-720/index.m3u8", "mp4a-2"),
        ("video-360/index.m3u8", "mp4a-2"),
        ("video-720/index.m3u8", "mp4a-6"),
        ("video-360/index.m3u8", "mp4a-6"),
    ]
    assert [(r.name, r.group_id, r.is_default) for r in playlist.renditions] == [
        ("English", "mp4a-2", True),
        ("English", "mp4a-6", True),
    ]


def test_a_silent_film_has_no_group_of_sound() -> None:
    playlist = build_multivariant(make_index(audio=(), texts=()))
    assert playlist.renditions == ()
    assert [variant.codecs for variant in playlist.variants][:2] == [("avc1.64001f",), ("avc1.4d401e",)]
    assert playlist.variants[0].bandwidth_bps == 1_000_000


def test_sound_without_a_picture_is_a_variant_of_its_own() -> None:
    playlist = build_multivariant(make_index(video=()))
    (variant,) = playlist.variants
    assert (variant.uri, variant.codecs, variant.resolution) == ("audio-en/index.m3u8", ("mp4a.40.2",), None)
    assert variant.bandwidth_bps == 128_343


def test_a_rung_without_key_frames_in_front_cannot_be_wound() -> None:
    segments = (SegmentEntry(51200, 500_000, 0),)
    files = build_playlists(make_index(video=(make_video(segments=segments),)))
    assert "video-720/iframes.m3u8" not in files
    assert "I-FRAME" not in files["master.m3u8"]


def test_key_frames_are_ranges_of_the_segments() -> None:
    playlist = MediaPlaylist.parse(build_playlists(make_index())["video-720/iframes.m3u8"])
    assert playlist.is_of_key_frames
    assert [str(segment.byte_range) for segment in playlist.segments] == ["30000@0", "20000@0", "10000@0"]
    assert [segment.uri for segment in playlist.segments] == ["1.m4s", "2.m4s", "3.m4s"]


def test_the_first_track_is_the_default_where_none_is_said_to_be() -> None:
    tracks = (make_audio(is_default=False), make_audio(name="b", label="B", is_default=False, language="fr"))
    assert [rendition.is_default for rendition in renditions(MediaType.AUDIO, audio=tracks)] == [True, False]


def test_a_comment_is_never_chosen_by_itself_and_a_description_says_what_it_is() -> None:
    tracks = (
        make_audio(),
        make_audio(name="b", label="Director", is_default=False, role=AudioRole.COMMENTARY),
        make_audio(name="c", label="Described", is_default=False, role=AudioRole.DESCRIPTION),
        make_audio(name="d", label="English", is_default=False, role=AudioRole.ALTERNATE),
    )
    found = renditions(MediaType.AUDIO, audio=tracks)
    assert [(r.name, r.is_autoselect) for r in found] == [
        ("English", True),
        ("Director", False),
        ("Described", True),
        ("English (2)", False),
    ]
    assert [r.characteristics for r in found] == [None, None, "public.accessibility.describes-video", None]


def test_captions_say_that_they_are_for_those_who_do_not_hear() -> None:
    texts = (
        make_text(is_default=True),
        make_text(name="cc", label="English CC", kind=TextKind.CAPTIONS),
        make_text(name="forced", label="Signs", is_forced=True),
        make_text(name="fr", label="English", language="fr"),
    )
    found = renditions(MediaType.SUBTITLES, texts=texts)
    assert [(r.name, r.is_default, r.is_forced) for r in found] == [
        ("English", True, False),
        ("English CC", False, False),
        ("Signs", False, True),
        ("English (2)", False, False),
    ]
    assert all(rendition.is_autoselect for rendition in found)
    assert "transcribes-spoken-dialog" in (found[1].characteristics or "")
    assert found[0].characteristics is None


def test_a_forced_text_is_never_the_default() -> None:
    (found,) = renditions(MediaType.SUBTITLES, texts=(make_text(is_default=True, is_forced=True),))
    assert not found.is_default


def test_a_text_for_the_whole_film_has_a_target_duration_of_its_own() -> None:
    texts = (make_text(files=(TextFile(Fraction(5400), 90_000),)),)
    playlist = MediaPlaylist.parse(build_playlists(make_index(texts=texts))["text-en/index.m3u8"])
    assert (playlist.target_duration_s, playlist.segments[0].uri, playlist.map_uri) == (5400, "1.vtt", None)


def test_hdr_is_told() -> None:
    video = make_video(codec="hvc1.2.4.L120.90", video_range=VideoRange.PQ)
    assert {str(variant.video_range) for variant in build_multivariant(make_index(video=(video,))).variants} == {"PQ"}


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(24000, 1001), "23.976"),
        (Fraction(30000, 1001), "29.970"),
        (Fraction(25), "25.000"),
        (Fraction(15, 2), "7.500"),
    ],
)
def test_frame_rates_have_three_decimals(rate: Fraction, text: str) -> None:
    assert format_frame_rate(rate) == text
