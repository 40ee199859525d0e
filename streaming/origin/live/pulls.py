"""Streams that other servers have taken in: each is fetched from there, and is an encoder like any other then."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator
from itertools import chain, repeat

import structlog
from django.db import InterfaceError, OperationalError

from streaming.errors import ChannelIsLive
from streaming.hooks.notices import Publishing
from streaming.hooks.servers import IngestServer
from streaming.origin.live.telling import OVER
from streaming.rtmp.errors import RtmpViolation
from streaming.rtmp.events import EndReason
from streaming.rtmp.flv_reader import FlvReader
from streaming.rtmp.publishing import Admit, PublishedStream, PublishRefused, PublishRequest, PublishSink
from streaming.rtmp.redaction import Secret

log = structlog.get_logger("nova.live")

# Gives what is to be had at an address, as FLV.
Fetch = Callable[[str], AsyncGenerator[bytes, None]]
# A server that asks whether somebody may publish has the stream a moment later. The last delay again and again.
_DELAYS_S = (0.2, 0.3, 0.5, 1.0)
# As an encoder that sends nothing for so long: another one may take its place.
_SILENT_S = 3.0
# As long as the RTMP server waits for it.
_ADMISSION_S = 10.0
_MOST_SENT_AWAY = 10_000


class Pull:
    """One publisher of an ingest server: fetched from there, and again when it was lost, until it is over.

    Attributes:
        path: where it is published at its server.
        is_over: nothing of it is fetched any more.
        was_sent_away: its stream has ended, or has another encoder: this publisher is to go.
    """

    def __init__(
        self, server: IngestServer, publishing: Publishing, *, admit: Admit, fetch: Fetch, patience_s: float
    ) -> None:
        """`patience_s` is how long it is tried to get what was lost."""
        self.server, self.path = server, server.path_of(publishing)
        self.was_sent_away = self.is_over = False
        self._key, self._peer = publishing.key, publishing.peer
        self._admit, self._fetch, self._patience_s = admit, fetch, patience_s
        self._time = asyncio.get_running_loop().time
        self._sink: PublishSink | None = None
        self._task: asyncio.Task[None] | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._reason = EndReason.DISCONNECTED
        # None: nothing has come yet.
        self._last_media_s: float | None = None

    @property
    def is_free(self) -> bool:
        """Whether another publisher may have its path: something has come, and comes no more."""
        return self._last_media_s is not None and (self._sink is None or self._silent_for_s() > _SILENT_S)

    def is_for(self, publishing: Publishing) -> bool:
        """Whether it is this publisher: one that was admitted, or has begun to ask for it a moment ago."""
        is_known = self._task is not None or publishing.has_begun
        return is_known and not self.is_over and self._key == publishing.key

    def is_at(self, other: "Pull") -> bool:
        """Whether it was admitted, and is published under the same name."""
        return self._task is not None and not self.is_over and (self.server, self.path) == (other.server, other.path)

    async def begin(self) -> None:
        """Have it admitted, and fetch it from then on. Raises PublishRefused."""
        self._sink = await self._admit(self._request())
        self._task = asyncio.create_task(self._bring())

    def end(self, reason: EndReason = EndReason.DISCONNECTED) -> None:
        """Fetch no more of it."""
        if not self.is_over:
            self.is_over, self._reason = True, reason
            if self._fetching is not None:
                self._fetching.cancel()

    async def gone(self) -> None:
        """Wait until nothing of it is left, and whoever took what it brought knows."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def _send_away(self, words: str) -> None:
        self.was_sent_away = True
        self.end(EndReason.KICKED)

    def _request(self) -> PublishRequest:
        return PublishRequest(
            app=self.path.rpartition("/")[0],
            stream_key=self._key,
            stream_name=None,
            tc_url=Secret(""),
            encoder=self.server.name,
            peer=self._peer,
            stream=PublishedStream(self._send_away),
        )

    def _silent_for_s(self) -> float:
        return self._time() - (self._last_media_s or 0.0)

    async def _bring(self) -> None:
        log.info("live.pull_begun", server=self.server.name)
        if not self.is_over:
            self._fetching = asyncio.create_task(self._bring_while_it_comes())
            await asyncio.wait({self._fetching})
            if not self._fetching.cancelled():
                self._note(self._fetching.exception())
        self.is_over = True
        log.info("live.pull_ended", server=self.server.name, reason=str(self._reason))
        await self._leave(self._reason)

    def _note(self, error: BaseException | None) -> None:
        """Note why it is fetched no more; None: it was lost for too long."""
        self.was_sent_away = True
        match error:
            case None | PublishRefused():
                # Its key holds no more, or its channel has another encoder by now.
                pass
            case RtmpViolation():
                self._reason = EndReason.PROTOCOL_ERROR
                log.warning("live.pull_unreadable", server=self.server.name, error=str(error))
            case _:
                # The border of a pull: others must not notice.
                self._reason = EndReason.INTERNAL_ERROR
                log.error("live.pull_failed", server=self.server.name, exc_info=error)

    async def _bring_while_it_comes(self) -> None:
        """Bring it. While it is admitted, its stream tells when nothing has come for too long, as of any encoder."""
        delays_s = _delays()
        while self._sink is not None or self._silent_for_s() < self._patience_s:
            if await self._bring_once():
                delays_s = _delays()
            await asyncio.sleep(next(delays_s))

    async def _bring_once(self) -> bool:
        """Bring what comes until it ends, and tell whether any came.

        What was lost, and comes again, is an encoder that comes back: it is admitted anew.
        """
        reader, pieces, has_come = FlvReader(), self._fetch(self.server.address_of(self.path)), False
        try:
            async for piece in pieces:
                for message in reader.feed(piece):
                    if self._sink is None:
                        self._sink = await self._admit(self._request())
                    self._sink.media(message)
                    has_come = True
                    self._last_media_s = self._time()
        except (OSError, OperationalError, InterfaceError) as error:
            # No room for a process, or no database to ask.
            log.warning("live.pull_interrupted", server=self.server.name, error=type(error).__name__)
        finally:
            await pieces.aclose()
        if has_come:
            await self._leave(EndReason.DISCONNECTED)
        return has_come

    async def _leave(self, reason: EndReason) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            await sink.ended(reason)


