"""Groups of events, each followed once by a process, however many of its sockets want to hear.

With a channel of its own each of thousands of sockets would be woken to read one and the same message, and would pass
by the thread of the database on its way. Here a message is read once, written as JSON once, and handed to one socket
after the other.
"""

import asyncio
import json
from collections.abc import Mapping
from contextvars import Context
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import structlog
from channels.layers import get_channel_layer

logger = structlog.get_logger(__name__)

# A few milliseconds of work. Then requests have their turn.
_AT_ONCE = 100


class Told:
    """An event on its way to sockets; `facts` are those of Event.facts."""

    __slots__ = ("_text", "envelope", "facts")

    def __init__(self, message: Mapping[str, Any]) -> None:
        self.envelope: Mapping[str, Any] = message["envelope"]
        self.facts: Mapping[str, Any] = message["facts"]
        self._text = ""

    def text_of(self, adapted: Mapping[str, Any]) -> str:
        """Return what a socket sends. The event as it is, which is what most of them send, is written once."""
        if adapted is not self.envelope:
            return json.dumps(adapted)
        self._text = self._text or json.dumps(adapted)
        return self._text


class Listener(Protocol):
    """A socket, as far as its relay knows it."""

    async def hear(self, told: Told) -> None: ...

    async def fail(self) -> None:
        """End for a fault of ours; a page that comes again begins anew."""


class Relay:
    """What the sockets of one event loop follow."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}

    async def join(self, name: str, listener: Listener) -> None:
        """Let a listener hear whatever is sent to a group from now on. Raises what the channel layer raises."""
        group = self._groups.get(name)
        if group is None or group.task.done():
            group = self._groups[name] = _Group(name)
        group.listeners.add(listener)
        await asyncio.wait((group.task, group.is_followed), return_when=asyncio.FIRST_COMPLETED)
        if group.task.done():
            await group.task

    async def leave(self, name: str, listener: Listener) -> None:
        """Let a listener hear no more; the last one ends the following of the group."""
        group = self._groups.get(name)
        if group is None or listener not in group.listeners:
            return
        group.listeners.remove(listener)
        if not group.listeners:
            del self._groups[name]
            group.task.cancel()
            await asyncio.wait((group.task,))


class _Group:
    """A group with those who listen to it here."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.listeners: set[Listener] = set()
        self.is_followed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # In a context of its own: what is bound to the socket that came first is none of the others' business.
        self.task = asyncio.create_task(self._follow(), context=Context())

    async def _follow(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(self._name, channel)
        self.is_followed.set_result(None)
        try:
            while True:
                await self._pass_on(Told(await layer.receive(channel)))
        except Exception:
            # Nobody here would hear anything any more.
            logger.exception("relay.broken", group=self._name)
            for listener in tuple(self.listeners):
                await listener.fail()
        finally:
            await layer.group_discard(self._name, channel)

    async def _pass_on(self, told: Told) -> None:
        for number, listener in enumerate(tuple(self.listeners), start=1):
            await _tell(listener, told)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)


async def _tell(listener: Listener, told: Told) -> None:
    try:
        await listener.hear(told)
    except Exception:
        # What cannot be told to one person is no reason for the others not to hear it.
        logger.exception("relay.not_told", type=told.envelope["type"])
        await listener.fail()


_relays: WeakKeyDictionary[asyncio.AbstractEventLoop, Relay] = WeakKeyDictionary()


def relay() -> Relay:
    """Return the relay of the running event loop."""
    return _relays.setdefault(asyncio.get_running_loop(), Relay())
