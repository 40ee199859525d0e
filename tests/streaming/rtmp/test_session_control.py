"""Acknowledgements, pings and times of a session (RTMP 1.0 sections 5.4 and 7.1.7)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp import replies
from streaming.rtmp.events import EndReason, MediaMessage, PublishEnded, PublishRequested, SessionEnded, SessionEvent
from streaming.rtmp.flv import format_tag
from streaming.rtmp.limits import SessionLimits
from streaming.rtmp.messages import MessageType
from streaming.rtmp.session import RtmpSession, SessionState
from tests.streaming.rtmp.publisher import (
    AAC_FRAME,
    AVC_FRAME,
    CLIENT_HANDSHAKE,
    KEY,
    STREAM_ID,
    Publisher,
    make_session,
    publishing_session,
)

MODULUS = 2**32
SMALLEST_WINDOW = 4096


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


def window(publisher: Publisher, size: int) -> bytes:
    return publisher.message(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, size.to_bytes(4))


def acknowledged(publisher: Publisher, session: RtmpSession) -> list[int]:
    """Return the sequence numbers in what the session has sent since the last look."""
    found = publisher.answers(session.data_to_send())
    return [int.from_bytes(message.payload) for message in found if message.type_id == MessageType.ACKNOWLEDGEMENT]


def times(events: list[SessionEvent]) -> list[int]:
    return [event.timestamp_ms for event in events if isinstance(event, MediaMessage)]


# --- Acknowledgements -------------------------------------------------------------------------------------------------


def test_an_acknowledgement_says_how_many_bytes_came_since_the_first() -> None:
    publisher = Publisher()
    session = make_session()
    sent = publisher.opening()
    session.receive(sent, 0.0)
    session.accept_publish(0.0)
    sent += (request := window(publisher, SMALLEST_WINDOW))
    session.receive(request, 0.0)
    assert acknowledged(publisher, session) == []
    sent += (frame := publisher.video(0, AVC_FRAME + bytes(SMALLEST_WINDOW)))
    session.receive(frame, 0.0)
    assert acknowledged(publisher, session) == [len(sent)]


@pytest.mark.parametrize("size", [SMALLEST_WINDOW, 10_000, 65536])
def test_no_more_than_a_window_goes_unacknowledged(publisher: Publisher, size: int) -> None:
    session = publishing_session(publisher)
    session.receive(window(publisher, size), 0.0)
    seen = []
    piece = publisher.video(0, AVC_FRAME + bytes(900))
    for _ in range(3 * size // len(piece)):
        session.receive(piece, 0.0)
        seen += acknowledged(publisher, session)
    gaps = [later - earlier for earlier, later in pairwise(seen)]
    assert len(seen) >= 2
    assert all(size <= gap < size + len(piece) for gap in gaps)


def test_a_window_of_a_few_bytes_is_not_granted(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    session.receive(window(publisher, 1), 0.0)
    publisher.answers(session.data_to_send())
    total = 0
    while total < 3 * SMALLEST_WINDOW:
        sent = publisher.audio(0)
        total += len(sent)
        session.receive(sent, 0.0)
    assert len(acknowledged(publisher, session)) <= 3


@pytest.mark.parametrize(
    ("received", "number"),
    [(0, 0), (1, 1), (MODULUS - 1, MODULUS - 1), (MODULUS, 0), (MODULUS + 5, 5), (7 * MODULUS + 3, 3)],
)
def test_the_sequence_number_wraps_at_32_bits(received: int, number: int) -> None:
    message = replies.acknowledgement(received)
    assert (message.type_id, message.payload) == (MessageType.ACKNOWLEDGEMENT, number.to_bytes(4))


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\x00\x00\x10"])
def test_a_window_cut_short_changes_nothing(publisher: Publisher, payload: bytes) -> None:
    session = publishing_session(publisher)
    sent = publisher.message(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, payload)
    assert session.receive(sent + publisher.video(0, AVC_FRAME + bytes(60_000)), 0.0)
    assert acknowledged(publisher, session) == []


# --- User control -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["0000 00000001", "0003 00000001 00000bb8", "0007 0000002a", "001f 00", "ffff", "06"])
def test_only_a_ping_is_answered(publisher: Publisher, event: str) -> None:
    session = publishing_session(publisher)
    assert session.receive(publisher.message(MessageType.USER_CONTROL, bytes.fromhex(event)), 0.0) == []
    assert session.data_to_send() == b""


@pytest.mark.parametrize("event", ["0006", "0006 00", "0006 00002a"])
def test_a_ping_cut_short_is_not_answered(publisher: Publisher, event: str) -> None:
    session = publishing_session(publisher)
    session.receive(publisher.message(MessageType.USER_CONTROL, bytes.fromhex(event)), 0.0)
    assert session.data_to_send() == b""


def test_a_ping_is_answered_with_its_own_time_and_nothing_that_follows_it(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    session.receive(publisher.message(MessageType.USER_CONTROL, bytes.fromhex("0006 ffffffff 0102")), 0.0)
    (pong,) = publisher.answers(session.data_to_send())
    assert pong.payload == bytes.fromhex("0007 ffffffff")


def test_pings_go_out_at_their_interval_and_tell_the_milliseconds_since_the_start(publisher: Publisher) -> None:
    session = publishing_session(publisher, SessionLimits(ping_interval_s=5.0))
    sent = []
    for second in range(1, 21):
        session.receive(publisher.audio(second), float(second))
        session.expire(float(second))
        sent += [message.payload for message in publisher.answers(session.data_to_send())]
    assert sent == [b"\x00\x06" + (ms).to_bytes(4) for ms in (5000, 10_000, 15_000, 20_000)]


def test_a_peer_that_has_not_connected_is_not_pinged() -> None:
    session = make_session(SessionLimits(ping_interval_s=1.0))
    session.receive(CLIENT_HANDSHAKE, 0.0)
    session.data_to_send()
    assert session.expire(2.0) == []
    assert session.data_to_send() == b""


# --- Times of media ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first_ms", [0, 1, 0xFFFFFE, 0xFFFFFF, 2**31, MODULUS - 1])
def test_time_starts_where_the_encoder_starts(publisher: Publisher, first_ms: int) -> None:
    session = publishing_session(publisher)
    assert times(session.receive(publisher.video(first_ms), 0.0)) == [first_ms]


def test_time_that_steps_back_is_passed_on_as_it_is(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    sent = b"".join(publisher.audio(time_ms) for time_ms in (5000, 5020, 0, 20, 40))
    assert times(session.receive(sent, 0.0)) == [5000, 5020, 0, 20, 40]


def test_time_that_leaps_ahead_is_passed_on_as_it_is(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    sent = publisher.audio(0) + publisher.audio(86_400_000) + publisher.audio(86_400_020)
    assert times(session.receive(sent, 0.0)) == [0, 86_400_000, 86_400_020]


def test_audio_and_video_share_one_clock_across_the_wrap(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    sent = publisher.video(MODULUS - 10) + publisher.audio(5) + publisher.video(MODULUS - 3) + publisher.audio(25)
    assert times(session.receive(sent, 0.0)) == [MODULUS - 10, MODULUS + 5, MODULUS - 3, MODULUS + 25]


def test_a_new_publication_starts_its_own_clock(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    session.receive(publisher.video(MODULUS - 1) + publisher.video(10), 0.0)
    session.receive(publisher.command("FCUnpublish", 6.0, None, KEY) + publisher.publish(), 0.0)
    session.accept_publish(0.0)
    assert times(session.receive(publisher.video(20), 0.0)) == [20]


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=20))
def test_any_steps_below_half_the_range_are_followed_exactly(steps: list[int]) -> None:
    publisher = Publisher()
    session = publishing_session(publisher)
    expected, sent = [10**6], publisher.audio(10**6)
    for step in steps:
        expected.append(expected[-1] + step)
        sent += publisher.audio(expected[-1] % MODULUS)
    assert times(session.receive(sent, 0.0)) == expected


def test_an_aggregate_in_the_middle_keeps_the_clock_going(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    parts = b"".join(format_tag(type_id=8, timestamp_ms=ms, payload=AAC_FRAME) for ms in (900, 920))
    sent = publisher.audio(40) + publisher.message(MessageType.AGGREGATE, parts, timestamp_ms=60, stream_id=STREAM_ID)
    assert times(session.receive(sent + publisher.audio(100), 0.0)) == [40, 60, 80, 100]


# --- Who speaks too early ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["connect", "create"])
def test_media_before_publish_goes_nowhere(publisher: Publisher, stage: str) -> None:
    session = make_session()
    opening = CLIENT_HANDSHAKE + publisher.connect() + (publisher.create_stream() if stage == "create" else b"")
    assert (
        session.receive(opening + publisher.video(0) + publisher.audio(0) + publisher.script("onMetaData"), 0.0) == []
    )
    assert session.state is SessionState.CONNECTED


def test_media_sent_early_comes_in_its_order_after_the_admission(publisher: Publisher) -> None:
    session = make_session()
    early = publisher.opening() + publisher.script("@setDataFrame", "onMetaData", {}) + publisher.audio(7)
    (asked,) = session.receive(early, 0.0)
    assert isinstance(asked, PublishRequested)
    assert session.receive(publisher.video(9), 0.0) == []
    assert times(session.accept_publish(0.0)) == [0, 7, 9]


def test_commands_sent_early_wait_as_well(publisher: Publisher) -> None:
    session = make_session()
    early = publisher.opening() + publisher.video(0) + publisher.command("FCUnpublish", 6.0, None, KEY)
    session.receive(early + publisher.video(5), 0.0)
    media, ended = session.accept_publish(0.0)
    assert isinstance(media, MediaMessage)
    assert ended == PublishEnded(reason=EndReason.UNPUBLISHED, description="the encoder sent FCUnpublish")


def test_media_sent_early_by_somebody_who_is_refused_is_never_seen(publisher: Publisher) -> None:
    session = make_session()
    session.receive(publisher.opening() + publisher.video(0), 0.0)
    (event,) = session.refuse_publish(description="no", now=0.0)
    assert isinstance(event, SessionEnded)
    assert session.receive(publisher.video(1), 0.0) == []


def test_a_stranger_may_not_send_a_frame_of_a_megabyte(publisher: Publisher) -> None:
    session = make_session()
    session.receive(CLIENT_HANDSHAKE + publisher.connect(), 0.0)
    (event,) = session.receive(publisher.video(0, AVC_FRAME + bytes(1_000_000))[:200], 0.0)
    assert isinstance(event, SessionEnded)
    assert event.reason is EndReason.PROTOCOL_ERROR


def test_an_admitted_publisher_may(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    assert times(session.receive(publisher.video(3, AVC_FRAME + bytes(1_000_000)), 0.0)) == [3]
