"""Where segments are cut, what stands in them, and which tracks cannot be cut."""

from contextlib import nullcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.errors import RungMisaligned, TimelineViolation
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.samples import Sample
from streaming.media.segmenter import (
    TIMELINE_START_S,
    Alignment,
    FollowingSegmenter,
    LeadingSegmenter,
    Segment,
    end_of,
)
from streaming.media.tracks import Track, format_init
from tests.streaming.media.making import make_fragment, make_sound_track, make_track

FRAME, SECOND = 512, 12800
START = TIMELINE_START_S * SECOND
SOUND_SECOND, SOUND_FRAME = 48000, 1024
SOUND_START = TIMELINE_START_S * SOUND_SECOND


def leader(segment_s: int | Fraction = 4, **overrides: object) -> LeadingSegmenter:
    return LeadingSegmenter(make_track(**overrides), segment_s=Fraction(segment_s), name="video-720")


def follower(*, is_alone: bool = False) -> FollowingSegmenter:
    return FollowingSegmenter(make_sound_track(), segment_s=Fraction(4), name="audio-en", is_alone=is_alone)


def cut(segmenter: LeadingSegmenter, fragments: list[Fragment]) -> list[Segment]:
    found = [segment for fragment in fragments for segment in segmenter.feed(fragment)]
    return [*found, *segmenter.finish()]


def seconds(first: int, count: int) -> list[Fragment]:
    """Return groups of pictures of one second each."""
    return [make_fragment(second * SECOND) for second in range(first, first + count)]


def read_back(track: Track, segments: list[Segment]) -> list[Fragment]:
    """Return what a player finds in the files."""
    reader = FragmentReader()
    found = list(reader.feed(format_init(track)))
    for segment in segments:
        found += reader.feed(segment.content)
    reader.finish()
    return [item for item in found if isinstance(item, Fragment)]


# --- the picture ------------------------------------------------------------------------------------------------------


def test_segments_begin_with_a_key_frame_every_four_seconds() -> None:
    found = cut(leader(), seconds(0, 10))
    assert [segment.number for segment in found] == [1, 2, 3]
    assert [segment.start for segment in found] == [START, START + 4 * SECOND, START + 8 * SECOND]
    assert [segment.duration for segment in found] == [4 * SECOND, 4 * SECOND, 2 * SECOND]
    assert [segment.samples for segment in found] == [100, 100, 50]


def test_no_key_frame_means_a_longer_segment() -> None:
    found = cut(leader(), [make_fragment(0, count=150), make_fragment(6 * SECOND, count=25)])
    assert [segment.duration for segment in found] == [6 * SECOND, SECOND]


@pytest.mark.parametrize(("second_shown", "is_refused"), [(0, False), (-FRAME, True)])
def test_a_group_that_leans_on_the_one_before_cannot_begin_a_segment(second_shown: int, is_refused: bool) -> None:
    """Its second frame is shown before its key frame."""
    leaning = (Sample(FRAME, 10, True, FRAME), Sample(FRAME, 10, False, second_shown))
    group = Fragment(decode_time=4 * SECOND, samples=leaning, payload=bytes(20))
    with pytest.raises(TimelineViolation, match="key frame") if is_refused else nullcontext():
        cut(leader(), [*seconds(0, 4), group])


@pytest.mark.parametrize(("frames", "is_cut"), [(100, True), (99, False), (101, True)])
def test_a_key_frame_up_to_half_a_frame_early_is_taken(frames: int, is_cut: bool) -> None:
    found = cut(leader(), [make_fragment(0, count=frames), make_fragment(frames * FRAME)])
    assert (len(found) == 2) is is_cut


def test_half_a_frame_is_the_border() -> None:
    near = cut(leader(Fraction(4) + Fraction(1, 51)), [make_fragment(0, count=100), make_fragment(100 * FRAME)])
    far = cut(leader(Fraction(4) + Fraction(1, 49)), [make_fragment(0, count=100), make_fragment(100 * FRAME)])
    assert (len(near), len(far)) == (2, 1)


@pytest.mark.parametrize("late", [1, SECOND, 4 * SECOND])
def test_a_first_frame_that_comes_late_is_shown_from_the_beginning(late: int) -> None:
    segmenter = leader()
    found = cut(segmenter, [make_fragment(late), make_fragment(late + SECOND)])
    assert found[0].start == START
    first, *others = [sample for fragment in read_back(segmenter.queue.track, found) for sample in fragment.samples]
    assert first.duration == FRAME + late
    assert {sample.duration for sample in others} == {FRAME}


def test_the_beginning_is_that_of_showing_and_not_of_decoding() -> None:
    segmenter = leader(shift=-2 * FRAME)
    segmenter.feed(Fragment(decode_time=FRAME, samples=(Sample(FRAME, 1, True, FRAME),), payload=b"a"))
    (segment,) = segmenter.finish()
    assert (segment.start, segment.duration) == (START, FRAME)


