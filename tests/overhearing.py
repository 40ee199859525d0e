"""What goes out by Redis while something is done: the events of a group, or the words of a channel."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django_redis import get_redis_connection


@contextmanager
def overhear(channel: str) -> Iterator[list[bytes]]:
    """Yield a list that holds, once this is left, whatever was said on a channel of Redis meanwhile."""
    heard: list[bytes] = []
    with get_redis_connection("default").pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe(channel)
        # That somebody listens is confirmed by a message of its own.
        assert ear.get_message(timeout=10) is None
        yield heard
        # Redis tells each listener before it answers whoever has spoken.
        while message := ear.get_message(timeout=0.01):
            heard.append(message["data"])


@contextmanager
def overhear_events(group: str) -> Iterator[list[dict[str, Any]]]:
    """Yield a list that holds, once this is left, the envelopes of the events that the group was sent meanwhile."""
    envelopes: list[dict[str, Any]] = []
    with overhear(async_to_sync(_channel_of)(group)) as heard:
        yield envelopes
    envelopes += async_to_sync(_open)(heard)


async def _channel_of(group: str) -> str:
    """Return what the layer, which exists within an event loop only, calls the channel of a group."""
    name: str = get_channel_layer()._get_group_channel_name(group)
    return name


async def _open(heard: list[bytes]) -> list[dict[str, Any]]:
    layer = get_channel_layer()
    return [layer.deserialize(message)["envelope"] for message in heard]
