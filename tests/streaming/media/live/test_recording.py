"""The recording of a live stream is a package like any other."""

from fractions import Fraction
from pathlib import Path

import pytest

from streaming.media.errors import TimelineViolation
from streaming.media.live.ready import PartReady
from streaming.media.live.recording import Recording
from streaming.media.live.timing import LiveTiming
from streaming.media.packager import File
from tests.streaming.media.conformance import check_h13_times_go_on_without_a_hole
from tests.streaming.media.live.feeding import HIGH, SOUND
from tests.streaming.media.live.showing import Shown
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
