"""One encoder that publishes to a live stream: what the RTMP server hands its messages to."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from streaming.origin.live.opening import Opening
from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.flv import AudioTag, Part, VideoTag
from streaming.rtmp.publishing import PublishedStream


class Stage(Protocol):
    """Where publications go on air."""

    def take(self, publication: "Publication", message: MediaMessage) -> None:
        """Take one message. Must not block."""

    def leave(self, publication: "Publication", reason: EndReason) -> None:
        """Learn that no more comes of it."""

    async def settle(self) -> None:
        """Wait until what has happened so far is told."""


class Publication:
    """The RTMP server's `PublishSink`.

    Attributes:
        last_media_s: when the last frame came, by the clock of the event loop.
    """

    def __init__(self, stage: Stage, publisher: PublishedStream) -> None:
        self._stage, self._publisher = stage, publisher
        self.opening = Opening()
        self._time = asyncio.get_running_loop().time
        self._began_s = self._waits_since_s = self.last_media_s = self._time()

    def media(self, message: MediaMessage) -> None:
        if isinstance(message.header, VideoTag | AudioTag) and message.header.part is Part.CODED_FRAMES:
            self.last_media_s = self._time()
        self._stage.take(self, message)

    async def ended(self, reason: EndReason) -> None:
        self._stage.leave(self, reason)
        await self._stage.settle()

    def silent_for_s(self) -> float:
        return self._time() - self.last_media_s

    def age_s(self) -> float:
        return self._time() - self._began_s

    def begin_again(self, known: Iterable[MediaMessage] = ()) -> None:
        """Wait for what the next run of our encoder can begin with; some of it may be `known`."""
        self.opening.begin_again()
        for message in known:
            self.opening.take(message)
        self._waits_since_s = self._time()

    def waits_for_s(self) -> float:
        """Return how long it has been waited for something to begin with, by the clock of the event loop."""
        return self._time() - self._waits_since_s

    def kick(self, words: str) -> None:
        """Send it away; it leaves by itself then."""
        self._publisher.kick(words)
