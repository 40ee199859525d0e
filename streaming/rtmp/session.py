"""The server's side of one RTMP connection, as a state machine without I/O.

Feed it bytes and the time, act on the events it returns, send what `data_to_send` returns:

    events = session.receive(received, now)
    transport.write(session.data_to_send())

It never raises for what a peer does: a violation ends the session, with a sentence that says why.
Sections are those of RTMP 1.0.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from streaming.rtmp import replies
from streaming.rtmp.chunks import ChunkReader, ChunkWriter
from streaming.rtmp.commands import Command, parse_command
from streaming.rtmp.errors import CommandViolation, DeadlineMissed, RtmpViolation
from streaming.rtmp.events import (
    EndReason,
    PublishEnded,
    PublishRequested,
    SessionEnded,
    SessionEvent,
)
from streaming.rtmp.flv import split_aggregate
from streaming.rtmp.handshake import ServerHandshake
from streaming.rtmp.limits import SessionLimits
from streaming.rtmp.media import read_audio, read_data, read_video
from streaming.rtmp.messages import (
    TIMESTAMP_MODULUS,
    ChunkStreamId,
    Message,
    MessageType,
    UserControlEvent,
)
from streaming.rtmp.redaction import Secret
from streaming.rtmp.replies import StatusCode
from streaming.rtmp.target import parse_publish_target

_DEFAULT_WINDOW_BYTES = 2_500_000
"""Acknowledge this often until the peer says otherwise (5.4.4)."""
_MIN_WINDOW_BYTES = 4096
"""A smaller window would have every few bytes answered."""
_HALF_MODULUS = TIMESTAMP_MODULUS // 2
_ASSEMBLING_MESSAGES = 4
"""Commands that may be interleaved before admission; encoders send one at a time."""


class SessionState(Enum):
    """Where a session stands."""

    HANDSHAKE = auto()
    CONNECTING = auto()
    CONNECTED = auto()
    ADMISSION = auto()
    PUBLISHING = auto()
    ENDED = auto()


# Looking a member up costs more than the comparison; it is used for each message.
_PUBLISHING = SessionState.PUBLISHING
_HOLDING = (SessionState.ADMISSION, SessionState.ENDED)
"""States in which what the peer sends is not read."""


class RtmpSession:
    """Take one publisher from the handshake to the end of its stream. See the module."""

    def __init__(self, *, nonce: bytes, now: float, limits: SessionLimits | None = None) -> None:
        self._limits = limits or SessionLimits()
        self._handshake = ServerHandshake(nonce=nonce)
        self._reader = ChunkReader()
        self._writer = ChunkWriter()
        self._restrict_reader(is_admitted=False)
        self._outgoing = bytearray()
        self._events: list[SessionEvent] = []
        self._state = SessionState.HANDSHAKE
        self._now = self._started = now
        self._deadline = now + self._limits.handshake_timeout_s
        self._next_ping = now + self._limits.ping_interval_s
        self._received = self._acknowledged = 0
        self._window = _DEFAULT_WINDOW_BYTES
        self._app = self._encoder = ""
        self._tc_url = Secret("")
        self._message_streams: set[int] = set()
        self._last_stream_id = 0
        self._publishing_stream_id = 0
        self._media_ms: int | None = None

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return self._state

    @property
    def is_ended(self) -> bool:
        """Tell whether the connection is only to be flushed and closed."""
        return self._state is SessionState.ENDED

    @property
    def deadline(self) -> float:
        """When `expire` must be called next; infinity once the session has ended."""
        if self.is_ended:
            return float("inf")
        return min(self._deadline, self._next_ping)

    def data_to_send(self) -> bytes:
        """Return the bytes to write, once."""
        outgoing = bytes(self._outgoing)
        self._outgoing.clear()
        return outgoing

    def receive(self, received: bytes | bytearray | memoryview, now: float) -> list[SessionEvent]:
        """Take bytes from the peer. Keeps no reference to them."""
        if self.is_ended:
            return []
        self._received += len(received)
        return self._advance(lambda: self._take(received), now)

    def expire(self, now: float) -> list[SessionEvent]:
        """Do what is due at `now`: end a peer that is too slow, ping one that is not."""
        if self.is_ended:
            return []
        return self._advance(self._check_deadlines, now)

    def accept_publish(self, now: float) -> list[SessionEvent]:
        """Admit the publisher; return what it has sent in the meantime."""
        self._check_awaiting_admission()
        return self._advance(self._accept, now)

    def refuse_publish(
        self, *, description: str, code: str = StatusCode.PUBLISH_BAD_NAME, now: float
    ) -> list[SessionEvent]:
        """Tell the publisher why it may not, and end the session.

        BadName is the code that OBS and FFmpeg show and do not retry.
        """
        self._check_awaiting_admission()
        return self._advance(lambda: self._end(EndReason.REFUSED, description, code), now)

    def kick(self, *, description: str, now: float, reason: EndReason = EndReason.KICKED) -> list[SessionEvent]:
        """End the session from our side, telling the publisher why."""
        if self.is_ended:
            return []
        return self._advance(lambda: self._end(reason, description), now)

    def connection_lost(self, now: float) -> list[SessionEvent]:
        """Take note that the peer is gone."""
        if self.is_ended:
            return []
        description = "the connection was closed by the peer"
        return self._advance(lambda: self._end(EndReason.DISCONNECTED, description), now)

    def _advance(self, step: Callable[[], None], now: float) -> list[SessionEvent]:
        self._now = now
        try:
            step()
        except RtmpViolation as violation:
            is_late = isinstance(violation, DeadlineMissed)
            reason = EndReason.IDLE_TIMEOUT if is_late else EndReason.PROTOCOL_ERROR
            self._end(reason, str(violation))
        events, self._events = self._events, []
        return events

    def _take(self, received: bytes | bytearray | memoryview) -> None:
        if self._state is SessionState.HANDSHAKE:
            self._outgoing += self._handshake.receive(received)
            if not self._handshake.is_done:
                return
            received = self._handshake.remainder()
            self._enter(SessionState.CONNECTING, self._limits.publish_timeout_s)
        self._reader.feed(received)
        self._read_messages()
        if self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._send(replies.acknowledgement(self._received))

    def _read_messages(self) -> None:
        while self._state not in _HOLDING:
            message = self._reader.next_message()
            if message is None:
                return
            take = _MESSAGES.get(message.type_id)
            # Shared objects and types unknown to the specification ask for nothing.
            if take is not None:
                take(self, message)
        waiting = self._reader.waiting_bytes
        if self._state is SessionState.ADMISSION and waiting > self._limits.max_waiting_bytes:
            raise CommandViolation(f"{waiting} bytes were sent without waiting for admission")

    # Media

    def _on_video(self, message: Message) -> None:
        payload = message.payload
        # Some encoders open with empty messages; they say nothing.
        if self._state is not _PUBLISHING or not payload:
            return
        self._events.append(read_video(payload, timestamp_ms=self._on_media_time(message.timestamp_ms)))

    def _on_audio(self, message: Message) -> None:
        payload = message.payload
        if self._state is not _PUBLISHING or not payload:
            return
        self._events.append(read_audio(payload, timestamp_ms=self._on_media_time(message.timestamp_ms)))

    def _on_data(self, message: Message) -> None:
        if self._state is not _PUBLISHING or not message.payload:
            return
        is_amf3 = message.type_id == MessageType.DATA_AMF3
        payload = message.payload[1:] if is_amf3 else message.payload
        at_ms = self._unwrap(message.timestamp_ms)
        self._events.append(read_data(payload, timestamp_ms=at_ms, limits=self._limits.amf))

    def _on_aggregate(self, message: Message) -> None:
        for part in split_aggregate(message):
            if part.type_id in _AGGREGATED:
                _MESSAGES[part.type_id](self, part)

    def _on_media_time(self, timestamp_ms: int) -> int:
        self._deadline = self._now + self._limits.idle_timeout_s
        media_ms = self._media_ms = self._unwrap(timestamp_ms)
        return media_ms

    def _unwrap(self, timestamp_ms: int) -> int:
        """Continue 32-bit time past its wrap, by the shortest step from the last media message."""
        last_ms = self._media_ms
        if last_ms is None:
            return timestamp_ms
        step_ms = (timestamp_ms - last_ms + _HALF_MODULUS) % TIMESTAMP_MODULUS - _HALF_MODULUS
        return last_ms + step_ms

    # Protocol control (5.4, 7.1.7)

    def _on_window_size(self, message: Message) -> None:
        if len(message.payload) >= 4:
            self._window = max(int.from_bytes(message.payload[:4]), _MIN_WINDOW_BYTES)

    def _on_user_control(self, message: Message) -> None:
        is_ping = message.payload[:2] == UserControlEvent.PING_REQUEST.to_bytes(2)
        if is_ping and len(message.payload) >= 6:
            self._send(replies.user_control(UserControlEvent.PING_RESPONSE, message.payload[2:6]))

    # Commands (7.2)

    def _on_command(self, message: Message) -> None:
        command = parse_command(message, self._limits)
        if self._state is SessionState.CONNECTING and command.name != "connect":
            raise CommandViolation("a command other than connect came first")
        take = _COMMANDS.get(command.name)
        if take is not None:
            take(self, command)
        elif command.transaction_id:
            self._send_command(replies.call_error(command.transaction_id, "The method is not known."))

    def _on_connect(self, command: Command) -> None:
        if self._state is not SessionState.CONNECTING:
            raise CommandViolation("connect came twice")
        arguments = command.members(0)
        app, tc_url, encoder = (arguments.get(name) for name in ("app", "tcUrl", "flashVer"))
        if not isinstance(app, str):
            self._send_command(replies.connect_error(command.transaction_id, "There is no app."))
            raise CommandViolation("connect names no app")
        self._app = app
        self._tc_url = Secret(tc_url if isinstance(tc_url, str) else "")
        self._encoder = encoder if isinstance(encoder, str) else ""
        self._state = SessionState.CONNECTED
        self._send(replies.window_acknowledgement_size(replies.WINDOW_ACKNOWLEDGEMENT_BYTES))
        self._send(replies.set_peer_bandwidth(replies.WINDOW_ACKNOWLEDGEMENT_BYTES))
        self._send(replies.set_chunk_size(replies.OUTGOING_CHUNK_BYTES))
        self._writer.chunk_bytes = replies.OUTGOING_CHUNK_BYTES
        self._send_command(replies.connect_result(command.transaction_id))

    def _on_release_stream(self, command: Command) -> None:
        self._send_command(replies.call_result(command.transaction_id))

    def _on_fc_publish(self, command: Command) -> None:
        self._send_command(replies.on_fc_publish())
        if command.transaction_id:
            self._send_command(replies.call_result(command.transaction_id))

    def _on_create_stream(self, command: Command) -> None:
        if len(self._message_streams) >= self._limits.max_message_streams:
            description = "Too many streams are open."
            self._send_command(replies.call_error(command.transaction_id, description))
            return
        self._last_stream_id += 1
        self._message_streams.add(self._last_stream_id)
        self._send_command(replies.call_result(command.transaction_id, float(self._last_stream_id)))

    def _on_publish(self, command: Command) -> None:
        target = parse_publish_target(self._app, command.text(1))
        if self._state is SessionState.PUBLISHING:
            description = "This connection publishes already."
            self._send_status(StatusCode.PUBLISH_BAD_NAME, description, level="error", stream=command.stream_id)
            return
        if command.stream_id not in self._message_streams:
            raise CommandViolation(f"publish on message stream {command.stream_id}, never created")
        self._publishing_stream_id = command.stream_id
        self._enter(SessionState.ADMISSION, self._limits.admission_timeout_s)
        self._events.append(
            PublishRequested(
                app=target.app,
                stream_key=target.stream_key,
                stream_name=target.stream_name,
                tc_url=self._tc_url,
                encoder=self._encoder,
            )
        )

    def _on_play(self, command: Command) -> None:
        self._send_status(
            StatusCode.PLAY_FAILED,
            "Nothing is played here.",
            level="error",
            stream=command.stream_id,
        )

    def _on_fc_unpublish(self, command: Command) -> None:
        self._unpublish("FCUnpublish")

    def _on_close_stream(self, command: Command) -> None:
        if command.stream_id == self._publishing_stream_id:
            self._unpublish("closeStream")

    def _on_delete_stream(self, command: Command) -> None:
        stream_id = command.number(1)
        self._message_streams -= {stream_id}
        if stream_id == self._publishing_stream_id:
            self._unpublish("deleteStream")

    def _on_ignored(self, command: Command) -> None:
        """Leave bandwidth checks unanswered: an answer would start one."""

    # Transitions

    def _unpublish(self, command_name: str) -> None:
        if self._state is not SessionState.PUBLISHING:
            return
        self._send_status(StatusCode.UNPUBLISH_SUCCESS, "The stream is unpublished.")
        self._events.append(PublishEnded(reason=EndReason.UNPUBLISHED, description=f"the encoder sent {command_name}"))
        self._publishing_stream_id = 0
        self._media_ms = None
        self._restrict_reader(is_admitted=False)
        self._enter(SessionState.CONNECTED, self._limits.publish_timeout_s)

    def _accept(self) -> None:
        stream_id = self._publishing_stream_id
        self._restrict_reader(is_admitted=True)
        self._enter(SessionState.PUBLISHING, self._limits.first_media_timeout_s)
        self._send(replies.user_control(UserControlEvent.STREAM_BEGIN, stream_id.to_bytes(4)))
        self._send_status(StatusCode.PUBLISH_START, "The stream is published.")
        self._read_messages()

    def _end(self, reason: EndReason, description: str, code: str = StatusCode.PUBLISH_DENIED) -> None:
        if self._state in (SessionState.ADMISSION, SessionState.PUBLISHING):
            self._send_status(code, description, level="error")
        if self._state is SessionState.PUBLISHING:
            self._events.append(PublishEnded(reason=reason, description=description))
        self._state = SessionState.ENDED
        self._reader = ChunkReader()
        self._events.append(SessionEnded(reason=reason, description=description))

    def _check_deadlines(self) -> None:
        if self._now >= self._deadline:
            raise DeadlineMissed(_MISSED[self._state])
        if self._now >= self._next_ping:
            self._next_ping = self._now + self._limits.ping_interval_s
            if self._state not in (SessionState.HANDSHAKE, SessionState.CONNECTING):
                elapsed_ms = int((self._now - self._started) * 1000) % TIMESTAMP_MODULUS
                self._send(replies.user_control(UserControlEvent.PING_REQUEST, elapsed_ms.to_bytes(4)))

    def _check_awaiting_admission(self) -> None:
        if self._state is not SessionState.ADMISSION:
            raise RuntimeError(f"no publisher awaits admission; the session is {self._state.name}")

    def _enter(self, state: SessionState, timeout_s: float) -> None:
        self._state = state
        self._deadline = self._now + timeout_s

    def _restrict_reader(self, *, is_admitted: bool) -> None:
        """Give strangers room for commands only."""
        limits = self._limits
        if is_admitted:
            self._reader.limits = limits.chunks
            return
        self._reader.limits = replace(
            limits.chunks,
            max_message_bytes=limits.max_command_bytes,
            max_assembling_bytes=limits.max_command_bytes * _ASSEMBLING_MESSAGES,
        )

    # Sending

    def _send_status(self, code: str, description: str, *, level: str = "status", stream: int | None = None) -> None:
        stream_id = self._publishing_stream_id if stream is None else stream
        message = replies.on_status(stream_id, code, description, level=level)
        self._send(message, csid=ChunkStreamId.STREAM_STATUS)

    def _send_command(self, message: Message) -> None:
        self._send(message, csid=ChunkStreamId.COMMAND)

    def _send(self, message: Message, *, csid: int = ChunkStreamId.PROTOCOL_CONTROL) -> None:
        self._outgoing += self._writer.write(message, csid=csid)


_MISSED: Final = {
    SessionState.HANDSHAKE: "the handshake took too long",
    SessionState.CONNECTING: "no connect command came in time",
    SessionState.CONNECTED: "no publish command came in time",
    SessionState.ADMISSION: "the admission took too long",
    SessionState.PUBLISHING: "no audio or video came in time",
}
_AGGREGATED: Final = frozenset({MessageType.AUDIO, MessageType.VIDEO, MessageType.DATA_AMF0, MessageType.DATA_AMF3})
_MESSAGES: Final[Mapping[int, Callable[[RtmpSession, Message], None]]] = {
    MessageType.VIDEO: RtmpSession._on_video,
    MessageType.AUDIO: RtmpSession._on_audio,
    MessageType.DATA_AMF0: RtmpSession._on_data,
    MessageType.DATA_AMF3: RtmpSession._on_data,
    MessageType.AGGREGATE: RtmpSession._on_aggregate,
    MessageType.COMMAND_AMF0: RtmpSession._on_command,
    MessageType.COMMAND_AMF3: RtmpSession._on_command,
    MessageType.USER_CONTROL: RtmpSession._on_user_control,
    MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE: RtmpSession._on_window_size,
}
_COMMANDS: Final[Mapping[str, Callable[[RtmpSession, Command], None]]] = {
    "connect": RtmpSession._on_connect,
    "releaseStream": RtmpSession._on_release_stream,
    "FCPublish": RtmpSession._on_fc_publish,
    "createStream": RtmpSession._on_create_stream,
    "publish": RtmpSession._on_publish,
    "FCUnpublish": RtmpSession._on_fc_unpublish,
    "closeStream": RtmpSession._on_close_stream,
    "deleteStream": RtmpSession._on_delete_stream,
    "play": RtmpSession._on_play,
    "play2": RtmpSession._on_play,
    "_checkbw": RtmpSession._on_ignored,
}
