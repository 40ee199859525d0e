"""What real publishers sent, damaged on the way: survived or refused in words, within bounds of time and memory."""

import random
import tracemalloc

import pytest

from streaming.rtmp.events import EndReason, MediaMessage, PublishEnded, PublishRequested, SessionEnded, SessionEvent
from streaming.rtmp.handshake import HANDSHAKE_BYTES
from tests.streaming.rtmp.publisher import cut, make_session, replay
from tests.streaming.rtmp.test_recordings import FOLDER, RECORDINGS

HANDSHAKE = 1 + 2 * HANDSHAKE_BYTES
# Commands and sequence headers stand here, where damage does most.
OPENING = range(HANDSHAKE, HANDSHAKE + 4000)
MOST_MEMORY = 8_000_000


def recording(name: str) -> bytes:
    return (FOLDER / f"{name}.bin").read_bytes()


def outcome(sent: bytes) -> list[SessionEvent]:
    """Replay what was sent and lose the connection; check what holds whatever came."""
    session = make_session()
    events = replay(session, cut(sent, 4096))
    events += session.connection_lost(0.0)
    admissions = sum(isinstance(event, PublishRequested) for event in events)
    ends = [event for event in events if isinstance(event, PublishEnded)]
    assert len(ends) == admissions
    last = events[-1]
    assert isinstance(last, SessionEnded)
    assert last.description
    assert all(end.description for end in ends)
    return events


def reason_of(events: list[SessionEvent]) -> EndReason:
    assert isinstance(events[-1], SessionEnded)
    return events[-1].reason


@pytest.mark.parametrize("name", RECORDINGS)
def test_flipped_bits_anywhere_are_survived_or_refused(name: str) -> None:
    sent, generator = recording(name), random.Random(name)
    for _ in range(20):
        damaged = bytearray(sent)
        for _ in range(generator.choice((1, 3, 20))):
            damaged[generator.randrange(1, len(damaged))] ^= 1 << generator.randrange(8)
        assert reason_of(outcome(bytes(damaged))) in {EndReason.DISCONNECTED, EndReason.PROTOCOL_ERROR}


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_kind_of_damage_to_the_opening_is_survived_or_refused(name: str) -> None:
    sent, generator = recording(name)[:20_000], random.Random(name)
    for position in generator.sample(OPENING, 60):
        damaged = bytearray(sent)
        damaged[position] = generator.choice((0x00, 0xFF, 0x7F, damaged[position] ^ 0x80))
        outcome(bytes(damaged))


@pytest.mark.parametrize("name", RECORDINGS)
def test_missing_and_doubled_pieces_are_survived_or_refused(name: str) -> None:
    sent, generator = recording(name), random.Random(name)
    for _ in range(8):
        start = generator.randrange(HANDSHAKE, len(sent))
        end = min(len(sent), start + generator.choice((1, 4, 128, 1460)))
        outcome(sent[:start] + sent[end:])
        outcome(sent[:end] + sent[start:])


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_connection_cut_anywhere_ends_as_disconnected(name: str) -> None:
    sent, generator = recording(name), random.Random(name)
    whole = [event for event in outcome(sent) if isinstance(event, MediaMessage)]
    for _ in range(8):
        events = outcome(sent[: generator.randrange(len(sent))])
        media = [event for event in events if isinstance(event, MediaMessage)]
        assert media == whole[: len(media)]
        assert reason_of(events) is EndReason.DISCONNECTED


def test_a_flipped_bit_in_a_picture_costs_that_picture_alone() -> None:
    sent = recording("ffmpeg-avc-aac")
    whole = [event for event in outcome(sent) if isinstance(event, MediaMessage)]
    largest = max(whole, key=lambda event: len(event.payload))
    damaged = bytearray(sent)
    damaged[sent.index(largest.payload[100:200]) + 50] ^= 0x10
    found = [event for event in outcome(bytes(damaged)) if isinstance(event, MediaMessage)]
    different = [before for before, after in zip(whole, found, strict=True) if before != after]
    assert different == [largest]


@pytest.mark.parametrize("name", ["ffmpeg-avc-aac", "ffmpeg-avc-aac-small-chunks"])
def test_damage_does_not_make_the_session_hoard_memory(name: str) -> None:
    sent, generator = recording(name), random.Random(name)
    session, peak = make_session(), 0
    replay(session, [sent])
    for _ in range(6):
        damaged = bytearray(sent)
        for _ in range(40):
            damaged[generator.randrange(HANDSHAKE, len(damaged))] = generator.randrange(256)
        tracemalloc.start()
        outcome(bytes(damaged))
        peak = max(peak, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def test_a_recording_that_follows_itself_on_one_connection_is_refused_as_a_second_handshake() -> None:
    sent = recording("ffmpeg-audio-only")
    events = outcome(sent + sent)
    assert reason_of(events) is EndReason.PROTOCOL_ERROR
    assert sum(isinstance(event, PublishRequested) for event in events) == 1
