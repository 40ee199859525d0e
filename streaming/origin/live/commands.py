"""Hears of streams that were ended by somebody else: by an editor, or with the key that they were published by."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog
from redis.asyncio.client import PubSub

from streaming.live_commands import CHANNEL, EndStream
from streaming.models import Stream
from streaming.origin.listening import await_word, stay_subscribed

log = structlog.get_logger("nova.live")

# Nothing is done in between; the connection is asked now and then whether it is there still.
_A_WHILE_S = 60.0
End = Callable[[UUID, Stream.EndReason], None]


async def obey_commands(end: End, *, redis_url: str) -> None:
    """Follow the commands until this is cancelled, through outages of Redis."""
    await stay_subscribed(CHANNEL, partial(_follow, end), while_away=_wait, redis_url=redis_url)


async def _follow(end: End, channel: PubSub) -> None:
    while True:
        word = await await_word(channel, within_s=_A_WHILE_S)
        if word is not None and word["type"] == "message":
            _obey(word["data"], end)


async def _wait() -> None:
    # What is said meanwhile is learnt from the lease of the stream, a little later.
    log.warning("live.redis_away")


def _obey(text: bytes, end: End) -> None:
    command = EndStream.parse(text)
    if command is None or command.reason not in Stream.EndReason:
        # Perhaps of a newer web than we are.
        log.warning("live.command_unknown")
        return
    end(command.stream_id, Stream.EndReason(command.reason))
