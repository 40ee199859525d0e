"""One run of the encoder, and what it leaves to the next one."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from streaming.media.errors import KeyFrameMissing, MediaFault, TimelineViolation
from streaming.media.live.plan import LiveNote, LivePlan
from streaming.media.live.ready import Epoch, PartReady, SegmentReady
from streaming.origin.live.encoding import Cause, Encoding
from streaming.rtmp.events import MediaMessage
from streaming.runtime.live_encoder import EncoderSink
from tests.streaming.media.live.publishing import AVC_HEADER, AVC_KEY_FRAME, audio, make_plan, video
from tests.streaming.media.live.test_copying import SOURCE
from tests.streaming.origin.live.puppets import Puppet

pytestmark = pytest.mark.asyncio
COPYING = make_plan(SOURCE, may_copy=True)
EPOCH = Epoch(number=1, start_s=Fraction(10), clock_s=Fraction(0))
SENT = [video(0, AVC_HEADER), video(0, AVC_KEY_FRAME), audio(1), video(33), video(1000, AVC_KEY_FRAME), video(1033)]


async def started(plan: LivePlan, left: list[MediaMessage]) -> Encoding:
    async def start(plan: LivePlan, sink: EncoderSink) -> Puppet:
        return Puppet(plan, sink)

    def take(messages: Sequence[MediaMessage]) -> None:
        left[:] = messages

    run = await Encoding.start(plan, lambda name, content: None, take, start_encoder=start)
    run.feed(SENT)
    return run


def part(until_s: Fraction) -> PartReady:
    return PartReady(
        track=COPYING.tracks[0],
        msn=1,
        part=0,
        start=0,
        duration=int((until_s + 10) * 1000),
        timescale=1000,
        epoch=EPOCH,
        content=b"",
        is_independent=True,
    )


def segment(size: int) -> SegmentReady:
    return SegmentReady(
        track=COPYING.tracks[0],
        msn=1,
        start=0,
        duration=2000,
        timescale=1000,
        epoch=EPOCH,
        content=bytes(size),
        key_end=0,
    )


@pytest.mark.parametrize(
    ("plan", "error", "cause", "note"),
    [
        (COPYING, KeyFrameMissing("none"), Cause.NOT_COPYABLE, LiveNote.KEY_FRAMES_TOO_RARE),
        (COPYING, TimelineViolation("a hole"), Cause.NOT_COPYABLE, LiveNote.FRAMES_UNEVEN),
        (make_plan(SOURCE), KeyFrameMissing("none"), Cause.FAULT, None),
    ],
)
async def test_what_cannot_be_shown_is_the_fault_of_a_source_that_is_passed_on(
    plan: LivePlan, error: MediaFault, cause: Cause, note: LiveNote | None
) -> None:
    run = await started(plan, left := list[MediaMessage]())
    run.fail(error)
    assert run.is_unreadable
    assert (run.cause.result(), run.note) == (cause, note)
    assert left == (SENT[4:] if note else [])


async def test_the_next_run_begins_where_the_copy_ends() -> None:
    run = await started(COPYING, [])
    run.made([part(Fraction(3, 2))])
    assert run.shown_again_s == 0.5


async def test_what_was_shown_before_is_not_behind() -> None:
    run = await started(make_plan(SOURCE).behind(Fraction(5, 2)), [])
    run.made([part(Fraction(1))])
    assert run.shown_again_s == 3.5


async def test_a_copy_that_exceeds_what_players_are_told_ends() -> None:
    run = await started(COPYING, left := list[MediaMessage]())
    run.made([segment(2_500_000)])
    assert not run.cause.done()
    run.made([segment(2_500_001)])
    assert (run.cause.result(), run.note) == (Cause.NOT_COPYABLE, LiveNote.BITRATE_TOO_HIGH)
    assert not run.is_unreadable
    assert left == SENT[4:]
