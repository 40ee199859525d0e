"""Between the RTMP server and the services: admits encoders and keeps the stream's row true."""

import asyncio
from typing import Any

import structlog
from channels.db import database_sync_to_async

from portal import clock
from portal.errors import PortalError
from portal.telemetry.correlation import new_request_id
from streaming.models import Stream
from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.flv import AudioTag, Part, VideoTag
from streaming.rtmp.publishing import PublishRefused, PublishRequest
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


async def admit(request: PublishRequest) -> "IngestedStream":
    """Let an encoder in, or say in words for its operator why not. Raises PublishRefused."""
    structlog.contextvars.bind_contextvars(request_id=new_request_id())
    try:
        admitted = await database_sync_to_async(ingest.admit_publisher)(
            presented_secret=request.stream_key.reveal(), at=clock.now()
        )
    except PortalError as error:
        logger.info("ingest.refused", code=error.code, encoder=request.encoder)
        raise PublishRefused(str(error.title)) from error
    logger.info("ingest.admitted", channel=admitted.channel_slug, encoder=request.encoder)
    return IngestedStream(admitted)


class IngestedStream:
    """Takes in what one admitted encoder sends (the RTMP server's `PublishSink`)."""

    def __init__(self, admitted: AdmittedStream) -> None:
        self._admitted = admitted
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
            await self._recording
        await database_sync_to_async(ingest.end_stream)(
            stream_id=self._admitted.stream_id, reason=_END_REASONS[reason], at=clock.now()
        )
        logger.info("ingest.ended", channel=self._admitted.channel_slug, reason=str(reason))

    async def _record(self) -> None:
        await database_sync_to_async(ingest.record_media)(
            stream_id=self._admitted.stream_id, facts=self._facts, at=clock.now()
        )
        logger.info("ingest.on_air", channel=self._admitted.channel_slug, **self._facts)


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
