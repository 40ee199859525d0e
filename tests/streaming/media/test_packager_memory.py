"""The packager needs as much memory for a long film as for a short one, and refuses what would need more."""

import tracemalloc
from collections.abc import Iterator
from fractions import Fraction

import pytest

from streaming.media.errors import BoxViolation, TimelineViolation
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.packager import AudioOutput, Packager, VideoOutput
from streaming.media.samples import Sample, format_chunk
from streaming.media.segmenter import FollowingSegmenter
from streaming.media.tracks import format_init
from tests.streaming.media.making import make_sound_track, make_track

FRAME_BYTES = 4_000
VIDEO = VideoOutput(name="video", frame_rate=Fraction(25))
AUDIO = AudioOutput(name="audio", label="English")
MEGABYTE = 1_000_000


def seconds_of_picture(count: int) -> Iterator[bytes]:
    """Yield a film of 0.8 Mbit/s, second by second."""
    samples = tuple(Sample(512, FRAME_BYTES, index == 0, 0) for index in range(25))
    for second in range(count):
        yield format_chunk(
            sequence=second + 1, decode_time=second * 12800, samples=samples, payload=[bytes(25 * FRAME_BYTES)]
        )


def peak_of(seconds: int) -> int:
    """Return the most bytes that were held at once while a film was packaged and each file was given away."""
    packager = Packager((VIDEO,), segment_s=Fraction(4))
    packager.feed("video", format_init(make_track()))
    tracemalloc.start()
    try:
        for chunk in seconds_of_picture(seconds):
            for at in range(0, len(chunk), 65536):
                packager.feed("video", chunk[at : at + 65536])
        packager.feed("video", b"")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_longer_film_takes_no_more_memory() -> None:
    short, long = peak_of(12), peak_of(240)
    # A segment of 0.4 MB is held in a few copies; all of the longer film would be 24 MB.
    assert short < 4 * MEGABYTE
    assert long < short + MEGABYTE


def test_what_waits_for_a_box_is_bounded_before_it_comes() -> None:
    reader = FragmentReader()
    reader.feed(format_init(make_track()))
    with pytest.raises(BoxViolation, match="exceeds"):
        reader.feed((200 << 20).to_bytes(4) + b"moof")


@pytest.mark.parametrize("claimed", [1 << 31, 1 << 40, (1 << 63) - 1])
def test_a_box_that_claims_more_than_there_is_memory_is_refused_at_once(claimed: int) -> None:
    reader = FragmentReader()
    reader.feed(format_init(make_track()))
    with pytest.raises(BoxViolation, match="exceeds"):
        reader.feed(b"\0\0\0\x01mdat" + claimed.to_bytes(8))


def test_sound_that_waits_in_vain_for_the_picture_is_not_kept_for_ever() -> None:
    segmenter = FollowingSegmenter(make_sound_track(), segment_s=Fraction(4), name="audio")
    # One buffer stands for all of them: the limit counts what is waiting, not what the machine has.
    payload = bytes(64 << 20)
    fragments = [
        Fragment(decode_time=second * 48000, samples=(Sample(48000, len(payload), True, 0),), payload=payload)
        for second in range(5)
    ]
    assert [segmenter.feed(fragment) for fragment in fragments[:4]] == [()] * 4
    with pytest.raises(TimelineViolation, match=r"bytes wait at 4\.000 s"):
        segmenter.feed(fragments[4])


def test_what_is_cut_waits_no_longer() -> None:
    packager = Packager((VIDEO, AUDIO), segment_s=Fraction(4))
    packager.feed("video", format_init(make_track()))
    packager.feed("audio", format_init(make_sound_track()))
    stored = 0
    for chunk in seconds_of_picture(40):
        stored += sum(len(file.content) for file in packager.feed("video", chunk))
    # Nine segments of four seconds are out; the tenth waits for the next key frame.
    assert stored == pytest.approx(36 * 25 * FRAME_BYTES, rel=0.01)
