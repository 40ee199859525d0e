"""Bytes of a live encoder's pipes in, parts and segments of all tracks out."""

from fractions import Fraction
from itertools import pairwise

import pytest

from streaming.media.boxes import box
from streaming.media.errors import BoxViolation, RungMisaligned, TimelineViolation
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.live.packager import LivePackager
from streaming.media.live.ready import InitReady, PartReady, Ready, SegmentReady, Timed
from streaming.media.live.timing import LiveTiming
from streaming.media.packager import VideoOutput
from streaming.media.segmenter import TIMELINE_START_S
from streaming.media.tracks import format_init
from tests.streaming.media.live.feeding import (
    AAC_FRAME,
    CLOCK_S,
    FRAME,
    HIGH,
    LOW,
    SCALE,
    SOUND,
    SOUND_SCALE,
    begun,
    fragments,
    header,
    parts_of,
    picture,
    run_of,
    segments_of,
    sound,
    video_header,
)
from tests.streaming.media.making import AVC_RECORD, make_track, visual_entry

ALL = (HIGH, LOW, SOUND)
HALF_SOUND_FRAME_S = Fraction(AAC_FRAME, 2 * SOUND_SCALE)


def read(init: bytes, contents: list[bytes]) -> list[Fragment]:
    reader = FragmentReader()
    reader.feed(init)
    found = [item for content in contents for item in reader.feed(content) if isinstance(item, Fragment)]
    reader.finish()
    return found


def ends(items: list[PartReady] | list[SegmentReady]) -> list[Fraction]:
    return [item.end_s for item in items]


def timed(ready: list[Ready]) -> list[Timed]:
    return [item for item in ready if isinstance(item, Timed)]


# --- numbers and times ------------------------------------------------------------------------------------------------


def test_segments_are_two_seconds_and_parts_a_third_of_one() -> None:
    ready = run_of(begun(), 4.5)
    for output in (HIGH, LOW):
        assert [(item.msn, item.duration_s) for item in segments_of(ready, output.name)] == [
            (1, Fraction(2)),
            (2, Fraction(2)),
        ]
        numbers = [(item.msn, item.part) for item in parts_of(ready, output.name)]
        assert numbers == [*((1, part) for part in range(6)), *((2, part) for part in range(6)), (3, 0)]
        assert {item.duration_s for item in parts_of(ready, output.name)} == {Fraction(1, 3)}


def test_the_timeline_begins_where_that_of_films_does() -> None:
    ready = run_of(begun(), 1)
    assert parts_of(ready, HIGH.name)[0].start_s == TIMELINE_START_S


def test_sound_never_strays_from_the_picture_by_more_than_half_a_frame() -> None:
    ready = run_of(begun(), 9)
    pairs = list(zip(parts_of(ready, HIGH.name), parts_of(ready, SOUND.name), strict=True))
    assert len(pairs) > 20
    assert all(abs(heard.end_s - seen.end_s) <= HALF_SOUND_FRAME_S for seen, heard in pairs)
    longest = begun().timing.part_target_s
    assert all(longest * Fraction(85, 100) <= heard.duration_s <= longest for _, heard in pairs)


def test_parts_of_all_tracks_are_handed_out_together() -> None:
    packager = begun()
    packager.feed(HIGH.name, header(HIGH) + picture(11))
    packager.feed(SOUND.name, header(SOUND) + sound(17))
    (init,) = packager.feed(LOW.name, header(LOW) + picture(10))
    assert isinstance(init, InitReady)
    assert (init.name, init.content) == ("video-480/init.mp4", header(LOW))
    found = packager.feed(LOW.name, picture(1, first=10, key_every=None))
    assert [item.name for item in found if isinstance(item, PartReady)] == [
        "video-720/1-0.m4s",
        "video-480/1-0.m4s",
        "audio-und/1-0.m4s",
    ]


def test_the_last_part_of_a_segment_comes_with_its_segment() -> None:
    packager = begun(HIGH)
    ready = packager.feed(HIGH.name, header(HIGH) + picture(61))
    assert [item.name for item in ready][-3:] == ["video-720/1-4.m4s", "video-720/1-5.m4s", "video-720/1.m4s"]


def test_a_segment_is_its_parts() -> None:
    ready = run_of(begun(), 6.5)
    for output in ALL:
        parts, segments = parts_of(ready, output.name), segments_of(ready, output.name)
        assert len(segments) == 3
        for segment in segments:
            own = [part for part in parts if part.msn == segment.msn]
            assert b"".join(part.content for part in own) == segment.content
            assert own[0].start == segment.start
            assert sum(part.duration for part in own) == segment.duration


