"""What is passed on stays below its ceiling, and what came since its last key frame is at hand."""

from fractions import Fraction

import pytest

from streaming.media.live import copied
from streaming.media.live.copied import CeilingWatch, Group
from streaming.media.live.flv_writer import Rebaser
from streaming.media.live.ready import Epoch, SegmentReady
from tests.streaming.media.live.publishing import AVC_HEADER, AVC_KEY_FRAME, audio, make_plan, video

EPOCH = Epoch(number=1, start_s=Fraction(10), clock_s=Fraction(0))


def segment(seconds: float, size: int, track: str = "best") -> SegmentReady:
    return SegmentReady(
        track=track,
        msn=1,
        start=0,
        duration=round(seconds * 1000),
        timescale=1000,
        epoch=EPOCH,
        content=bytes(size),
        key_end=0,
    )


@pytest.mark.parametrize(
    ("made", "is_exceeded"),
    [
        ([segment(2, 2000)], False),
        ([segment(2, 2001)], True),
        ([segment(0.5, 900)], False),
        ([segment(0.5, 900), segment(2, 1600)], False),
        ([segment(0.5, 900), segment(2, 1601)], True),
        ([segment(2, 9000, "other")], False),
    ],
)
def test_segments_of_a_second_or_more_are_held_to_the_ceiling(made: list[SegmentReady], is_exceeded: bool) -> None:
    watch = CeilingWatch({"best": 8000})
    assert [watch.is_exceeded([item]) for item in made][-1] is is_exceeded


def test_the_group_begins_with_the_last_key_frame() -> None:
    group, rebaser = Group(), Rebaser(make_plan())
    sent = [video(0, AVC_HEADER), video(0, AVC_KEY_FRAME), audio(5), video(33), video(2000, AVC_KEY_FRAME), audio(2005)]
    for message in sent:
        if tag := rebaser.tag(message):
            group.add(message, tag)
    assert group.messages == sent[4:]
    assert group.at_s == 2.0


def test_a_group_that_grows_too_large_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied, "_MOST_GROUP_BYTES", 100)
    group, rebaser = Group(), Rebaser(make_plan())
    for message in [video(0, AVC_KEY_FRAME), *(video(33 * number) for number in range(1, 20))]:
        if tag := rebaser.tag(message):
            group.add(message, tag)
    assert group.messages == []
