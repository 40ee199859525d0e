"""The states of a stream: what may become of each, and what viewers are told of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from streaming.errors import StreamIsOver
from streaming.models import Stream
from tests.factories import AT

LATER = AT + timedelta(seconds=2)
State, Phase, Reason = Stream.State, Stream.Phase, Stream.EndReason

CHANGES: dict[str, Callable[[Stream], None]] = {
    "active": lambda stream: stream.mark_active(at=LATER),
    "playable": lambda stream: stream.mark_playable(at=LATER),
    "interrupted": lambda stream: stream.mark_interrupted(at=LATER),
    "resumed": lambda stream: stream.mark_resumed(),
    "stopped": lambda stream: stream.mark_ended(reason=Reason.UNPUBLISHED, at=LATER),
    "failed": lambda stream: stream.mark_ended(reason=Reason.INTERNAL, at=LATER),
}


def on_air() -> Stream:
    stream = Stream(started_at=AT)
    stream.mark_playable(at=AT)
    return stream


@pytest.mark.parametrize(
    ("change", "state", "phase"),
    [
        ("active", State.ACTIVE, Phase.STARTING),
        ("playable", State.ACTIVE, Phase.LIVE),
        ("stopped", State.ENDED, Phase.ENDED),
        ("failed", State.ERROR, Phase.FAILED),
    ],
)
def test_what_becomes_of_a_stream_whose_encoder_has_connected(
    change: str, state: Stream.State, phase: Stream.Phase
) -> None:
    stream = Stream(started_at=AT)
    assert (stream.state, stream.phase) == (State.PENDING, Phase.STARTING)
    CHANGES[change](stream)
    assert (stream.state, stream.phase) == (state, phase)


@pytest.mark.parametrize(
    ("changes", "phase"),
    [
        (["interrupted"], Phase.RECONNECTING),
        (["interrupted", "interrupted", "resumed"], Phase.LIVE),
        (["interrupted", "stopped"], Phase.ENDED),
        (["interrupted", "failed"], Phase.FAILED),
    ],
)
def test_what_becomes_of_a_stream_that_is_on_air(changes: list[str], phase: Stream.Phase) -> None:
    stream = on_air()
    for change in changes:
        CHANGES[change](stream)
    assert stream.phase == phase


@pytest.mark.parametrize("end", ["stopped", "failed"])
@pytest.mark.parametrize("change", CHANGES)
def test_nothing_becomes_of_what_is_over(end: str, change: str) -> None:
    stream = on_air()
    CHANGES[end](stream)
    before = dict(stream.__dict__)
    with pytest.raises(StreamIsOver):
        CHANGES[change](stream)
    assert stream.__dict__ == before


def test_moments_are_noted_once() -> None:
    stream = on_air()
    for change in ("active", "playable"):
        CHANGES[change](stream)
    assert (stream.active_at, stream.playable_at) == (AT, AT)
    stream.mark_interrupted(at=AT)
    stream.mark_interrupted(at=LATER)
    assert stream.interrupted_at == AT


@pytest.mark.parametrize("reason", Reason)
def test_faults_are_errors_and_all_other_ends_are_ends(reason: Stream.EndReason) -> None:
    stream = on_air()
    stream.mark_ended(reason=reason, at=LATER, error="why")
    faults = {Reason.PROTOCOL, Reason.MEDIA, Reason.ORIGIN_LOST, Reason.INTERNAL}
    assert (stream.state == State.ERROR) == (reason in faults)
    assert (stream.end_reason, stream.error, stream.ended_at) == (reason, "why", LATER)


def test_an_encoder_may_come_back_for_a_while() -> None:
    stream, grace = on_air(), timedelta(seconds=30)
    assert not stream.may_come_back(at=AT, grace=grace)
    stream.mark_interrupted(at=AT)
    assert stream.may_come_back(at=AT + timedelta(seconds=29), grace=grace)
    assert not stream.may_come_back(at=AT + grace, grace=grace)
