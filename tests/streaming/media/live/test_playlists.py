"""Low-latency playlists of a live stream."""

import re

import pytest

from streaming.media.errors import TimelineViolation
from streaming.media.hls import MultivariantPlaylist
from streaming.media.live.playlists import format_media_playlist, format_multivariant
from streaming.media.live.timing import LiveTiming
from streaming.media.live.window import LiveWindow
from tests.streaming.media.live.feeding import HIGH, LOW, SOUND
from tests.streaming.media.live.showing import Shown

HEAD = """\
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000,HOLD-BACK=6.000,PART-HOLD-BACK=1.071
#EXT-X-PART-INF:PART-TARGET=0.357
"""
REPORTS = """\
#EXT-X-RENDITION-REPORT:URI="../video-480/index.m3u8",LAST-MSN={0},LAST-PART={1}
#EXT-X-RENDITION-REPORT:URI="../audio-und/index.m3u8",LAST-MSN={0},LAST-PART={1}
"""


def playlist(shown: Shown, *, track: str = HIGH.name, skip: bool = False) -> str:
    return format_media_playlist(shown.window, track, skip=skip)


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"^(\d+)\.m4s$", text, re.MULTILINE)]


def test_a_stream_that_has_just_begun_lists_parts() -> None:
    assert playlist(Shown().run(0.8)) == (
        HEAD
        + """\
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:00.000Z
#EXT-X-PART:DURATION=0.333333,URI="1-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.333334,URI="1-1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1-2.m4s"
"""
        + REPORTS.format(1, 1)
    )


def test_what_holds_for_a_segment_stands_before_its_first_part() -> None:
    text = playlist(Shown().run(0.8).run(0.8))
    assert (
        """\
#EXTINF:0.800000,
1.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:20.000Z
#EXT-X-PART:DURATION=0.333333,URI="2-0.m4s",INDEPENDENT=YES
"""
        in text
    )


def test_parts_are_listed_near_the_end_only() -> None:
    text = playlist(Shown().run(12.5))
    assert numbers(text) == [1, 2, 3, 4, 5, 6]
    parts = re.findall(r'URI="(\d+)-\d\.m4s"', text)
    assert sorted(set(parts)) == ["4", "5", "6", "7"]


def test_lengths_of_parts_add_up_to_those_of_segments() -> None:
    text = playlist(Shown().run(9.7), track=SOUND.name)
    lengths = [float(found) for found in re.findall(r"EXTINF:([\d.]+),\n4\.m4s", text)]
    parts = [float(found) for found in re.findall(r'PART:DURATION=([\d.]+),URI="4-', text)]
    assert len(parts) == 6
    assert lengths == [pytest.approx(sum(parts), abs=1e-9)]


def test_the_hint_is_the_address_of_the_next_part() -> None:
    shown = Shown()
    hints, parts = [], []
    for seconds in (0.5, 2.1, 4.5):
        text = playlist(shown.run(seconds))
        hints.append(re.findall(r'PRELOAD-HINT:TYPE=PART,URI="([^"]+)"', text))
        parts.append(re.findall(r'PART:DURATION=[\d.]+,URI="([^"]+)"', text))
    assert hints == [["1-1.m4s"], ["3-0.m4s"], ["6-1.m4s"]]
    assert parts[2][-1] == "6-0.m4s"


def test_the_window_slides_by_whole_segments() -> None:
    shown = Shown(dvr_s=20).run(41)
    text = playlist(shown)
    assert numbers(text) == list(range(11, 21))
    assert "#EXT-X-MEDIA-SEQUENCE:11\n" in text
    assert numbers(playlist(shown, track=SOUND.name)) == numbers(text)


def test_the_window_is_never_shorter_than_what_may_be_skipped() -> None:
    assert len(numbers(playlist(Shown(dvr_s=0).run(41)))) >= 6


def test_a_discontinuity_is_counted_when_it_leaves_the_window() -> None:
    counted = []
    for shown in (Shown(dvr_s=12).run(5).run(9), Shown(dvr_s=12).run(5).run(30), Shown(dvr_s=12).run(5).run(5).run(30)):
        text = playlist(shown)
        counted.append((text.count("#EXT-X-DISCONTINUITY\n"), re.findall(r"DISCONTINUITY-SEQUENCE:(\d)", text)))
    assert counted == [(1, ["0"]), (0, ["1"]), (0, ["2"])]


def test_what_a_player_knows_is_only_counted() -> None:
    shown = Shown().run(30.5)
    text, whole = playlist(shown, skip=True), playlist(shown)
    assert "#EXT-X-SKIP:SKIPPED-SEGMENTS=9\n" in text
    assert "#EXT-X-MEDIA-SEQUENCE:1\n" in text
    assert numbers(text) == numbers(whole)[9:]
    assert text.endswith(whole[whole.index("#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:18.000Z") :])


def test_a_short_stream_has_nothing_to_skip() -> None:
    shown = Shown().run(8)
    assert playlist(shown, skip=True) == playlist(shown)


def test_an_ended_stream_is_told_in_full_and_promises_nothing() -> None:
    shown = Shown().run(30.5).end()
    text = playlist(shown, skip=True)
    assert text.endswith("16.m4s\n#EXT-X-ENDLIST\n")
    assert numbers(text) == list(range(1, 17))
    assert "HINT" not in text
    assert "REPORT" not in text


def test_a_playlist_is_the_same_for_the_same_window() -> None:
    shown = Shown().run(5)
    assert playlist(shown) == playlist(shown)


def test_the_multivariant_playlist_is_the_same_from_the_first_to_the_last_moment() -> None:
    shown = Shown().run(0.1)
    early = format_multivariant(shown.window)
    assert early == format_multivariant(shown.run(5).end().window)
    parsed = MultivariantPlaylist.parse(early)
    assert [(v.uri, v.bandwidth_bps, v.frame_rate, v.audio) for v in parsed.variants] == [
        ("video-720/index.m3u8", 5_140_000, "30.000", "mp4a-2"),
        ("video-480/index.m3u8", 2_140_000, "30.000", "mp4a-2"),
    ]
    assert all(v.average_bandwidth_bps for v in parsed.variants)
    assert [(r.uri, r.is_default) for r in parsed.renditions] == [("audio-und/index.m3u8", True)]
    assert parsed.start_s is None


def test_there_is_no_multivariant_playlist_before_the_headers() -> None:
    window = LiveWindow((HIGH, LOW), LiveTiming(), dvr_s=60)
    with pytest.raises(TimelineViolation, match="video-720 has not begun"):
        format_multivariant(window)
