"""The recording of a live stream is a package like any other."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from streaming.media.boxes import box
from streaming.media.dash import format_manifest
from streaming.media.errors import IndexViolation, TimelineViolation
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import format_index, parse_index
from streaming.media.live.ready import PartReady
from streaming.media.live.recording import Recording
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import HeaderChange
from streaming.media.package_parts import media_files
from streaming.media.packager import File
from streaming.media.tracks import format_init
from tests.streaming.media.conformance import check_h13_times_go_on_without_a_hole
from tests.streaming.media.live.feeding import CLOCK_S, HIGH, LOW, SCALE, SOUND, header, picture, sound, video_header
from tests.streaming.media.live.showing import Shown
from tests.streaming.media.making import AVC_RECORD, make_track, visual_entry
from tests.streaming.media.packing import write_files, write_playlists


def test_a_recording_over_several_runs_is_one_package_without_a_hole(tmp_path: Path) -> None:
    shown = Shown().run(5).run(4.1).run(0.7).run(2.9).end()
    files = {item.name: File(item.name, item.content) for item in shown.ready if not isinstance(item, PartReady)}
    write_files(tmp_path, tuple(files.values()))
    index = shown.recording.index(is_whole=True)
    write_playlists(tmp_path, index)
    assert abs(index.duration_s - Fraction(127, 10)) < Fraction(1, 20)
    check_h13_times_go_on_without_a_hole(tmp_path)


def test_a_recording_can_be_described_while_it_grows() -> None:
    shown = Shown().run(9)
    index = shown.recording.index(is_whole=False)
    assert [len(track.segments) for track in index.media()] == [4, 4, 4]
    assert index.target_duration_s == 2


def test_a_recording_that_has_not_begun_cannot_be_described() -> None:
    with pytest.raises(TimelineViolation, match="video-720 has not begun"):
        Recording((HIGH, SOUND), LiveTiming()).index(is_whole=False)


def test_a_header_that_changed_is_told_by_playlist_and_manifest() -> None:
    shown = Shown()
    other = make_track(timescale=SCALE, sample_entry=visual_entry("avc1", box("avcC", AVC_RECORD, b"\0")))
    for number in range(3):
        if number:
            shown.packager.begin_epoch(wall_clock_s=CLOCK_S + 20 * number)
        for output in (HIGH, LOW):
            header_bytes = format_init(other if number == 1 else video_header())
            shown.add(shown.packager.feed(output.name, header_bytes + picture(90)))
        shown.add(shown.packager.feed(SOUND.name, header(SOUND) + sound(145)))
        shown.add(shown.packager.end_epoch())
    index = parse_index(format_index(shown.recording.index(is_whole=True)))
    playlist = build_playlists(index)["video-720/index.m3u8"]
    assert re.findall(r'MAP:URI="(.*)"\n#EXTINF:.*\n(\d)', playlist) == [
        ("init.mp4", "1"),
        ("init-2.mp4", "3"),
        ("init.mp4", "5"),
    ]
    assert "EXT-X-MAP" not in build_playlists(index)["audio-und/index.m3u8"].partition("EXTINF")[2]
    assert {"video-720/init-2.mp4", "video-480/init-2.mp4"} <= media_files(index)
    periods = fromstring(format_manifest(index)).findall("{*}Period")
    assert [period.get("start") for period in periods] == ["PT0S", "PT3S", "PT6S"]
    templates = periods[1].findall(".//{*}SegmentTemplate")
    assert {template.get("startNumber") for template in templates} == {"3"}
    assert [template.get("initialization", "").rpartition("/")[2] for template in templates] == [
        "init-2.mp4",
        "init-2.mp4",
        "init.mp4",
    ]
    assert templates[0].get("presentationTimeOffset") == str(13 * SCALE)


def test_a_package_of_one_header_is_described_as_it_always_was() -> None:
    text = format_index(Shown().run(5).end().recording.index(is_whole=True))
    assert "headers" not in text
    assert all(track.header_of(2) == "init.mp4" for track in parse_index(text).media())


def test_headers_out_of_order_are_refused() -> None:
    track = Shown().run(5).recording.index(is_whole=False).video[0]
    for headers in ((HeaderChange(2, "init-2.mp4"), HeaderChange(2, "init.mp4")), (HeaderChange(2, "../init.mp4"),)):
        with pytest.raises(IndexViolation):
            replace(track, headers=headers)


@pytest.mark.parametrize(
    ("file", "left"), [("3.m4s", 2), ("init.mp4", 0), ("init-9.mp4", 4), ("99.m4s", 4), ("index.m3u8", 4)]
)
def test_a_recording_ends_before_what_needs_a_file_that_is_not_there(file: str, left: int) -> None:
    recording = Shown().run(8.1).recording
    recording.end_before_file(f"{HIGH.name}/{file}")
    recording.end_before_file("index.json")
    assert recording.common_count == left


def test_a_snapshot_stays_as_it_was() -> None:
    shown = Shown().run(4.1)
    snapshot = shown.recording.snapshot()
    shown.run(4.1)
    assert snapshot.common_count == 2
    assert shown.recording.common_count >= 4
    assert len(snapshot.index(is_whole=False).video[0].segments) == 2
