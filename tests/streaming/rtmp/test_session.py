from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.rtmp.amf0 import UNDEFINED, AmfValue, EcmaArray, format_amf0, parse_amf0
from streaming.rtmp.events import EndReason, MediaMessage, PublishEnded, PublishRequested, SessionEnded
from streaming.rtmp.flv import Part, format_tag
from streaming.rtmp.limits import ChunkLimits, SessionLimits
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import ScriptTag
from streaming.rtmp.session import RtmpSession, SessionState
from tests.streaming.rtmp.publisher import (
    AAC_FRAME,
    AAC_HEADER,
    AVC_FRAME,
    AVC_HEADER,
    AVC_KEY_FRAME,
    CLIENT_HANDSHAKE,
    KEY,
    STREAM_ID,
    Publisher,
    cut,
    make_session,
    publishing_session,
    replay,
)


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


def test_publish_asks_the_owner_once(publisher: Publisher) -> None:
    session = make_session()
    (event,) = session.receive(publisher.opening(app="live", name=KEY), 0.0)
    assert isinstance(event, PublishRequested)
    assert (event.app, event.stream_key.reveal(), event.stream_name) == ("live", KEY, None)
    assert event.tc_url.reveal() == "rtmp://127.0.0.1/live"
    assert session.state is SessionState.ADMISSION
    assert KEY not in repr(event)


def test_key_in_the_connection_url_is_redacted_too(publisher: Publisher) -> None:
    (event,) = make_session().receive(publisher.opening(app=f"live/{KEY}", name=""), 0.0)
    assert isinstance(event, PublishRequested)
    assert event.stream_key.reveal() == KEY
    assert KEY not in repr(event)


def test_connect_is_answered_with_control_messages_and_enhanced_codecs(publisher: Publisher) -> None:
    session = make_session()
    session.receive(CLIENT_HANDSHAKE + publisher.connect(), 0.0)
    found = publisher.answers(session.data_to_send())
    assert [message.type_id for message in found] == [
        MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE,
        MessageType.SET_PEER_BANDWIDTH,
        MessageType.COMMAND_AMF0,
    ]
    assert found[0].payload == (5_000_000).to_bytes(4)
    assert found[1].payload == (5_000_000).to_bytes(4) + b"\x02"
    name, transaction_id, _, information = parse_amf0(found[2].payload)
    assert (name, transaction_id) == ("_result", 1.0)
    assert isinstance(information, dict)
    assert information["code"] == "NetConnection.Connect.Success"
    assert information["objectEncoding"] == 0.0
    assert information["videoFourCcInfoMap"] == {"avc1": 1.0, "hvc1": 1.0, "av01": 1.0}


def test_encoder_ritual_is_answered_step_by_step(publisher: Publisher) -> None:
    session = make_session()
    session.receive(CLIENT_HANDSHAKE + publisher.connect(), 0.0)
    publisher.answers(session.data_to_send())
    session.receive(publisher.command("releaseStream", 2.0, None, KEY), 0.0)
    assert publisher.commands(session.data_to_send()) == [("_result", 2.0, None, UNDEFINED)]
    session.receive(publisher.command("FCPublish", 3.0, None, KEY), 0.0)
    first, second = publisher.commands(session.data_to_send())
    assert (first[0], second) == ("onFCPublish", ("_result", 3.0, None, UNDEFINED))
    session.receive(publisher.create_stream(), 0.0)
    assert publisher.commands(session.data_to_send()) == [("_result", 4.0, None, 1.0)]
    session.receive(publisher.command("_checkbw", 6.0, None), 0.0)
    assert session.data_to_send() == b""


def test_admitted_publisher_is_told_to_start(publisher: Publisher) -> None:
    session = make_session()
    session.receive(publisher.opening(), 0.0)
    publisher.answers(session.data_to_send())
    assert session.accept_publish(0.0) == []
    begin, _ = publisher.answers(sent := session.data_to_send())
    assert begin.payload == bytes.fromhex("0000 00000001")
    assert publisher.statuses(sent) == [("NetStream.Publish.Start", "The stream is published.")]
    assert session.state is SessionState.PUBLISHING


def test_refused_publisher_is_told_why_and_the_session_ends(publisher: Publisher) -> None:
    session = make_session()
    session.receive(publisher.opening(), 0.0)
    publisher.answers(session.data_to_send())
    events = session.refuse_publish(description="The key is revoked.", now=0.0)
    assert events == [SessionEnded(reason=EndReason.REFUSED, description="The key is revoked.")]
    assert publisher.statuses(session.data_to_send()) == [("NetStream.Publish.BadName", "The key is revoked.")]
    assert session.is_ended
    assert session.deadline == float("inf")