def test_a_first_frame_later_than_a_segment_is_refused() -> None:
    with pytest.raises(TimelineViolation, match=r"begins 4\.0\d\d s behind the film"):
        leader().feed(make_fragment(4 * SECOND + FRAME))


def test_every_sample_comes_back_in_its_order_at_its_time() -> None:
    fragments = seconds(0, 9)
    segmenter = leader()
    back = read_back(segmenter.queue.track, cut(segmenter, fragments))
    assert [sample for fragment in back for sample in fragment.samples] == [
        sample for fragment in fragments for sample in fragment.samples
    ]
    assert b"".join(fragment.payload for fragment in back) == b"".join(fragment.payload for fragment in fragments)
    assert [fragment.decode_time for fragment in back] == [START, START + 4 * SECOND, START + 8 * SECOND]


def test_the_first_bytes_of_a_segment_suffice_for_its_key_frame() -> None:
    samples = (Sample(FRAME, 3, True, 0), Sample(FRAME, 4, False, 0))
    segmenter = leader()
    segmenter.feed(Fragment(decode_time=0, samples=samples, payload=b"KEYrest"))
    (segment,) = segmenter.finish()
    assert segment.content[: segment.key_end].endswith(b"mdatKEY")


def test_segments_begin_when_their_key_frame_is_shown() -> None:
    """Where frames differ in length, decoding runs ahead of what is shown by more than it did at the beginning."""
    first = (Sample(FRAME, 1, True, 0), Sample(FRAME, 1, False, 100 * FRAME))
    late = (Sample(FRAME, 1, True, 99 * FRAME), Sample(FRAME, 1, False, 98 * FRAME))
    segmenter = leader()
    segmenter.feed(Fragment(decode_time=0, samples=first, payload=b"ab"))
    (one,) = segmenter.feed(Fragment(decode_time=2 * FRAME, samples=late, payload=b"cd"))
    (two,) = segmenter.finish()
    assert (one.start, one.duration) == (START, 101 * FRAME)
    assert (two.start, two.duration) == (START + 101 * FRAME, FRAME)
    decoded = [fragment.decode_time for fragment in read_back(segmenter.queue.track, [one, two])]
    assert decoded == [START, START + 2 * FRAME]


def test_an_edit_list_moves_the_track() -> None:
    (segment,) = cut(leader(shift=-1000), [make_fragment(1000)])
    assert segment.start == START


def test_a_film_must_begin_with_a_key_frame() -> None:
    with pytest.raises(TimelineViolation, match="video-720 does not begin with a key frame"):
        leader().feed(Fragment(decode_time=0, samples=(Sample(1, 1, False, 0),), payload=b"x"))


def test_no_sample_makes_no_segment() -> None:
    assert leader().finish() == ()


# --- holes ------------------------------------------------------------------------------------------------------------


def test_a_hole_is_closed_by_the_sample_before_it_and_told() -> None:
    segmenter = leader()
    found = cut(segmenter, [make_fragment(0), make_fragment(SECOND + 3 * FRAME)])
    assert [segment.duration for segment in found] == [2 * SECOND + 3 * FRAME]
    (gap,) = segmenter.queue.gaps
    assert (gap.at_s, gap.length_s) == (Fraction(1), Fraction(3, 25))
    durations = [sample.duration for fragment in read_back(segmenter.queue.track, found) for sample in fragment.samples]
    assert durations[24:26] == [4 * FRAME, FRAME]


def test_a_sample_that_comes_a_little_early_shortens_the_one_before() -> None:
    segmenter = leader()
    (segment,) = cut(segmenter, [make_fragment(0), make_fragment(SECOND - 10)])
    assert segment.duration == 2 * SECOND - 10
    assert segmenter.queue.gaps[0].length_s == Fraction(-10, SECOND)


