"""What every socket does: let in, snapshot, then events; and what it takes from strangers, which is little."""

import asyncio
import json
import re
from collections import deque
from collections.abc import Mapping
from enum import IntEnum
from importlib import import_module
from time import monotonic
from typing import Any, ClassVar

import structlog
from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from rest_framework import serializers

from portal import clock, events
from portal.errors import PortalError
from portal.relay import Told, relay
from portal.telemetry.asgi import Receive, Scope, Send
from portal.telemetry.own_metrics import WEBSOCKETS

LARGEST_FRAME_CHARS = 1024
FRAMES_PER_PERIOD = 20
PERIOD_S = 10
# How long a socket goes on with what its person was allowed; a socket may be open for days.
RIGHTS_HOLD_S = 60


class CloseCode(IntEnum):
    """Why the server ends a socket: 4000 and the HTTP status that says the same."""

    BAD_FRAME = 4400
    SIGN_IN = 4401
    NOT_ALLOWED = 4403
    UNKNOWN = 4404
    SLOW_DOWN = 4429


logger = structlog.get_logger(__name__)

_CAMEL_STEP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# RFC 6455 section 7.4.1: for an error that has no code above.
_UNEXPECTED = 1011


class CommandSerializer(serializers.Serializer[dict[str, str]]):
    """An inbound frame."""

    type = serializers.ChoiceField(choices=["snapshot.request"])


class SnapshotConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """A socket on one group of events. A subclass says who may join it and what its snapshot holds."""

    # Events come by the relay: with a layer each socket would subscribe to a channel of its own.
    channel_layer_alias = ""
    command_serializer: ClassVar[type[serializers.Serializer[Any]]] = CommandSerializer
    group = ""

    def authorise(self) -> str:
        """Return the name of the group. Raises PortalError; runs in a thread, with the database."""
        raise NotImplementedError

    def read_snapshot(self) -> Mapping[str, object]:
        """Return the state that later events change. Raises PortalError; runs in a thread, with the database."""
        raise NotImplementedError

    def relies_on_rights(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether an event is for those alone who may know more than everybody else."""
        return False

    def adapt(self, envelope: Mapping[str, Any], facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the event as this person may know it, None for not at all; `facts` are those of Event.facts."""
        return envelope

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            # All of its life: however it ends, it is counted out.
            with WEBSOCKETS.labels(kind=_kind_of(type(self))).track_inprogress():
                await super().__call__(scope, receive, send)
        finally:
            # Also where it was not the page that ended it.
            await self._leave()

    async def connect(self) -> None:
        self._taken_at: deque[float] = deque(maxlen=FRAMES_PER_PERIOD)
        # What is told while a snapshot is being read waits for it.
        self._is_reading = True
        self._waiting: deque[Told] = deque()
        self._looking: asyncio.Task[None] | None = None
        self._allowed_at = monotonic()
        # A browser is told the code of a socket that was open, not of one that was refused.
        await self.accept()
        try:
            self.group = await database_sync_to_async(self.authorise)()
        except PortalError as error:
            await self.end(_close_code(error))
            return
        # Joined before the snapshot is read: what happens in between comes as an event, and is not lost.
        await relay().join(self.group, self)
        await self.send_snapshot()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = monotonic()
        if len(self._taken_at) == FRAMES_PER_PERIOD and now - self._taken_at[0] < PERIOD_S:
            await self.end(CloseCode.SLOW_DOWN)
            return
        self._taken_at.append(now)
        command = _parse(text_data, self.command_serializer)
        if command is None:
            await self.end(CloseCode.BAD_FRAME)
        else:
            await self.obey(command)

    async def obey(self, command: Mapping[str, Any]) -> None:
        """Carry out a valid command; `snapshot.request` is how a page recovers from a gap."""
        await self.send_snapshot()

    async def send_snapshot(self) -> None:
        self._is_reading = True
        try:
            if self._are_rights_old():
                await self._look_at_rights()
            envelope = await database_sync_to_async(self._snapshot_envelope)()
        except PortalError as error:
            await self.end(_close_code(error))
            return
        await self.send(json.dumps(envelope))
        await self._catch_up()

    async def hear(self, told: Told) -> None:
        """Take an event of the group from the relay."""
        if self._is_reading:
            self._waiting.append(told)
        elif self.relies_on_rights(told.facts) and self._are_rights_old():
            self._is_reading = True
            self._waiting.append(told)
            # Others of the group do not wait for the database.
            self._looking = asyncio.create_task(self._look_and_catch_up())
        else:
            await self._tell(told)

    def _are_rights_old(self) -> bool:
        # Somebody who is not signed in has none that could be taken away.
        return monotonic() - self._allowed_at >= RIGHTS_HOLD_S and self.scope["user"].is_authenticated

    async def _look_at_rights(self) -> None:
        """Learn who this is by now, and what they may: they may have signed out. Raises PortalError."""
        asked_at = monotonic()
        # The one of the scope remembers what it has read.
        session = import_module(settings.SESSION_ENGINE).SessionStore(self.scope["session"].session_key)
        self.scope["user"] = await get_user({"session": session})
        await database_sync_to_async(self.authorise)()
        # Not before: until then a snapshot that is asked for looks too.
        self._allowed_at = asked_at

    async def _look_and_catch_up(self) -> None:
        try:
            await self._look_at_rights()
            await self._catch_up()
        except PortalError as error:
            await self.end(_close_code(error))
        except Exception:
            logger.exception("socket.rights_not_read")
            await self.fail()

    async def _catch_up(self) -> None:
        while self._waiting:
            await self._tell(self._waiting.popleft())
        self._is_reading = False

    async def fail(self) -> None:
        await _close(self, _UNEXPECTED)

    async def _tell(self, told: Told) -> None:
        # One that was on its way when the socket ended is dropped.
        if self.group and (adapted := self.adapt(told.envelope, told.facts)) is not None:
            await self.send(told.text_of(adapted))

    async def end(self, code: int) -> None:
        await self._leave()
        await _close(self, code)

    async def _leave(self) -> None:
        if self.group:
            group, self.group = self.group, ""
            await relay().leave(group, self)

    def _snapshot_envelope(self) -> Mapping[str, object]:
        # The number first: a change between the two reads is in the state and comes as an event too.
        sequence = events.current_sequence(self.group)
        data = self.read_snapshot()
        return {
            "v": events.ENVELOPE_VERSION,
            "type": "snapshot",
            "seq": sequence,
            "at": clock.now().isoformat(),
            "data": data,
        }


class UnknownSocketConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """Answers at every address that has no socket: a stranger's typing error is no error of ours."""

    channel_layer_alias = ""

    async def connect(self) -> None:
        await self.accept()
        await _close(self, CloseCode.UNKNOWN)


def _kind_of(consumer: type[SnapshotConsumer]) -> str:
    """Return what sockets of a class are called in metrics: `live_list` for a LiveListConsumer."""
    return _CAMEL_STEP.sub("_", consumer.__name__.removesuffix("Consumer")).lower()


async def _close(consumer: AsyncWebsocketConsumer, code: int) -> None:
    """End a socket. The web server takes nothing for a code whose type is not int itself."""
    await consumer.close(int(code))


def _parse(text: str | None, serializer_class: type[serializers.Serializer[Any]]) -> Mapping[str, Any] | None:
    """Return the command in a frame; None if there is none."""
    if text is None or len(text) > LARGEST_FRAME_CHARS:
        return None
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    serializer = serializer_class(data=frame)
    return serializer.validated_data if serializer.is_valid() else None


def _close_code(error: PortalError) -> int:
    code = 4000 + error.status
    return code if code in set(CloseCode) else _UNEXPECTED
