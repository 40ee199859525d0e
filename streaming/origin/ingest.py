"""Between the RTMP server and the services: admits encoders and keeps the stream's row true."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

from portal import clock
from portal.errors import PortalError
from portal.telemetry.correlation import new_request_id
from streaming.errors import StreamIsOver
from streaming.models import Stream
from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.flv import AudioTag, Part, VideoTag
from streaming.rtmp.publishing import PublishedStream, PublishRefused, PublishRequest
from streaming.services import ingest
from streaming.services.ingest import AdmittedStream

logger = structlog.get_logger(__name__)

_END_REASONS = {
    EndReason.UNPUBLISHED: Stream.EndReason.UNPUBLISHED,
    EndReason.DISCONNECTED: Stream.EndReason.DISCONNECTED,
    EndReason.IDLE_TIMEOUT: Stream.EndReason.IDLE,
    EndReason.PROTOCOL_ERROR: Stream.EndReason.PROTOCOL,
    EndReason.KICKED: Stream.EndReason.KICKED,
    EndReason.SERVER_SHUTDOWN: Stream.EndReason.SHUTDOWN,
    EndReason.INTERNAL_ERROR: Stream.EndReason.INTERNAL,
}
# How long to wait before writing again while the database is away; the last one again and again.
_RETRY_DELAYS_S = (0.2, 0.5, 1.0, 2.0)
_OVER = "The stream was ended by the portal."
# The event loop keeps no task alive by itself.
_late_admissions: set["asyncio.Task[None]"] = set()


async def admit(request: PublishRequest) -> "IngestedStream":
    """Let an encoder in, or say in words for its operator why not. Raises PublishRefused."""
    structlog.contextvars.bind_contextvars(request_id=new_request_id())
    admission = asyncio.ensure_future(_open_stream(request))
    try:
        admitted = await asyncio.shield(admission)
    except asyncio.CancelledError:
        # The server waits no longer, but the thread cannot be called back: what it still opens must be closed again.
        late = asyncio.create_task(_close_late(admission, request.stream))
        _late_admissions.add(late)
        late.add_done_callback(_late_admissions.discard)
        raise
    except PortalError as error:
        logger.info("ingest.refused", code=error.code, encoder=request.encoder)
        raise PublishRefused(str(error.title)) from error
    logger.info("ingest.admitted", channel=admitted.channel_slug, encoder=request.encoder)
    return IngestedStream(admitted, request.stream)


def _open_stream(request: PublishRequest) -> Coroutine[Any, Any, AdmittedStream]:
    # In a thread of its own, here and below: in the one that is shared, whoever waits for the database holds up all.
    opening: Coroutine[Any, Any, AdmittedStream] = database_sync_to_async(
        ingest.admit_publisher, thread_sensitive=False
    )(presented_secret=request.stream_key.reveal(), at=clock.now())
    return opening


async def _close_late(admission: "asyncio.Future[AdmittedStream]", publisher: PublishedStream) -> None:
    try:
        admitted = await admission
    except (PortalError, OperationalError, InterfaceError):
        return
    await IngestedStream(admitted, publisher).ended(EndReason.DISCONNECTED)


class IngestedStream:
    """Takes in what one admitted encoder sends (the RTMP server's `PublishSink`)."""

    def __init__(self, admitted: AdmittedStream, publisher: PublishedStream) -> None:
        self._admitted = admitted
        self._publisher = publisher
        self._facts: dict[str, Any] = {}
        self._has_media = False
        self._recording: asyncio.Task[None] | None = None

    def media(self, message: MediaMessage) -> None:
        """Note what the headers say; with the first frame the stream is on air."""
        if message.configuration is not None:
            self._facts |= _facts_of(message.configuration)
        if not self._has_media and _is_frame(message):
            self._has_media = True
            self._recording = asyncio.create_task(self._record())

    async def ended(self, reason: EndReason) -> None:
        """Close the stream's row, after what is still being written to it."""
        if self._recording is not None:
            await asyncio.wait({self._recording})
        await self._write(ingest.end_stream, reason=_END_REASONS[reason])
        logger.info("ingest.ended", channel=self._admitted.channel_slug, reason=str(reason))
        if self._recording is not None:
            # What went wrong there is raised only now that the row is closed; the server logs it.
            self._recording.result()

    async def _record(self) -> None:
        try:
            await self._write(ingest.record_media, facts=self._facts)
        except StreamIsOver:
            # Its row was closed or deleted under it: nobody can see it any more.
            self._publisher.kick(_OVER)
            return
        logger.info("ingest.on_air", channel=self._admitted.channel_slug, **self._facts)

    async def _write(self, write: Callable[..., None], **arguments: Any) -> None:
        """Change the row; while the database is away, try again: the encoder goes on, and its row must follow."""
        attempts = 0
        while True:
            try:
                await database_sync_to_async(write, thread_sensitive=False)(
                    stream_id=self._admitted.stream_id, at=clock.now(), **arguments
                )
                return
            except (OperationalError, InterfaceError):
                delay_s = _RETRY_DELAYS_S[min(attempts, len(_RETRY_DELAYS_S) - 1)]
                attempts += 1
                logger.warning("ingest.database_away", channel=self._admitted.channel_slug, retry_in_s=delay_s)
            await asyncio.sleep(delay_s)


def _is_frame(message: MediaMessage) -> bool:
    return isinstance(message.header, VideoTag | AudioTag) and message.header.part is Part.CODED_FRAMES


def _facts_of(configuration: VideoConfiguration | AudioConfiguration) -> dict[str, Any]:
    if isinstance(configuration, AudioConfiguration):
        return {"audio_codec": configuration.codec_string}
    return {
        "video_codec": configuration.codec_string,
        "width_px": configuration.width_px,
        "height_px": configuration.height_px,
    }