def test_decode_times_go_on_from_part_to_part() -> None:
    ready = run_of(begun(), 6.5)
    for output in ALL:
        found = read(header(output), [part.content for part in parts_of(ready, output.name)])
        for before, after in pairwise(found):
            assert after.decode_time == before.decode_time + sum(sample.duration for sample in before.samples)


def test_each_segment_begins_with_a_key_frame_that_can_be_had_alone() -> None:
    ready = run_of(begun(), 4.5)
    for part in parts_of(ready, HIGH.name):
        assert part.is_independent == (part.part == 0)
    (first, *_) = segments_of(ready, HIGH.name)
    assert 0 < first.key_end < len(parts_of(ready, HIGH.name)[0].content)


def test_at_25_frames_a_second_only_the_last_part_of_a_segment_is_shorter() -> None:
    slow = VideoOutput(name="video-720", frame_rate=Fraction(25))
    packager = begun(slow)
    frames = fragments(make_track(), range(0, 101 * 512, 512), 512, key_every=50)
    parts = parts_of(packager.feed(slow.name, format_init(make_track()) + frames), slow.name)
    assert [part.duration // 512 for part in parts] == [9, 9, 9, 9, 9, 5] * 2
    assert max(part.duration_s for part in parts) <= packager.timing.part_target_s


def test_sound_alone_leads_itself() -> None:
    packager = begun(SOUND)
    ready = packager.feed(SOUND.name, header(SOUND) + sound(300))
    parts, segments = parts_of(ready, SOUND.name), segments_of(ready, SOUND.name)
    assert [segment.msn for segment in segments] == [1, 2, 3]
    assert all(abs(segment.duration_s - 2) <= 2 * HALF_SOUND_FRAME_S for segment in segments)
    assert all(part.duration_s <= packager.timing.part_target_s for part in parts)


# --- where a run begins -----------------------------------------------------------------------------------------------


def test_what_ffmpeg_adds_to_all_times_does_not_matter() -> None:
    packager = begun(HIGH, SOUND)
    late = 10 * SCALE
    packager.feed(HIGH.name, header(HIGH) + fragments(video_header(), range(late, late + 20 * FRAME, FRAME), FRAME))
    ready = packager.feed(SOUND.name, header(SOUND) + sound(20, offset=10 * SOUND_SCALE))
    assert parts_of(ready, HIGH.name)[0].start_s == TIMELINE_START_S
    assert parts_of(ready, SOUND.name)[0].start_s == TIMELINE_START_S


def test_sound_before_the_first_picture_is_dropped() -> None:
    packager = begun(HIGH, SOUND)
    packager.feed(SOUND.name, header(SOUND) + sound(100))
    frames = fragments(video_header(), range(SCALE, SCALE + 20 * FRAME, FRAME), FRAME)
    ready = packager.feed(HIGH.name, header(HIGH) + frames)
    (heard,) = parts_of(ready, SOUND.name)
    assert heard.start_s == TIMELINE_START_S
    (fragment,) = read(header(SOUND), [heard.content])
    assert len(fragment.samples) == 16


def test_frames_before_the_first_key_frame_are_dropped() -> None:
    packager = begun(HIGH)
    ready = packager.feed(HIGH.name, header(HIGH) + picture(3, key_every=None) + picture(12, first=3))
    assert [part.duration // FRAME for part in parts_of(ready, HIGH.name)] == [10]


def test_sound_that_begins_late_begins_with_silence() -> None:
    packager = begun(HIGH, SOUND)
    packager.feed(HIGH.name, header(HIGH) + picture(61))
    ready = packager.feed(SOUND.name, header(SOUND) + sound(80, first=40))
    parts = parts_of(ready, SOUND.name)
    assert parts[0].start_s == TIMELINE_START_S
    assert all(
        abs(heard.end_s - seen.end_s) <= HALF_SOUND_FRAME_S
        for heard, seen in zip(parts, parts_of(ready, HIGH.name), strict=False)
    )
    silent, *_ = read(header(SOUND), [parts[0].content])
    heard, *_ = read(header(SOUND), [parts[-1].content])
    assert {sample.size for sample in silent.samples} == {7}
    assert {sample.size for sample in heard.samples} == {10}


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_silence_stands_in_for_sound_that_stops() -> None:
    ready = run_of(begun(), 12, sound_s=4)
    seen, heard = parts_of(ready, HIGH.name), parts_of(ready, SOUND.name)
    assert len(seen) == len(heard)
    assert seen[-1].end_s > TIMELINE_START_S + 11
    assert all(abs(one.end_s - other.end_s) <= HALF_SOUND_FRAME_S for one, other in zip(seen, heard, strict=True))


def test_sound_that_is_known_not_to_come_is_not_waited_for() -> None:
    packager = LivePackager(ALL, LiveTiming())
    packager.begin_epoch(wall_clock_s=CLOCK_S, silent={SOUND.name})
    packager.feed(SOUND.name, header(SOUND) + sound(5))
    packager.feed(LOW.name, header(LOW) + picture(31))
    ready = packager.feed(HIGH.name, header(HIGH) + picture(31))
    assert [part.part for part in parts_of(ready, SOUND.name)] == [0, 1, 2]


def test_sound_that_returns_goes_on_where_the_picture_is() -> None:
    packager = begun()
    ready = run_of(packager, 12, sound_s=4)
    ready += packager.feed(SOUND.name, sound(100, first=550))
    ready += packager.feed(HIGH.name, picture(30, first=360, key_every=60))
    ready += packager.feed(LOW.name, picture(30, first=360, key_every=60))
    ready += packager.end_epoch()
    seen, heard = parts_of(ready, HIGH.name), parts_of(ready, SOUND.name)
    assert abs(seen[-1].end_s - heard[-1].end_s) <= 2 * HALF_SOUND_FRAME_S
    last = read(header(SOUND), [heard[-1].content])[-1]
    assert last.samples[-1].size == 10


def test_a_rung_that_falls_silent_is_named() -> None:
    packager = begun(HIGH, LOW)
    packager.feed(LOW.name, header(LOW) + picture(1))
    with pytest.raises(TimelineViolation, match="video-480 is more than 10 s late"):
        packager.feed(HIGH.name, header(HIGH) + picture(400))


def test_a_rung_without_a_key_frame_at_a_boundary_is_named() -> None:
    packager = begun(HIGH, LOW)
    packager.feed(HIGH.name, header(HIGH) + picture(70))
    with pytest.raises(RungMisaligned, match="video-480 has no key frame"):
        packager.feed(LOW.name, header(LOW) + picture(70, key_every=50))


def test_a_rung_that_begins_elsewhere_is_named() -> None:
    packager = begun(HIGH, LOW)
    packager.feed(HIGH.name, header(HIGH) + picture(1))
    with pytest.raises(RungMisaligned, match="video-480 does not begin"):
        packager.feed(LOW.name, header(LOW) + picture(1, first=2))


def test_a_leader_without_key_frames_is_refused_before_its_segment_is_too_long() -> None:
    with pytest.raises(TimelineViolation, match="no key frame"):
        begun(HIGH).feed(HIGH.name, header(HIGH) + picture(80, key_every=999))


def test_what_came_without_a_key_frame_is_no_segment_that_is_too_long() -> None:
    packager = begun(HIGH)
    ready = [*packager.feed(HIGH.name, header(HIGH) + picture(70, key_every=999))]
    with pytest.raises(TimelineViolation, match="no key frame"):
        packager.feed(HIGH.name, picture(9, first=70, key_every=None))
    ready += packager.end_epoch()
    (segment,) = segments_of(ready, HIGH.name)
    assert segment.duration_s <= Fraction(7, 3)
    assert segment.duration == sum(part.duration for part in parts_of(ready, HIGH.name))


def test_a_hole_in_the_picture_is_refused() -> None:
    packager = begun(HIGH)
    packager.feed(HIGH.name, header(HIGH) + picture(5))
    with pytest.raises(TimelineViolation, match="goes on at"):
        packager.feed(HIGH.name, picture(1, first=300))


def test_a_pipe_that_brings_the_wrong_kind_is_refused() -> None:
    with pytest.raises(BoxViolation, match=r"audio-und brings avc1"):
        begun().feed(SOUND.name, header(HIGH))


def test_bytes_outside_of_a_run_are_refused() -> None:
    packager = begun()
    packager.end_epoch()
    fresh = type(packager)(ALL, packager.timing)
    with pytest.raises(TimelineViolation, match="outside of its run"):
        fresh.feed(HIGH.name, header(HIGH))


def test_sound_without_a_picture_does_not_fill_memory() -> None:
    packager = begun(HIGH, SOUND)
    with pytest.raises(TimelineViolation, match="no picture has begun"):
        packager.feed(SOUND.name, header(SOUND) + sound(501))


# --- runs of the encoder ----------------------------------------------------------------------------------------------


def test_the_end_of_a_run_closes_its_segment() -> None:
    packager = begun()
    run_of(packager, 4.5)
    ready = packager.end_epoch()
    assert [item.name for item in timed(list(ready)) if isinstance(item, SegmentReady)] == [
        "video-720/3.m4s",
        "video-480/3.m4s",
        "audio-und/3.m4s",
    ]
    for output in ALL:
        (segment,) = segments_of(ready, output.name)
        assert abs(segment.end_s - (TIMELINE_START_S + Fraction(9, 2))) <= HALF_SOUND_FRAME_S


def test_all_rungs_end_where_the_first_of_them_was_cut_off() -> None:
    packager = begun(HIGH, LOW)
    packager.feed(HIGH.name, header(HIGH) + picture(75))
    packager.feed(LOW.name, header(LOW) + picture(66))
    ready = packager.end_epoch()
    assert ends(segments_of(ready, HIGH.name)) == ends(segments_of(ready, LOW.name))
    assert segments_of(ready, HIGH.name)[-1].duration // FRAME == 6


def test_a_run_that_ends_before_all_tracks_have_come_leaves_nothing() -> None:
    packager = begun()
    packager.feed(HIGH.name, header(HIGH) + picture(20))
    assert timed(list(packager.end_epoch())) == []
    packager.begin_epoch(wall_clock_s=CLOCK_S + 5)
    ready = run_of(packager, 2.5)
    first = parts_of(ready, HIGH.name)[0]
    assert (first.msn, first.epoch.number) == (1, 1)
    assert first.start_s == TIMELINE_START_S
    assert first.epoch.clock_s == CLOCK_S + 5


def test_runs_follow_each_other_without_a_hole() -> None:
    packager = begun()
    ready = [*run_of(packager, 4.5), *packager.end_epoch()]
    for number in range(3):
        packager.begin_epoch(wall_clock_s=CLOCK_S + 20 * (number + 1))
        ready += [*run_of(packager, 3.1, sound_s=2.9), *packager.end_epoch()]
    for output in ALL:
        segments = segments_of(ready, output.name)
        assert [segment.msn for segment in segments] == list(range(1, len(segments) + 1))
        assert {segment.epoch.number for segment in segments} == {1, 2, 3, 4}
        found = read(header(output), [segment.content for segment in segments])
        for before, after in pairwise(found):
            assert after.decode_time == before.decode_time + sum(sample.duration for sample in before.samples)


def test_sound_does_not_drift_over_many_runs() -> None:
    packager = begun()
    ready: list[Ready] = []
    for number in range(8):
        packager.begin_epoch(wall_clock_s=CLOCK_S + 20 * number)
        ready += [*run_of(packager, 1.7), *packager.end_epoch()]
    pairs = zip(parts_of(ready, HIGH.name), parts_of(ready, SOUND.name), strict=True)
    assert all(abs(seen.end_s - heard.end_s) <= 2 * HALF_SOUND_FRAME_S for seen, heard in pairs)


def test_the_clock_never_runs_backwards() -> None:
    packager = begun()
    run_of(packager, 4.5)
    packager.end_epoch()
    packager.begin_epoch(wall_clock_s=CLOCK_S + 1)
    first = parts_of(run_of(packager, 1), HIGH.name)[0]
    assert first.epoch.clock_s == CLOCK_S + Fraction(9, 2)


def test_a_header_is_named_again_only_when_it_has_changed() -> None:
    packager = begun(HIGH)
    other = make_track(timescale=SCALE, sample_entry=visual_entry("avc1", box("avcC", AVC_RECORD, b"\0")))
    names = []
    for number, track in enumerate((video_header(), video_header(), other, video_header())):
        packager.begin_epoch(wall_clock_s=CLOCK_S + 10 * number)
        ready = packager.feed(HIGH.name, format_init(track) + picture(20))
        names += [item.name for item in ready if isinstance(item, InitReady)]
        packager.end_epoch()
    assert names == ["video-720/init.mp4", "video-720/init.mp4", "video-720/init-3.mp4", "video-720/init.mp4"]
