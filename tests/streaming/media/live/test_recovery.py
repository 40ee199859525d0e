"""A stream whose origin was killed is taken up from what is stored."""

from pathlib import Path

import pytest

from streaming.media.errors import BoxViolation, IndexViolation, TimelineViolation
from streaming.media.index_json import format_index, parse_index
from streaming.media.live.manifest import format_live_manifest
from streaming.media.live.packager import LivePackager
from streaming.media.live.playlists import format_media_playlist
from streaming.media.live.ready import InitReady, Ready, SegmentReady
from streaming.media.live.recording import Recording
from streaming.media.live.runs import format_runs, parse_runs
from streaming.media.live.timing import LiveTiming
from streaming.media.live.window import LiveWindow
from streaming.media.package_index import PackageIndex
from streaming.media.packager import File
from tests.streaming.media.conformance import check_h13_times_go_on_without_a_hole
from tests.streaming.media.live.feeding import CLOCK_S, HIGH, LOW, SOUND, run_of
from tests.streaming.media.live.showing import Shown
from tests.streaming.media.packing import write_files, write_playlists

NAMES = (HIGH.name, LOW.name, SOUND.name)


def stored(ready: list[Ready]) -> dict[str, bytes]:
    return {item.name: item.content for item in ready if isinstance(item, InitReady | SegmentReady)}


def killed() -> tuple[PackageIndex, dict[str, bytes]]:
    """Return the index of 4 s and the files of 8 s of a stream; the origin had no time to end it."""
    shown = Shown().run(4.5)
    index = parse_index(format_index(shown.recording.index(is_whole=False)))
    shown.run(4.5)
    return index, stored(shown.ready)


def taken_up() -> tuple[Recording, dict[str, bytes]]:
    index, files = killed()
    inits = {name: files[f"{name}/init.mp4"] for name in NAMES}
    runs = parse_runs(format_runs(Shown().run(4.5).run(4.5).recording.runs))
    recording = Recording.taken_up(index, inits, LiveTiming(), runs)
    for name in NAMES:
        while content := files.get(f"{name}/{recording.next_msn(name)}.m4s"):
            recording.recover(name, content)
    return recording, files


def gone_on(recording: Recording, *, dvr_s: int = 60) -> tuple[LiveWindow, LivePackager]:
    """Return what an origin shows that has taken up a recording, and its packager, at the beginning of a run."""
    window = LiveWindow(recording.outputs, LiveTiming(), dvr_s=dvr_s)
    window.take_up(recording.index(is_whole=False), recording.headers(), recording.runs, first_msn=recording.first_msn)
    packager = LivePackager(recording.outputs, LiveTiming())
    packager.take_up(recording.stand(), recording.runs[-1].epoch if recording.runs else None)
    packager.begin_epoch(wall_clock_s=CLOCK_S + 100)
    return window, packager


def test_segments_that_the_index_does_not_know_are_found_again() -> None:
    shown = Shown().run(4.5).run(4.5)
    recording, _ = taken_up()
    assert recording.index(is_whole=True) == shown.recording.index(is_whole=True)


def test_the_stream_goes_on_behind_what_is_stored(tmp_path: Path) -> None:
    recording, files = taken_up()
    packager = LivePackager(recording.outputs, LiveTiming())
    packager.take_up(recording.stand())
    packager.begin_epoch(wall_clock_s=CLOCK_S + 100)
    ready = [*run_of(packager, 5), *packager.end_epoch()]
    recording.add(ready)
    assert not set(files) & {name for name in stored(ready) if not name.endswith("init.mp4")}
    write_files(tmp_path, tuple(File(name, content) for name, content in (files | stored(ready)).items()))
    index = recording.index(is_whole=True)
    write_playlists(tmp_path, index)
    assert [len(track.segments) for track in index.media()] == [8, 8, 8]
    check_h13_times_go_on_without_a_hole(tmp_path)


def test_the_playlist_goes_on_with_its_numbers() -> None:
    recording, _ = taken_up()
    packager = LivePackager(recording.outputs, LiveTiming())
    packager.take_up(recording.stand())
    packager.begin_epoch(wall_clock_s=CLOCK_S + 100)
    window = LiveWindow(recording.outputs, LiveTiming(), dvr_s=60)
    window.add(run_of(packager, 3))
    text = format_media_playlist(window, HIGH.name)
    assert "#EXT-X-MEDIA-SEQUENCE:6\n#EXT-X-DISCONTINUITY-SEQUENCE:6\n" in text
    assert "#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:01:40.000Z\n" in text
    # Viewers may have seen parts of these numbers that nobody has stored.
    assert '"6-0-6.m4s",INDEPENDENT' in text
    assert 'TYPE=PART,URI="7-2-6.m4s"' in text


