"""Playlists written and read."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.errors import PlaylistViolation
from streaming.media.hls import (
    TIMESTAMP_MAP,
    ByteRange,
    MediaPlaylist,
    MediaSegment,
    MediaType,
    MultivariantPlaylist,
    PlaylistType,
    Rendition,
    Variant,
)
from streaming.media.hls_lines import parse_attributes

GOLDEN = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="init.mp4"
#EXTINF:4.004000,
#EXT-X-BYTERANGE:300@24
1.m4s
#EXTINF:2.002000,
#EXT-X-BYTERANGE:200@24
2.m4s
#EXT-X-ENDLIST
"""
PLAYLIST = MediaPlaylist(
    target_duration_s=4,
    segments=(
        MediaSegment(uri="1.m4s", duration_s=Fraction(4004, 1000), byte_range=ByteRange(length=300, offset=24)),
        MediaSegment(uri="2.m4s", duration_s=Fraction(2002, 1000), byte_range=ByteRange(length=200, offset=24)),
    ),
    map_uri="init.mp4",
    playlist_type=PlaylistType.VOD,
    is_ended=True,
    is_of_key_frames=True,
)


def test_a_media_playlist_is_written_and_read() -> None:
    assert str(PLAYLIST) == GOLDEN
    assert MediaPlaylist.parse(GOLDEN) == PLAYLIST


def test_tags_that_are_not_known_are_passed_over() -> None:
    text = GOLDEN.replace("#EXTINF:2", '# a comment\n\n#EXT-X-PART:DURATION=0.3,URI="p"\n#EXTINF:2')
    assert MediaPlaylist.parse(text) == PLAYLIST


@given(
    st.lists(st.fractions(Fraction(1, 100), Fraction(4), max_denominator=48000), max_size=40),
    st.booleans(),
    st.sampled_from([None, PlaylistType.EVENT, PlaylistType.VOD]),
)
def test_what_is_written_is_read_again(lengths: list[Fraction], is_ended: bool, kind: PlaylistType | None) -> None:
    segments = tuple(MediaSegment(uri=f"{n}.m4s", duration_s=length) for n, length in enumerate(lengths, 1))
    written = MediaPlaylist(target_duration_s=4, segments=segments, is_ended=is_ended, playlist_type=kind)
    text = str(written)
    read = MediaPlaylist.parse(text)
    assert str(read) == text
    assert [segment.uri for segment in read.segments] == [segment.uri for segment in segments]
    assert read.is_ended is is_ended
    total = sum((segment.duration_s for segment in read.segments), Fraction(0))
    # Lengths are told to a millionth of a second, and what is lost by it does not add up.
    assert abs(total - sum(lengths, Fraction(0))) <= Fraction(1, 2_000_000)


@pytest.mark.parametrize(("length", "fits"), [("4.499", True), ("4.5", False), ("3.5", True)])
def test_no_segment_is_longer_than_the_target_when_rounded(length: str, fits: bool) -> None:
    playlist = MediaPlaylist(target_duration_s=4, segments=(MediaSegment(uri="1.m4s", duration_s=Fraction(length)),))
    if fits:
        assert f"#EXTINF:{length}" in str(playlist)
    else:
        with pytest.raises(PlaylistViolation, match=r"1\.m4s lasts longer than 4 s"):
            str(playlist)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "first line"),
        ("#EXT-X-VERSION:7\n#EXTM3U", "first line"),
        ("\ufeff#EXTM3U\n#EXT-X-TARGETDURATION:4", "first line"),
        ("#EXTM3U\n", "target duration"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-TARGETDURATION:4\n", "twice"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:four\n", "whole number"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n1.m4s\n", "no length"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:1,\n#EXT-X-BYTERANGE:5\n1.m4s\n", "no offset"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:LIVE\n", "no PlaylistType"),
        ("#EXTM3U\n" + "#\n" * 500_001, "too long"),
    ],
)
def test_what_is_no_media_playlist_is_refused(text: str, words: str) -> None:
    with pytest.raises(PlaylistViolation, match=words):
        MediaPlaylist.parse(text)


@given(st.text(max_size=200))
def test_random_text_is_a_playlist_or_refused_by_name(text: str) -> None:
    for kind in (MediaPlaylist, MultivariantPlaylist):
        try:
            kind.parse("#EXTM3U\n#EXT" + text)
        except PlaylistViolation:
            continue