@pytest.mark.parametrize(("at", "found"), [(SECOND // 2, "0.500000"), (6 * SECOND, "6.000000"), (SECOND - 256, "0.98")])
def test_a_track_that_jumps_is_refused(at: int, found: str) -> None:
    segmenter = leader()
    segmenter.feed(make_fragment(0))
    with pytest.raises(TimelineViolation, match=f"video-720 goes on at {found}.* s where 1.000000 s was due"):
        segmenter.feed(make_fragment(at))


def test_a_track_that_begins_long_before_the_film_is_refused() -> None:
    with pytest.raises(TimelineViolation, match="before the film"):
        leader().feed(make_fragment(-START - 1))


# --- sound ------------------------------------------------------------------------------------------------------------


def sound(first: int, count: int, *, origin: int = -1024) -> Fragment:
    """Return samples of sound; the first holds the priming of the encoder."""
    return make_fragment(origin + first * SOUND_FRAME, count=count, duration=SOUND_FRAME, is_sound=True)


def test_sound_is_cut_at_the_sample_nearest_to_the_boundary() -> None:
    segmenter = follower()
    early = segmenter.cut_at(Fraction(TIMELINE_START_S + 4))
    found = [*early, *segmenter.feed(sound(0, 100)), *segmenter.feed(sound(100, 300))]
    # The boundary lies at 192,000 samples; that many and the priming are 188.5 frames: 188 and 189 are as near.
    assert [segment.samples for segment in found] == [189]
    assert found[0].start == SOUND_START - 1024
    assert abs(found[0].start + found[0].duration - (SOUND_START + 192_000)) <= SOUND_FRAME // 2


def test_sound_waits_for_the_picture() -> None:
    segmenter = follower()
    assert segmenter.feed(sound(0, 400)) == ()
    assert len(segmenter.cut_at(Fraction(TIMELINE_START_S + 4))) == 1


def test_the_picture_waits_for_sound() -> None:
    segmenter = follower()
    segmenter.feed(sound(0, 100))
    assert segmenter.cut_at(Fraction(TIMELINE_START_S + 4)) == ()
    assert len(segmenter.feed(sound(100, 100))) == 1


def test_sound_that_outlasts_the_picture_goes_on_alone() -> None:
    segmenter = follower()
    segmenter.cut_at(Fraction(TIMELINE_START_S + 4))
    early = segmenter.feed(sound(0, 1000))
    late = segmenter.leader_ended()
    last = segmenter.finish()
    assert [segment.samples for segment in (*early, *late, *last)] == [189, 187, 188, 187, 188, 61]


def test_sound_alone_cuts_itself() -> None:
    segmenter = follower(is_alone=True)
    found = [segment for at in range(0, 500, 25) for segment in segmenter.feed(sound(at, 25))]
    assert [segment.samples for segment in (*found, *segmenter.finish())] == [189, 187, 124]


def test_a_few_samples_behind_the_end_make_no_segment_of_their_own() -> None:
    segmenter = follower(is_alone=True)
    assert segmenter.feed(sound(0, 195)) == ()
    assert [segment.samples for segment in segmenter.finish()] == [195]


def test_sound_that_begins_behind_the_first_boundary_is_refused() -> None:
    segmenter = follower()
    segmenter.cut_at(Fraction(TIMELINE_START_S + 4))
    with pytest.raises(TimelineViolation, match=r"audio-en is silent before 4\.000 s"):
        segmenter.feed(sound(0, 10, origin=5 * SOUND_SECOND))


def test_boundaries_go_forward() -> None:
    segmenter = follower()
    segmenter.cut_at(Fraction(14))
    with pytest.raises(TimelineViolation, match="follows a later one"):
        segmenter.cut_at(Fraction(14))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.lists(st.integers(0, 1), min_size=12, max_size=12))
def test_sound_never_strays_from_the_picture_by_more_than_half_a_sample(groups: list[int], order: list[int]) -> None:
    first, second = leader(1), follower()
    at, heard = 0, 0
    segments: list[Segment] = []
    cuts: list[Fraction] = []
    for count, is_sound_first in zip(groups, order, strict=False):
        fragment = make_fragment(at, count=count)
        at += count * FRAME
        for_sound = sound(heard, max(1, at * SOUND_SECOND // SECOND // SOUND_FRAME - heard))
        heard += len(for_sound.samples)
        if is_sound_first:
            segments += second.feed(for_sound)
        for segment in first.feed(fragment):
            cuts.append(end_of(first.queue.track, segment))
            segments += second.cut_at(cuts[-1])
        if not is_sound_first:
            segments += second.feed(for_sound)
    for boundary, segment in zip(cuts, segments, strict=False):
        assert abs(end_of(second.queue.track, segment) - boundary) <= Fraction(SOUND_FRAME, 2 * SOUND_SECOND)
    assert len(cuts) - len(segments) in (0, 1)


# --- several rungs ----------------------------------------------------------------------------------------------------


def test_rungs_that_are_cut_at_the_same_frames_agree() -> None:
    alignment = Alignment(tolerance_s=Fraction(1, 50))
    fine = make_track(timescale=90000)
    for number in (1, 2):
        start = TIMELINE_START_S + 4 * (number - 1)
        for track in (make_track(), fine):
            segment = make_segment(number=number, start=start * track.timescale)
            alignment.check(track, segment, name="a rung")


def test_a_rung_that_is_cut_elsewhere_is_named() -> None:
    alignment = Alignment(tolerance_s=Fraction(1, 50))
    alignment.check(make_track(), make_segment(number=3, start=START + 8 * SECOND), name="video-720")
    with pytest.raises(
        RungMisaligned, match=r"segment 3 of video-480 begins at 8\.040000 s, that of video-720 at 8\.000000 s"
    ):
        alignment.check(make_track(), make_segment(number=3, start=START + 8 * SECOND + FRAME), name="video-480")


def make_segment(*, number: int, start: int) -> Segment:
    return Segment(number=number, start=start, duration=1, samples=1, key_end=0, content=b"")