class Pulls:
    """Those of all servers, by the names of the connections there."""

    def __init__(self, *, admit: Admit, fetch: Fetch, patience_s: float) -> None:
        self._admit, self._fetch, self._patience_s = admit, fetch, patience_s
        self._pulls: dict[tuple[str, str], Pull] = {}
        # Publishers that are to go, until their server asks about them or says that they have gone.
        self._sent_away: OrderedDict[tuple[str, str], None] = OrderedDict()
        # The event loop keeps no task alive by itself.
        self._late: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._pulls)

    async def let_in(self, server: IngestServer, publishing: Publishing) -> str:
        """Fetch a stream from now on; return the path under which its server is to have it. Raises PublishRefused."""
        name = (server.name, publishing.publisher)
        known = self._pulls.get(name)
        if known is not None and known.is_for(publishing):
            # Asked once more, or whether it may go on.
            return known.path
        was_sent_away = name in self._sent_away or (known is not None and known.was_sent_away)
        self._sent_away.pop(name, None)
        if was_sent_away and publishing.has_begun:
            raise PublishRefused(OVER)
        pull = Pull(server, publishing, admit=self._admit, fetch=self._fetch, patience_s=self._patience_s)
        self._check_path(pull)
        self._pulls[name] = pull
        try:
            if known is not None:
                # A server that was started again counts its connections from one.
                known.end()
                await known.gone()
            await self._begin(pull)
        finally:
            forgetting = asyncio.create_task(self._forget(name, pull))
            self._late.add(forgetting)
            forgetting.add_done_callback(self._late.discard)
        return pull.path

    async def _begin(self, pull: Pull) -> None:
        """Have it admitted. What it takes the place of ends only then: a stranger could end it otherwise."""
        async with asyncio.timeout(_ADMISSION_S):
            await pull.begin()
        try:
            self._check_path(pull)
        except PublishRefused:
            pull.end()
            raise
        for other in self._others_at(pull):
            other.end()

    def _check_path(self, pull: Pull) -> None:
        """Refuse a second publisher under one name: he could bring his own stream into another one's channel."""
        if any(not other.is_free for other in self._others_at(pull)):
            raise PublishRefused(str(ChannelIsLive.title))

    def _others_at(self, pull: Pull) -> list[Pull]:
        return [other for other in self._pulls.values() if other is not pull and other.is_at(pull)]

    def unpublished(self, server: IngestServer, publisher: str) -> None:
        """Learn that a publisher has gone: it may come back, as one whose line was lost."""
        name = (server.name, publisher)
        self._sent_away.pop(name, None)
        if name in self._pulls:
            self._pulls[name].end()

    async def close(self) -> None:
        """End all of them: their servers keep the publishers, or have them try again."""
        pulls = tuple(self._pulls.values())
        for pull in pulls:
            pull.end(EndReason.SERVER_SHUTDOWN)
        for pull in pulls:
            await pull.gone()

    async def _forget(self, name: tuple[str, str], pull: Pull) -> None:
        """Forget one when it is over, or was never admitted."""
        await pull.gone()
        if self._pulls.get(name) is not pull:
            return
        del self._pulls[name]
        if pull.was_sent_away:
            self._sent_away[name] = None
            if len(self._sent_away) > _MOST_SENT_AWAY:
                self._sent_away.popitem(last=False)


def _delays() -> Iterator[float]:
    return chain(_DELAYS_S, repeat(_DELAYS_S[-1]))
