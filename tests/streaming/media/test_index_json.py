"""The index of a package as text, and what is not believed of it."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.errors import IndexViolation
from streaming.media.index_json import format_index, parse_index
from streaming.media.package_index import PackageIndex, SegmentEntry
from tests.streaming.media.making import make_audio, make_images, make_index, make_text, make_video


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(format_index(make_index()))
    return found


def test_an_index_is_written_and_read() -> None:
    index = make_index()
    assert parse_index(format_index(index)) == index


def test_an_index_says_its_version_first() -> None:
    assert format_index(make_index()).startswith('{"version":1,')


@given(
    st.lists(st.builds(SegmentEntry, st.integers(1, 52000), st.integers(50, 1 << 30), st.integers(0, 50)), max_size=9),
    st.booleans(),
    st.fractions(Fraction(1), Fraction(240)),
)
def test_any_index_is_read_again(segments: list[SegmentEntry], is_whole: bool, rate: Fraction) -> None:
    video = make_video(segments=tuple(segments), frame_rate=rate, ceiling_bps=None)
    index = make_index(is_whole=is_whole, video=(video,), texts=(), images=())
    assert parse_index(format_index(index)) == index


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no version"),
        ("{}", "no version"),
        ('{"version":true}', "no version"),
        ('{"version":2}', "not of version 1"),
        ('{"version":1}', "lacks"),
    ],
)
def test_what_is_no_index_is_refused(text: str, words: str) -> None:
    with pytest.raises(IndexViolation, match=words):
        parse_index(text)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("is_whole", 1, "index/is_whole is no bool"),
        ("target_duration_s", 4.0, "no int"),
        ("target_duration_s", 0, "target duration"),
        ("target_duration_s", 3, "segment 1 of video-720 lasts 4.000 s, 3 s are the most"),
        ("video", {}, "no list"),
        ("video/0/name", "../../etc", "no name"),
        ("video/0/name", "video-360", "same name"),
        ("video/0/codec", 'avc1"', "no codec"),
        ("video/0/timescale", 0, "timescale"),
        ("video/0/start", -1, "begins at"),
        ("video/0/frame_rate", "1/0", "no Fraction"),
        ("video/0/frame_rate", "1" * 100, "no Fraction"),
        ("video/0/frame_rate", "0", "impossible picture"),
        ("video/0/video_range", "HDR", "no VideoRange"),
        ("video/0/segments/1", [1, 2], "2 columns"),
        ("video/0/segments/1", [0, 2, 0], "segment 2 of video-720 has impossible"),
        ("video/0/segments/1", [1, 2, 3], "impossible"),
        ("video/0/segments/1", [1, "2", 0], "segments/1 is no int"),
        ("video/0/secret", 1, "more than it may"),
        ("audio/0/channels", 0, "impossible sound"),
        ("audio/0/label", 'a"b', "label"),
        ("audio/0/label", "a\nb", "label"),
        ("audio/0/label", "", "label"),
        ("audio/0/language", "en\n", "language"),
        ("audio/0/role", "hero", "no AudioRole"),
        ("texts/0/files/0", ["0", 5], "file 1 of text-en"),
        ("texts/0/is_forced", None, "no bool"),
        ("images/0/columns", 0, "storyboard is impossible"),
        ("posters/0", "../../etc/passwd", "poster has an impossible name"),
    ],
)
def test_an_index_that_lies_is_refused(path: str, value: object, words: str) -> None:
    found = document()
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place: Any = found
    for part in parents:
        place = place[part]
    place[last] = value
    with pytest.raises(IndexViolation, match=words):
        parse_index(json.dumps(found))


def test_lengths_follow_from_segments() -> None:
    assert make_video().duration_s == 10
    assert make_video().end_s == 10
    assert make_audio().end_s == Fraction(193536 + 191488 + 96256 - 1024, 48000)
    assert make_index().duration_s == make_audio().end_s
    assert make_video().size_bytes == 1_000_000
    assert make_images().sheet_s == 6
    assert PackageIndex(is_whole=False, target_duration_s=4).duration_s == 0


def test_winding_needs_a_key_frame_in_each_segment() -> None:
    assert make_video().has_key_frames
    assert not make_video(segments=(SegmentEntry(1, 1, 1), SegmentEntry(1, 1, 0))).has_key_frames
    assert not make_video(segments=()).has_key_frames


def test_a_package_has_a_limit_of_tracks() -> None:
    texts = tuple(make_text(name=f"text-{number}") for number in range(201))
    with pytest.raises(IndexViolation, match="201 tracks"):
        PackageIndex(is_whole=True, target_duration_s=4, texts=texts)


@pytest.mark.parametrize(("duration", "is_too_long"), [(57599, False), (57600, True)])
def test_a_segment_may_be_as_long_as_it_rounds_to_the_target_duration(duration: int, is_too_long: bool) -> None:
    """Half a second above four rounds to five; 12800 ticks are a second."""
    video = make_video(timescale=12800, segments=(SegmentEntry(duration, 100, 50),))
    if is_too_long:
        with pytest.raises(IndexViolation, match=r"lasts 4\.500 s, 4 s are the most"):
            make_index(target_duration_s=4, video=(video,), audio=())
    else:
        assert make_index(target_duration_s=4, video=(video,), audio=()).video == (video,)