@pytest.mark.parametrize(
    "answer",
    [lambda session: session.accept_publish(0.0), lambda session: session.refuse_publish(description="no", now=0.0)],
)
def test_answering_a_question_not_asked_is_a_mistake_of_ours(answer: Callable[[RtmpSession], object]) -> None:
    with pytest.raises(RuntimeError, match="no publisher awaits admission; the session is HANDSHAKE"):
        answer(make_session())


def test_media_arrives_with_its_headers_read(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    events = session.receive(
        publisher.video(0, AVC_HEADER)
        + publisher.audio(0, AAC_HEADER)
        + publisher.video(5, AVC_KEY_FRAME)
        + publisher.audio(6, AAC_FRAME),
        0.0,
    )
    media = [event for event in events if isinstance(event, MediaMessage)]
    assert [(event.type_id, event.timestamp_ms, event.payload) for event in media] == [
        (MessageType.VIDEO, 0, AVC_HEADER),
        (MessageType.AUDIO, 0, AAC_HEADER),
        (MessageType.VIDEO, 5, AVC_KEY_FRAME),
        (MessageType.AUDIO, 6, AAC_FRAME),
    ]
    assert [event.configuration and event.configuration.codec_string for event in media] == [
        "avc1.64000c",
        "mp4a.40.2",
        None,
        None,
    ]
    assert not isinstance(media[2].header, ScriptTag)
    assert media[2].header.part is Part.CODED_FRAMES


def test_metadata_arrives_as_an_flv_body(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    claims = EcmaArray(width=640.0)
    (event,) = session.receive(publisher.script("@setDataFrame", "onMetaData", claims), 0.0)
    assert isinstance(event, MediaMessage)
    assert event.payload == format_amf0("onMetaData", claims)
    assert isinstance(event.header, ScriptTag)
    assert event.header.metadata is not None
    assert event.header.metadata.width_px == 640


def test_amf3_messages_have_one_byte_in_front(publisher: Publisher) -> None:
    session = make_session()
    session.receive(CLIENT_HANDSHAKE + publisher.connect(), 0.0)
    publisher.answers(session.data_to_send())
    create = b"\x00" + format_amf0("createStream", 4.0, None)
    session.receive(publisher.message(MessageType.COMMAND_AMF3, create, csid=3), 0.0)
    assert publisher.commands(session.data_to_send()) == [("_result", 4.0, None, 1.0)]
    session.receive(publisher.publish(), 0.0)
    session.accept_publish(0.0)
    script = b"\x00" + format_amf0("onMetaData", {})
    (event,) = session.receive(publisher.message(MessageType.DATA_AMF3, script, csid=4), 0.0)
    assert isinstance(event, MediaMessage)
    assert event.payload == format_amf0("onMetaData", {})


def test_aggregate_messages_are_split(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    parts = format_tag(type_id=8, timestamp_ms=0, payload=AAC_FRAME)
    parts += format_tag(type_id=9, timestamp_ms=10, payload=AVC_FRAME) + format_tag(
        type_id=20, timestamp_ms=0, payload=b"x"
    )
    events = session.receive(publisher.message(MessageType.AGGREGATE, parts, timestamp_ms=100, csid=4), 0.0)
    assert [event.timestamp_ms for event in events if isinstance(event, MediaMessage)] == [100, 110]


def test_time_goes_on_when_32_bits_wrap(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    times = [2**32 - 40, 2**32 - 20, 0, 20, 2**32 - 10, 40]
    events = session.receive(b"".join(publisher.audio(time_ms % 2**32) for time_ms in times), 0.0)
    found = [event.timestamp_ms for event in events if isinstance(event, MediaMessage)]
    assert [time_ms - 2**32 for time_ms in found] == [-40, -20, 0, 20, -10, 40]


@pytest.mark.parametrize(
    "stop",
    [
        ("FCUnpublish", 6.0, None, KEY),
        ("deleteStream", 7.0, None, 1.0),
        ("closeStream", 0.0, None),
    ],
)
def test_publication_ends_once_and_another_may_follow(publisher: Publisher, stop: tuple[AmfValue, ...]) -> None:
    session = publishing_session(publisher)
    command = publisher.command(*stop, stream_id=STREAM_ID)
    (event,) = session.receive(command + publisher.video(0) + publisher.command("closeStream", 0.0, None), 0.0)
    assert event == PublishEnded(reason=EndReason.UNPUBLISHED, description=f"the encoder sent {stop[0]}")
    assert publisher.statuses(session.data_to_send()) == [("NetStream.Unpublish.Success", "The stream is unpublished.")]
    again = publisher.create_stream() + publisher.command("publish", 5.0, None, "other", "live", stream_id=2)
    (event,) = session.receive(again, 0.0)
    assert isinstance(event, PublishRequested)


def test_other_streams_may_be_deleted_meanwhile(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    assert session.receive(publisher.command("deleteStream", 7.0, None, 5.0), 0.0) == []
    assert session.receive(publisher.command("deleteStream", 7.0, None), 0.0) == []
    assert session.state is SessionState.PUBLISHING


def test_second_publish_on_a_connection_is_refused_alone(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    assert session.receive(publisher.publish("other"), 0.0) == []
    assert publisher.statuses(session.data_to_send()) == [
        ("NetStream.Publish.BadName", "This connection publishes already."),
    ]
    assert len(session.receive(publisher.video(0), 0.0)) == 1


def test_players_are_turned_down(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    session.receive(publisher.command("play", 8.0, None, "stream", stream_id=STREAM_ID), 0.0)
    assert publisher.statuses(session.data_to_send()) == [("NetStream.Play.Failed", "Nothing is played here.")]


def test_unknown_calls_are_answered_with_an_error(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    session.receive(publisher.command("getStreamLength", 8.0, None, "x"), 0.0)
    ((name, transaction_id, _, information),) = publisher.commands(session.data_to_send())
    assert (name, transaction_id) == ("_error", 8.0)
    assert isinstance(information, dict)
    assert information["code"] == "NetConnection.Call.Failed"
    session.receive(publisher.command("onSomething", 0.0, None), 0.0)
    assert session.data_to_send() == b""


def test_ping_is_answered_and_sent(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    session.receive(publisher.message(MessageType.USER_CONTROL, bytes.fromhex("0006 0000002a")), 0.0)
    assert [message.payload.hex() for message in publisher.answers(session.data_to_send())] == ["00070000002a"]
    session.receive(publisher.video(0), 29.0)
    assert session.deadline == 30.0
    assert session.expire(30.0) == []
    assert [message.payload for message in publisher.answers(session.data_to_send())] == [
        b"\x00\x06" + (30_000).to_bytes(4)
    ]


def test_received_bytes_are_acknowledged_once_a_window(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    session.receive(publisher.message(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, (10_000).to_bytes(4)), 0.0)
    publisher.answers(session.data_to_send())
    frame = publisher.video(0, AVC_FRAME + bytes(2000))
    sent = b""
    for _ in range(12):
        session.receive(frame, 0.0)
        sent += session.data_to_send()
    acknowledgements = [
        message for message in publisher.answers(sent) if message.type_id == MessageType.ACKNOWLEDGEMENT
    ]
    assert 2 <= len(acknowledgements) <= 3


@pytest.mark.parametrize(
    ("opening", "timeout_s", "sentence"),
    [
        (b"", 10.0, "the handshake took too long"),
        (b"\x03abc", 10.0, "the handshake took too long"),
        (CLIENT_HANDSHAKE, 15.0, "no connect command came in time"),
        (CLIENT_HANDSHAKE + Publisher().connect(), 15.0, "no publish command came in time"),
        (Publisher().opening(), 10.0, "the admission took too long"),
    ],
)
def test_each_step_has_a_deadline(opening: bytes, timeout_s: float, sentence: str) -> None:
    session = make_session()
    session.receive(opening, 0.0)
    assert session.deadline == timeout_s
    assert session.expire(timeout_s - 0.01) == []
    assert session.expire(timeout_s) == [SessionEnded(reason=EndReason.IDLE_TIMEOUT, description=sentence)]
    assert session.receive(b"more", timeout_s) == []


def test_trickled_bytes_do_not_move_the_handshake_deadline() -> None:
    session = make_session()
    for second in range(9):
        session.receive(CLIENT_HANDSHAKE[second : second + 1], float(second))
    assert session.deadline == 10.0


@pytest.mark.parametrize(("has_media", "timeout_s"), [(False, 20.0), (True, 30.0)])
def test_publisher_that_falls_silent_is_ended(publisher: Publisher, has_media: bool, timeout_s: float) -> None:
    session = publishing_session(publisher, SessionLimits(ping_interval_s=1000.0))
    if has_media:
        session.receive(publisher.video(0), 0.0)
    session.receive(publisher.command("onSomething", 0.0, None), timeout_s / 2)
    ended, closed = session.expire(timeout_s)
    assert ended == PublishEnded(reason=EndReason.IDLE_TIMEOUT, description="no audio or video came in time")
    assert isinstance(closed, SessionEnded)


def test_kick_tells_the_publisher_and_fires_both_ends(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    ended, closed = session.kick(description="Stopped by an editor.", now=1.0)
    assert ended == PublishEnded(reason=EndReason.KICKED, description="Stopped by an editor.")
    assert closed == SessionEnded(reason=EndReason.KICKED, description="Stopped by an editor.")
    assert publisher.statuses(session.data_to_send()) == [("NetStream.Publish.Denied", "Stopped by an editor.")]
    assert session.kick(description="again", now=1.0) == []
    assert session.connection_lost(1.0) == []
    assert session.expire(99.0) == []


def test_lost_connection_ends_the_publication(publisher: Publisher) -> None:
    ended, closed = publishing_session(publisher).connection_lost(1.0)
    assert isinstance(ended, PublishEnded)
    assert ended.reason is EndReason.DISCONNECTED
    assert isinstance(closed, SessionEnded)


def test_media_sent_before_admission_waits_within_a_bound(publisher: Publisher) -> None:
    limits = SessionLimits(max_waiting_bytes=1000)
    session = make_session(limits)
    session.receive(publisher.opening(), 0.0)
    assert session.receive(publisher.video(40), 0.0) == []
    (event,) = session.accept_publish(0.0)
    assert isinstance(event, MediaMessage)
    assert event.timestamp_ms == 40


def test_too_much_before_admission_ends_the_session(publisher: Publisher) -> None:
    session = make_session(SessionLimits(max_waiting_bytes=1000))
    session.receive(publisher.opening(), 0.0)
    (event,) = session.receive(bytes(1001), 0.0)
    assert event == SessionEnded(
        reason=EndReason.PROTOCOL_ERROR, description="1001 bytes were sent without waiting for admission"
    )


def ended_with(session: RtmpSession, sent: bytes) -> str:
    event = session.receive(sent, 0.0)[-1]
    assert isinstance(event, SessionEnded)
    assert event.reason is EndReason.PROTOCOL_ERROR
    return event.description


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda peer: peer.create_stream(), "a command other than connect came first"),
        (lambda peer: peer.connect() + peer.connect(), "connect came twice"),
        (lambda peer: peer.command("connect", 1.0, None), "argument 0 of connect is not an object"),
        (lambda peer: peer.command("connect", 1.0, {}), "connect names no app"),
        (lambda peer: peer.command("connect"), "argument 0 of connect is not an object"),
        (lambda peer: peer.command(), "a command does not begin with a name"),
        (lambda peer: peer.command(5.0), "a command does not begin with a name"),
        (lambda peer: peer.connect() + peer.publish(), "publish on message stream 1, never created"),
        (
            lambda peer: peer.connect() + peer.create_stream() + peer.command("publish", 5.0, None, stream_id=1),
            "argument 1 of publish is not a string",
        ),
        (lambda peer: peer.message(MessageType.COMMAND_AMF0, b"\x11", csid=3), "AMF0 type 0x11 at byte 0 is not known"),
        (
            lambda peer: peer.message(MessageType.VIDEO, bytes(65 * 1024), csid=6),
            "a message of type 9 has 66560 bytes; the limit is 65536",
        ),
    ],
)
def test_violations_before_admission_end_the_session(
    publisher: Publisher, build: Callable[[Publisher], bytes], sentence: str
) -> None:
    assert ended_with(make_session(), CLIENT_HANDSHAKE + build(publisher)) == sentence


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda peer: peer.video(0, b"\x96\x00avc1"), "multitrack video is not supported; send one video track"),
        (lambda peer: peer.video(0, b"\x17"), "the video header is cut short after 1 bytes"),
        (lambda peer: peer.script(5.0), "a data message does not begin with a name"),
        (
            lambda peer: peer.command("x" * 60_000, "y" * 60_000),
            "a command has 120006 bytes; the limit is 65536",
        ),
    ],
)
def test_violations_while_publishing_end_the_publication_first(
    publisher: Publisher, build: Callable[[Publisher], bytes], sentence: str
) -> None:
    session = publishing_session(publisher)
    ended, closed = session.receive(build(publisher), 0.0)
    assert ended == PublishEnded(reason=EndReason.PROTOCOL_ERROR, description=sentence)
    assert isinstance(closed, SessionEnded)
    assert publisher.statuses(session.data_to_send()) == [("NetStream.Publish.Denied", sentence)]


def test_streams_of_a_connection_are_counted(publisher: Publisher) -> None:
    session = make_session(SessionLimits(max_message_streams=2))
    session.receive(CLIENT_HANDSHAKE + publisher.connect(), 0.0)
    publisher.answers(session.data_to_send())
    session.receive(publisher.create_stream() * 1 + publisher.create_stream() + publisher.create_stream(), 0.0)
    assert [command[0] for command in publisher.commands(session.data_to_send())] == ["_result", "_result", "_error"]
    session.receive(publisher.command("deleteStream", 0.0, None, 1.0) + publisher.create_stream(), 0.0)
    assert publisher.commands(session.data_to_send()) == [("_result", 4.0, None, 3.0)]


def test_room_for_messages_shrinks_again_after_the_publication(publisher: Publisher) -> None:
    limits = SessionLimits(chunks=replace(ChunkLimits(), max_message_bytes=200_000))
    session = publishing_session(publisher, limits)
    frame = publisher.video(0, AVC_FRAME + bytes(100_000))
    assert len(session.receive(frame, 0.0)) == 1
    session.receive(publisher.command("closeStream", 0.0, None, stream_id=STREAM_ID), 0.0)
    assert "the limit is 65536" in ended_with(session, frame)


def test_empty_and_unknown_messages_say_nothing(publisher: Publisher) -> None:
    session = publishing_session(publisher)
    sent = publisher.video(0, b"") + publisher.audio(0, b"") + publisher.message(MessageType.DATA_AMF0, b"", csid=4)
    sent += publisher.message(99, b"x") + publisher.message(MessageType.SHARED_OBJECT_AMF0, b"x", csid=3)
    sent += publisher.message(MessageType.ACKNOWLEDGEMENT, bytes(4)) + publisher.message(MessageType.USER_CONTROL, b"")
    sent += publisher.message(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, b"")
    assert session.receive(sent, 0.0) == []


@pytest.mark.parametrize("size", [1, 2, 127, 1000])
def test_events_do_not_depend_on_slices(size: int) -> None:
    def sent() -> bytes:
        peer = Publisher()
        return (
            peer.opening()
            + peer.script("@setDataFrame", "onMetaData", {"width": 1.0})
            + peer.video(0, AVC_HEADER)
            + peer.video(33, AVC_KEY_FRAME + bytes(3000))
            + peer.audio(35)
            + peer.command("FCUnpublish", 6.0, None, KEY)
        )

    whole, sliced = make_session(), make_session()
    assert replay(sliced, cut(sent(), size)) == replay(whole, [sent()])
    assert sliced.data_to_send() == whole.data_to_send()


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=100), max_size=8), st.sampled_from(["handshake", "chunks", "media"]))
def test_any_bytes_leave_a_session_that_can_be_ended(pieces: list[bytes], stage: str) -> None:
    session = make_session() if stage != "media" else publishing_session(Publisher())
    if stage == "chunks":
        session.receive(CLIENT_HANDSHAKE, 0.0)
    events = replay(session, pieces)
    events += session.connection_lost(0.0)
    assert sum(isinstance(event, SessionEnded) for event in events) == 1
    assert isinstance(events[-1], SessionEnded)


random_messages = st.tuples(
    st.sampled_from([*MessageType]),
    st.binary(max_size=40) | st.sampled_from([AVC_HEADER, AVC_FRAME, AAC_HEADER, format_amf0("connect", 1.0, {})]),
    st.integers(0, 2**32 - 1),
)


@given(st.lists(random_messages, max_size=15))
def test_any_messages_leave_a_session_that_can_be_ended(found: list[tuple[MessageType, bytes, int]]) -> None:
    publisher = Publisher()
    session = publishing_session(publisher)
    events = []
    for type_id, payload, timestamp_ms in found:
        sent = publisher.message(type_id, payload, timestamp_ms=timestamp_ms, stream_id=STREAM_ID, csid=7)
        events += replay(session, [sent])
    events += session.connection_lost(0.0)
    assert isinstance(events[-1], SessionEnded)
    assert sum(isinstance(event, PublishEnded) for event in events) >= 1
