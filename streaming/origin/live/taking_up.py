"""Taking a stream up whose store may be away for a moment, as when a machine comes back with all that ran on it."""

import asyncio
from collections.abc import Callable

import structlog

from portal.errors import PortalError
from streaming.media.live.timing import LiveTiming
from streaming.origin.live.archive import Archive, CannotTakeUp, Stored

log = structlog.get_logger("nova.live")

_STORE_AGAIN_S = 1.0


async def take_up(
    archive: Archive, timing: LiveTiming, *, until_s: float, is_over: Callable[[], bool]
) -> Stored | None:
    """Read what there is of a stream; None if there is nothing, or it is over meanwhile.

    `until_s` counts as the event loop does. Raises CannotTakeUp, also when the store is away at that time.
    """
    while not is_over():
        try:
            return await archive.take_up(timing)
        except (PortalError, OSError) as error:
            if asyncio.get_running_loop().time() > until_s:
                raise CannotTakeUp(type(error).__name__) from error
            log.warning("live.store_away", error=type(error).__name__)
            await asyncio.sleep(_STORE_AGAIN_S)
    return None
