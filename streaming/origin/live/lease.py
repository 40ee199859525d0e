"""Tells the others that a stream is cared for, and learns when it was ended, or taken up, elsewhere."""

import asyncio
from typing import Protocol

from channels.db import database_sync_to_async
from django.db import DatabaseError, InterfaceError

from portal import clock
from streaming.models import Stream
from streaming.services import live, recordings
from streaming.services.ingest import AdmittedStream

_EVERY_S = 2.0


class Holder(Protocol):
    """What has the lease (`LiveStream`)."""

    admitted: AdmittedStream

    @property
    def is_over(self) -> bool: ...

    @property
    def is_sending(self) -> bool: ...

    def end(self, reason: Stream.EndReason, *, is_told: bool = False) -> None: ...

    def lose(self) -> None: ...


async def keep_lease(holder: Holder) -> None:
    """Renew the lease until this is cancelled, or the stream is somebody else's: also while its recording is made."""
    while True:
        await asyncio.sleep(_EVERY_S)
        try:
            is_open = await (_keep(holder) if holder.is_over else _renew(holder))
        except (DatabaseError, InterfaceError):
            continue
        except live.HeldElsewhere:
            holder.lose()
            return
        if not is_open and not holder.is_over:
            holder.end(Stream.EndReason.KICKED, is_told=True)


async def _keep(holder: Holder) -> bool:
    admitted = holder.admitted
    await database_sync_to_async(recordings.keep_for_finishing, thread_sensitive=False)(
        stream_id=admitted.stream_id, lease_owner=admitted.lease_owner, at=clock.now()
    )
    return True


async def _renew(holder: Holder) -> bool:
    admitted = holder.admitted
    renewed: bool = await database_sync_to_async(live.renew_lease, thread_sensitive=False)(
        stream_id=admitted.stream_id,
        lease_owner=admitted.lease_owner,
        at=clock.now(),
        is_sending=holder.is_sending,
    )
    return renewed
