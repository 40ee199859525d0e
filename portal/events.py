"""Typed events, pushed to open pages when, and only when, their transaction commits.

A subject's watchers form a *group*. Each group has a sequence: a socket first gets a snapshot with the sequence number
it stands at, then every event with the next one. A gap means that something was missed: ask for a new snapshot.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import ClassVar

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django_redis import get_redis_connection

from portal import clock
from portal.telemetry.own_metrics import EVENTS_PUBLISHED

ENVELOPE_VERSION = 1
# A group that nobody wrote to for this long starts a new sequence; it begins at the clock's milliseconds, so it is
# always above the numbers that a page may still remember, also after Redis lost its memory.
_SEQUENCE_TTL_S = 7 * 24 * 3600
# Of many events, those that are numbered together. Between number and event little time must pass: one that others
# send meanwhile to the same group would arrive before it.
_AT_ONCE = 50

_registry: "dict[str, type[Event]]" = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every event. A subclass is a frozen dataclass whose fields are the event's `data`.

    Its docstring says when it fires, who may receive it, and the units; it is what the reference shows.
    """

    type: ClassVar[str]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super(Event, cls).__init_subclass__(**kwargs)
        # dataclass(slots=True) makes the class a second time: the later one is the one in use.
        _registry[cls.type] = cls

    def groups(self) -> tuple[str, ...]:
        """Return the names of the groups whose watchers receive this event."""
        raise TypeError(f"{type(self).__name__} names no group")

    def data(self) -> Mapping[str, object]:
        """Return what pages receive."""
        return asdict(self)

    def facts(self) -> Mapping[str, object]:
        """Return what a consumer needs to judge who may know of this event; it goes to consumers, never to pages."""
        return {}


def registered() -> Mapping[str, type[Event]]:
    """Return every known event class by its type."""
    return dict(_registry)


def publish(event: Event, *, at: datetime) -> None:
    """Send an event to its groups once the current transaction has committed.

    Losing the broker loses the push, never the change: a failure is logged and the request goes on.
    """
    transaction.on_commit(lambda: _send(event, at), robust=True)


def publish_all(events: Iterable[Event], *, at: datetime) -> None:
    """Send many events, each for a subject of its own, to those of their groups that anybody watches.

    One change may touch thousands of subjects, such as the films of a genre, of which few are being looked at.
    """
    sent = tuple(events)
    transaction.on_commit(lambda: _send_to_watched(sent, at), robust=True)


def current_sequence(group: str) -> int:
    """Return the number of the group's latest event; pages hold every event at or below it already."""
    redis = get_redis_connection("default")
    key = _sequence_key(group)
    redis.set(key, _first_sequence(), nx=True, ex=_SEQUENCE_TTL_S)
    return int(redis.get(key))


def _send(event: Event, at: datetime) -> None:
    _send_numbered([(group, event) for group in event.groups()], at)


def _send_numbered(addressed: Sequence[tuple[str, Event]], at: datetime) -> None:
    numbers = _next_sequences([group for group, _ in addressed])
    messages = [
        (group, {"type": "portal.event", "envelope": _envelope(event, at, number), "facts": event.facts()})
        for (group, event), number in zip(addressed, numbers, strict=True)
    ]
    async_to_sync(_send_messages)(messages)
    for _, event in addressed:
        EVENTS_PUBLISHED.labels(type=event.type).inc()


async def _send_messages(messages: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    """Send them over one connection: the layer makes one for each event loop, and this is one of its own."""
    layer = get_channel_layer()
    for group, message in messages:
        await layer.group_send(group, message)


def _send_to_watched(events: Iterable[Event], at: datetime) -> None:
    """Whoever joins a group after this has looked reads a snapshot that holds the change: it has committed."""
    addressed = [(group, event) for event in events for group in event.groups()]
    if not addressed:
        return
    names = async_to_sync(_channel_names)([group for group, _ in addressed])
    listeners = dict(get_redis_connection("default").pubsub_numsub(*names.values()))
    _count_unheard([group for group in names if not listeners[names[group]]])
    heard = [(group, event) for group, event in addressed if listeners[names[group]]]
    for start in range(0, len(heard), _AT_ONCE):
        _send_numbered(heard[start : start + _AT_ONCE], at)


def _count_unheard(groups: Iterable[str]) -> None:
    """Let what is kept by a group's number end with the change, though nobody hears of it.

    A number that nobody has asked for needs no next one, so no key is made for each of thousands of subjects.
    """
    redis = get_redis_connection("default")
    keys = [_sequence_key(group) for group in groups]
    asked_for = [key for key, number in zip(keys, redis.mget(keys) if keys else (), strict=True) if number]
    pipeline = redis.pipeline()
    for key in asked_for:
        pipeline.incr(key)
    pipeline.execute()


async def _channel_names(groups: Iterable[str]) -> dict[str, bytes]:
    """Return what the layer, which keeps it to itself, calls the Redis channel of each group."""
    layer = get_channel_layer()
    return {group: layer._get_group_channel_name(group).encode() for group in groups}


def _envelope(event: Event, at: datetime, sequence: int) -> dict[str, object]:
    return {
        "v": ENVELOPE_VERSION,
        "type": event.type,
        "id": str(uuid.uuid4()),
        "seq": sequence,
        "at": at.isoformat(),
        "data": event.data(),
    }


def _next_sequences(groups: Iterable[str]) -> list[int]:
    pipeline = get_redis_connection("default").pipeline(transaction=True)
    for group in groups:
        key = _sequence_key(group)
        pipeline.set(key, _first_sequence(), nx=True)
        pipeline.incr(key)
        pipeline.expire(key, _SEQUENCE_TTL_S)
    return [int(number) for number in pipeline.execute()[1::3]]


def _first_sequence() -> int:
    return int(clock.now().timestamp() * 1000)


def _sequence_key(group: str) -> str:
    return f"nova:sequence:{group}"