# --- multivariant -----------------------------------------------------------------------------------------------------

SOUND = Rendition(
    media_type=MediaType.AUDIO,
    group_id="mp4a-2",
    name="English",
    uri="audio-en/index.m3u8",
    language="en",
    is_default=True,
    is_autoselect=True,
    channels="2",
)
FORCED = Rendition(
    media_type=MediaType.SUBTITLES,
    group_id="texts",
    name="Signs, and more",
    uri="text-en/index.m3u8",
    language="zh-Hant",
    is_autoselect=True,
    is_forced=True,
    characteristics="public.accessibility.transcribes-spoken-dialog",
)
RUNG = Variant(
    uri="video-720/index.m3u8",
    bandwidth_bps=2_000_000,
    average_bandwidth_bps=1_500_000,
    codecs=("avc1.64001f", "mp4a.40.2"),
    resolution=(1280, 720),
    frame_rate="23.976",
    video_range="SDR",
    audio="mp4a-2",
    subtitles="texts",
)
KEYS = Variant(
    uri="video-720/iframes.m3u8",
    bandwidth_bps=90_000,
    average_bandwidth_bps=80_000,
    codecs=("avc1.64001f",),
    resolution=(1280, 720),
    video_range="SDR",
    is_of_key_frames=True,
)
MASTER = MultivariantPlaylist(renditions=(SOUND, FORCED), variants=(RUNG, KEYS), start_s=0)
GOLDEN_MASTER = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-START:TIME-OFFSET=0
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="mp4a-2",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,\
CHANNELS="2",URI="audio-en/index.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="texts",NAME="Signs, and more",LANGUAGE="zh-Hant",DEFAULT=NO,AUTOSELECT=YES,\
FORCED=YES,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog",URI="text-en/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,\
FRAME-RATE=23.976,VIDEO-RANGE=SDR,AUDIO="mp4a-2",SUBTITLES="texts"
video-720/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,AVERAGE-BANDWIDTH=80000,CODECS="avc1.64001f",RESOLUTION=1280x720,\
VIDEO-RANGE=SDR,URI="video-720/iframes.m3u8"
"""


def test_a_multivariant_playlist_is_written_and_read() -> None:
    assert str(MASTER) == GOLDEN_MASTER
    assert MultivariantPlaylist.parse(GOLDEN_MASTER) == MASTER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n", "media playlist"),
        ("#EXTM3U\nvideo.m3u8\n", "no EXT-X-STREAM-INF"),
        ('#EXTM3U\n#EXT-X-STREAM-INF:CODECS="a"\nv.m3u8\n', "BANDWIDTH is missing"),
        ("#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1\n", "URI is missing"),
        ('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="gone"\nv.m3u8\n', "group that is not there"),
        (GOLDEN_MASTER.replace('NAME="English",', ""), "NAME is missing"),
        (GOLDEN_MASTER.replace("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO"), "selected by itself"),
        (GOLDEN_MASTER.replace("TYPE=SUBTITLES", "TYPE=AUDIO").replace(',SUBTITLES="texts"', ""), "no subtitles"),
        (GOLDEN_MASTER.replace("TYPE=SUBTITLES", "TYPE=VIDEO"), "no MediaType"),
    ],
)
def test_what_breaks_a_rule_is_refused(text: str, words: str) -> None:
    with pytest.raises(PlaylistViolation, match=words):
        MultivariantPlaylist.parse(text)


def test_names_of_a_group_differ() -> None:
    with pytest.raises(PlaylistViolation, match="same name"):
        MultivariantPlaylist(renditions=(SOUND, SOUND), variants=())


@pytest.mark.parametrize("name", ['a"b', "a\nb", "a\r#EXT-X-ENDLIST", "a\u2028b"])
def test_no_text_breaks_out_of_its_line(name: str) -> None:
    with pytest.raises(PlaylistViolation, match="cannot stand"):
        str(Rendition(media_type=MediaType.AUDIO, group_id="a", name=name, uri="u"))


@pytest.mark.parametrize("value", ["A", "A=", 'A="b', "A=1,A=2", "a=1", "A=1 B=2;", "=1"])
def test_what_is_no_attribute_list_is_refused(value: str) -> None:
    with pytest.raises(PlaylistViolation):
        parse_attributes(value + ",X")


def test_the_first_moment_of_the_film_is_told_to_captions() -> None:
    assert TIMESTAMP_MAP == "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000"