def test_a_damaged_segment_is_refused() -> None:
    index, files = killed()
    inits = {name: files[f"{name}/init.mp4"] for name in NAMES}
    recording = Recording.taken_up(index, inits, LiveTiming())
    with pytest.raises(BoxViolation):
        recording.recover(HIGH.name, files["video-720/3.m4s"][:-1])
    with pytest.raises(BoxViolation):
        recording.recover(HIGH.name, b"")
    assert recording.next_msn(HIGH.name) == 3


def test_a_segment_of_another_place_is_refused() -> None:
    index, files = killed()
    inits = {name: files[f"{name}/init.mp4"] for name in NAMES}
    recording = Recording.taken_up(index, inits, LiveTiming())
    with pytest.raises(TimelineViolation, match="video-720 goes on at"):
        recording.recover(HIGH.name, files["video-720/4.m4s"])


def test_a_header_that_is_none_is_refused() -> None:
    index, files = killed()
    inits = {name: files[f"{name}/1.m4s"] for name in NAMES}
    with pytest.raises(BoxViolation):
        Recording.taken_up(index, inits, LiveTiming())


def test_players_find_again_what_they_could_go_back_to() -> None:
    """After an origin was killed: the same lines, a discontinuity more, and the manifest begins when it began."""
    shown = Shown().run(4.5).run(4.5)
    recording, _ = taken_up()
    window, packager = gone_on(recording)
    assert window.is_playable
    text = format_media_playlist(window, HIGH.name)
    # The origin that is no more told of parts as well, which nobody can have any longer, and of a segment begun.
    told = format_media_playlist(shown.window, HIGH.name).splitlines()
    whole = [line for line in told if not line.startswith(("#EXT-X-PART:", "#EXT-X-PRELOAD", "#EXT-X-RENDITION"))]
    assert text.splitlines()[: len(whole) - 1] == whole[:-1]
    assert "#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n" in text
    assert 'TYPE=PART,URI="6-0-6.m4s"' in text
    window.add(run_of(packager, 3))
    text = format_media_playlist(window, HIGH.name)
    assert text.count("#EXT-X-DISCONTINUITY\n") == 2
    began = format_live_manifest(shown.window, clock_url="/clock").partition("availabilityStartTime=")[2][:26]
    assert f"availabilityStartTime={began}" in format_live_manifest(window, clock_url="/clock")


def test_what_was_left_behind_long_ago_is_listed_no_more() -> None:
    shown = Shown(dvr_s=12).run(9).run(21).end()
    window, _ = gone_on(shown.recording, dvr_s=12)
    for name in NAMES:
        head, _, _ = format_media_playlist(window, name).partition("#EXT-X-MAP")
        assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in head
        assert format_media_playlist(shown.window, name).startswith(head)


def test_what_was_made_before_the_first_run_that_is_known_is_not_listed() -> None:
    """An origin was killed after its index was written and before its runs were; the next one told of its own."""
    known = Shown().run(4.5).run(4.5).recording
    index, (_, later) = known.index(is_whole=False), known.runs
    _, files = killed()
    inits = {name: files[f"{name}/init.mp4"] for name in NAMES}
    window, _ = gone_on(Recording.taken_up(index, inits, LiveTiming(), [later]))
    text = format_media_playlist(window, HIGH.name)
    assert f"#EXT-X-MEDIA-SEQUENCE:{later.first_msn}\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n" in text


@pytest.mark.parametrize("text", ["", "null", "{}", '{"version":2,"runs":[]}', '{"version":1,"runs":[[1,2]]}'])
def test_runs_that_are_damaged_are_refused(text: str) -> None:
    with pytest.raises(IndexViolation):
        parse_runs(text)


def test_of_a_stream_that_told_nothing_of_its_runs_the_window_begins_anew() -> None:
    index, files = killed()
    inits = {name: files[f"{name}/init.mp4"] for name in NAMES}
    window, _ = gone_on(Recording.taken_up(index, inits, LiveTiming()))
    assert not window.is_playable
