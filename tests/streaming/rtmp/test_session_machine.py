"""A session under any order of commands, media, answers and time: what its owner may always rely on."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streaming.rtmp.events import MediaMessage, PublishEnded, PublishRequested, SessionEnded, SessionEvent
from streaming.rtmp.limits import SessionLimits
from streaming.rtmp.messages import MessageType
from streaming.rtmp.session import SessionState
from tests.streaming.rtmp.publisher import (
    AAC_HEADER,
    AVC_FRAME,
    AVC_HEADER,
    CLIENT_HANDSHAKE,
    KEY,
    Publisher,
    cut,
    make_session,
)

LIMITS = SessionLimits(max_message_streams=3, ping_interval_s=7.0)
stream_ids = st.sampled_from([1, 1, 1, 2, 0, 5])
payloads = st.sampled_from([AVC_FRAME, AVC_FRAME, AVC_HEADER, AAC_HEADER, b""])


def is_connected(machine: "Session") -> bool:
    return machine.session.state not in (SessionState.HANDSHAKE, SessionState.CONNECTING)


class Session(RuleBasedStateMachine):
    """Drive one session as a confused encoder and a slow owner would; the model is what the events have said."""

    def __init__(self) -> None:
        super().__init__()
        self.publisher = Publisher()
        self.session = make_session(LIMITS)
        self.now = 0.0
        self.is_asked = self.is_admitted = self.is_over = False
        self.is_owner_quick = False
        self.admissions = self.ends = 0

    @initialize(steps=st.sampled_from([3, 3, 3, 2, 1, 0]), is_owner_quick=st.sampled_from([True, True, False]))
    def open(self, steps: int, is_owner_quick: bool) -> None:
        self.is_owner_quick = is_owner_quick
        opening = (self.publisher.connect, self.publisher.create_stream, self.publisher.publish)
        self.send(CLIENT_HANDSHAKE + b"".join(step() for step in opening[:steps]))

    # What the encoder does

    @precondition(lambda self: self.session.state is SessionState.CONNECTING)
    @rule()
    def connect(self) -> None:
        self.send(self.publisher.connect())

    @precondition(lambda self: self.session.state is SessionState.PUBLISHING)
    @rule(name=st.sampled_from(["closeStream", "FCUnpublish"]))
    def stop_and_publish_again(self, name: str) -> None:
        stop = self.publisher.command(name, 6.0, None, KEY, stream_id=1)
        self.send(stop + self.publisher.publish())

    @precondition(is_connected)
    @rule()
    def create_stream(self) -> None:
        self.send(self.publisher.create_stream())

    @precondition(lambda self: self.session.state in (SessionState.CONNECTED, SessionState.PUBLISHING))
    @rule(stream_id=st.integers(1, 3))
    def create_and_publish(self, stream_id: int) -> None:
        created = b"".join(self.publisher.create_stream() for _ in range(stream_id))
        publish = self.publisher.command("publish", 5.0, None, KEY, "live", stream_id=stream_id)
        self.send(created + publish)

    @precondition(is_connected)
    @rule(stream_id=stream_ids, name=st.sampled_from(["closeStream", "FCUnpublish", "releaseStream", "play", "pause"]))
    def command(self, name: str, stream_id: int) -> None:
        self.send(self.publisher.command(name, 6.0, None, KEY, stream_id=stream_id))

    @precondition(is_connected)
    @rule(stream_id=stream_ids)
    def delete_stream(self, stream_id: int) -> None:
        self.send(self.publisher.command("deleteStream", 7.0, None, float(stream_id)))

    @rule(payload=payloads, time_ms=st.integers(0, 2**32 - 1))
    def media(self, payload: bytes, time_ms: int) -> None:
        self.send(self.publisher.video(time_ms, payload) + self.publisher.audio(time_ms))

    @precondition(lambda self: self.admissions > 0)
    @rule(type_id=st.sampled_from([*MessageType]), payload=st.binary(max_size=12))
    def message(self, type_id: MessageType, payload: bytes) -> None:
        self.send(self.publisher.message(type_id, payload, csid=9))

    @precondition(lambda self: self.admissions > 0)
    @rule()
    def connect_again(self) -> None:
        self.send(self.publisher.connect())

    # What the owner does

    @precondition(lambda self: self.is_asked)
    @rule()
    def accept(self) -> None:
        self.is_asked, self.is_admitted = False, True
        self.admissions += 1
        self.take(self.session.accept_publish(self.now))

    @precondition(lambda self: self.is_asked and self.admissions > 0)
    @rule()
    def refuse(self) -> None:
        self.is_asked = False
        self.take(self.session.refuse_publish(description="no", now=self.now))
        assert self.is_over

    @precondition(lambda self: self.admissions > 2)
    @rule()
    def kick(self) -> None:
        self.take(self.session.kick(description="stop", now=self.now))
        assert self.is_over

    @rule(step_s=st.sampled_from([0.0, 0.5, 1.0, 8.0]))
    def let_time_pass(self, step_s: float) -> None:
        self.now += step_s
        self.take(self.session.expire(self.now))

    # What must hold

    @invariant()
    def the_session_stands_where_its_events_say(self) -> None:
        state = self.session.state
        assert self.session.is_ended is self.is_over is (state is SessionState.ENDED)
        assert self.is_asked is (state is SessionState.ADMISSION)
        assert self.is_admitted is (state is SessionState.PUBLISHING)

    @invariant()
    def each_admission_ends_once_and_no_other_does(self) -> None:
        assert self.ends + self.is_admitted == self.admissions

    @invariant()
    def an_open_session_has_a_deadline_that_is_not_forgotten(self) -> None:
        assert self.is_over or self.session.deadline <= self.now + LIMITS.ping_interval_s

    def teardown(self) -> None:
        self.take(self.session.connection_lost(self.now))
        assert self.is_over
        assert self.ends == self.admissions

    def send(self, sent: bytes) -> None:
        for piece in cut(sent, 700):
            self.take(self.session.receive(piece, self.now))
            if self.is_asked and self.is_owner_quick:
                self.accept()
        self.publisher.answers(self.session.data_to_send())

    def take(self, events: list[SessionEvent]) -> None:
        for event in events:
            assert not self.is_over, "something came after the end"
            if isinstance(event, PublishRequested):
                assert not self.is_admitted
                self.is_asked = True
            elif isinstance(event, MediaMessage):
                assert self.is_admitted, "media without an admission"
            elif isinstance(event, PublishEnded):
                self.is_admitted = False
                self.ends += 1
            elif isinstance(event, SessionEnded):
                self.is_asked, self.is_over = False, True


TestSession = Session.TestCase
TestSession.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
