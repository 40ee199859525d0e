"""All live streams of this origin: admits encoders to them, and finds what viewers ask for."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any
from uuid import UUID

import structlog
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

from portal import clock
from portal.errors import PortalError
from portal.telemetry.correlation import new_request_id
from streaming.errors import ChannelIsLive
from streaming.models import Stream
from streaming.origin.live.broadcast import Broadcast
from streaming.origin.live.means import LiveMeans
from streaming.origin.live.publication import Publication
from streaming.origin.live.stream import LiveStream
from streaming.rtmp.events import EndReason
from streaming.rtmp.publishing import PublishedStream, PublishRefused, PublishRequest
from streaming.services import ingest
from streaming.services.ingest import AdmittedStream
from streaming.stream_metrics import Stage, count_error

log = structlog.get_logger("nova.live")

# So long an ended stream is shown from memory: players that were cut off for a while still find its end.
_LINGER_S = 120.0
# A store that does not answer must not keep the process: what it lacks is read from what it has.
_CLOSE_WITHIN_S = 15.0


class LiveHub:
    """Streams by the 32 digits of their packages."""

    def __init__(self, means: LiveMeans, *, lease_owner: str = "") -> None:
        self._means, self._lease_owner = means, lease_owner
        self._streams: dict[str, LiveStream] = {}
        # What ended here, and from which segment on those who are behind may watch it to its end.
        self._left: dict[str, int] = {}
        # The event loop keeps no task alive by itself.
        self._late: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[LiveStream]:
        return iter(tuple(self._streams.values()))

    def find(self, package: str) -> Broadcast | None:
        """Return what viewers of a package are given from memory, if it is or was live here just now."""
        stream = self._streams.get(package)
        return stream.broadcast if stream else None

    def oldest_of(self, package: str) -> int | None:
        """Return the first segment that who watches a stream may be given; None if it was not live here just now."""
        stream = self._streams.get(package)
        if stream is None:
            return self._left.get(package)
        return stream.broadcast.oldest_open_msn if stream.broadcast is not None else 0

    def wait_for(self, waiting: Iterable[AdmittedStream]) -> None:
        """Go on with the streams that this origin had before it was started again: their encoders may come back."""
        for admitted in waiting:
            self._open(admitted)

    async def admit(self, request: PublishRequest) -> Publication:
        """Let an encoder in, or say in words for its operator why not. Raises PublishRefused."""
        structlog.contextvars.bind_contextvars(request_id=new_request_id())
        asked_s = asyncio.get_running_loop().time()
        admission = asyncio.ensure_future(self._ask(request))
        try:
            admitted = await asyncio.shield(admission)
            publication = self._attach(admitted, request.stream, asked_s)
        except asyncio.CancelledError:
            # The server waits no longer, but the thread cannot be called back: what it still opens must be closed.
            late = asyncio.create_task(self._close_late(admission, request.stream, asked_s))
            self._late.add(late)
            late.add_done_callback(self._late.discard)
            raise
        except PortalError as error:
            log.info("live.refused", code=error.code, encoder=request.encoder)
            count_error(Stage.ADMISSION, error.code)
            raise PublishRefused(str(error.title)) from error
        log.info("live.admitted", channel=admitted.channel_slug, encoder=request.encoder, resumed=admitted.is_resumed)
        return publication

    def end(self, stream_id: UUID, reason: Stream.EndReason) -> None:
        """End a stream whose row was closed by somebody else."""
        for stream in self:
            if stream.admitted.stream_id == stream_id:
                stream.end(reason, is_told=True)

    async def close(self) -> None:
        """Let go of all of them, and wait until what they have made is stored."""
        for stream in self:
            stream.suspend()
        closing = {asyncio.create_task(stream.close()) for stream in self}
        if closing:
            await asyncio.wait(closing, timeout=_CLOSE_WITHIN_S)

    def _ask(self, request: PublishRequest) -> Coroutine[Any, Any, AdmittedStream]:
        asking: Coroutine[Any, Any, AdmittedStream] = database_sync_to_async(
            ingest.admit_publisher, thread_sensitive=False
        )(
            presented_secret=request.stream_key.reveal(),
            at=clock.now(),
            peer=request.peer,
            may_take_up=self._may_take_up,
            lease_owner=self._lease_owner,
        )
        return asking

    def _may_take_up(self, stream_id: UUID) -> bool:
        """Tell, in any thread, whether another encoder may go on with a stream."""
        return all(stream.can_be_taken_up for stream in self if stream.admitted.stream_id == stream_id)

    def _attach(self, admitted: AdmittedStream, publisher: PublishedStream, asked_s: float) -> Publication:
        stream = self._streams.get(admitted.package_hex)
        if stream is None:
            stream = self._open(admitted)
        elif not stream.can_be_taken_up:
            # Two came at once.
            raise ChannelIsLive
        return stream.attach(publisher, asked_s=asked_s)

    def _open(self, admitted: AdmittedStream) -> LiveStream:
        stream = self._streams[admitted.package_hex] = LiveStream(admitted, self._means)
        watching = asyncio.create_task(self._watch(stream))
        self._late.add(watching)
        watching.add_done_callback(self._late.discard)
        return stream

    async def _watch(self, stream: LiveStream) -> None:
        """Forget a stream some time after its end: what can be gone back to is there for as long as that."""
        await stream.close()
        package = stream.admitted.package_hex
        if stream.broadcast is not None and not stream.is_taken:
            await asyncio.sleep(_LINGER_S)
            self._left[package] = stream.broadcast.oldest_open_msn
        del self._streams[package]
        if package in self._left:
            await asyncio.sleep(max(0.0, stream.admitted.dvr_s - _LINGER_S))
            del self._left[package]
        await stream.discard()

    async def _close_late(
        self, admission: "asyncio.Future[AdmittedStream]", publisher: PublishedStream, asked_s: float
    ) -> None:
        try:
            publication = self._attach(await admission, publisher, asked_s)
        except (PortalError, OperationalError, InterfaceError):
            return
        await publication.ended(EndReason.DISCONNECTED)
