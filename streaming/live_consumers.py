"""Channels and streams as they happen, for those who watch them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from portal import clock
from portal.consumers import SnapshotConsumer
from streaming import access, groups
from streaming.live_pages import listed_streams
from streaming.models import Channel, PlannedStream, Stream
from streaming.plan_events import PlanState
from streaming.viewers import describe_stream, describe_streams

# Events of streams tell no viewers: these change by an event of their own.
_ON_CARDS = ("id", "channel", "phase")
_IN_LIST = (*_ON_CARDS, "viewers")


class LiveConsumer(SnapshotConsumer):
    """What happens to streams of one channel, for those who may watch it."""

    sees_private = False

    def authorise(self) -> str:
        self.sees_private = access.sees_private_channels(self.scope["user"])
        return self.find_group()

    def find_group(self) -> str:
        """Return the name of the group, to whoever may join it. Raises NotFound."""
        raise NotImplementedError

    def relies_on_rights(self, facts: Mapping[str, Any]) -> bool:
        return self._is_private(facts) and self._sees_private(facts)

    def adapt(self, envelope: Mapping[str, Any], facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Tell nothing to those to whom the channel was closed meanwhile: a snapshot tells them why."""
        return envelope if not self._is_private(facts) or self._sees_private(facts) else None

    def _is_private(self, facts: Mapping[str, Any]) -> bool:
        return bool(facts["visibility"] == Channel.Visibility.PRIVATE)

    def _sees_private(self, facts: Mapping[str, Any]) -> bool:
        return self.sees_private or bool(self.scope["user"].pk == facts["owner_id"])


class ChannelConsumer(LiveConsumer):
    """`/ws/channels/<slug>/`: the page of a channel follows its streams, this one and the next, and what is to come."""

    def find_group(self) -> str:
        return groups.channel(self._channel().pk)

    def read_snapshot(self) -> Mapping[str, object]:
        channel = self._channel()
        # At most one is live, and it is the latest.
        streams = access.get_streams_of(self.scope["user"], channel).select_related("channel")
        stream = streams.order_by("-started_at", "-id").first()
        plans = PlannedStream.objects.coming_up(clock.now()).filter(channel=channel).select_related("channel")
        return {
            "channel": {"slug": channel.slug, "title": channel.title},
            "stream": describe_stream(stream) if stream else None,
            "plans": [asdict(PlanState.of(plan)) for plan in plans.order_by("starts_at")],
        }

    def _channel(self) -> Channel:
        return access.get_channel_for_viewing(self.scope["user"], self.scope["url_route"]["kwargs"]["slug"])


class LiveListConsumer(SnapshotConsumer):
    """`/ws/live/`: the list of who is on air. It names public channels alone, to everybody, as its page does."""

    def authorise(self) -> str:
        return groups.LIVE

    def read_snapshot(self) -> Mapping[str, object]:
        return {"streams": [_only(_IN_LIST, stream) for stream in describe_streams(list(listed_streams()))]}

    def adapt(self, envelope: Mapping[str, Any], facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Tell of a stream what its card shows: the rest is for those who watch it.

        Who publishes an event has chosen its groups. What came here by mistake would name what no list names.
        """
        if facts.get("visibility", Channel.Visibility.PUBLIC) != Channel.Visibility.PUBLIC:
            return None
        data = envelope["data"]
        return {**envelope, "data": _only(_ON_CARDS, data)} if "phase" in data else envelope


class StreamConsumer(LiveConsumer):
    """`/ws/streams/<id>/`: what becomes of one stream."""

    def find_group(self) -> str:
        return groups.stream(self._stream().pk)

    def read_snapshot(self) -> Mapping[str, object]:
        return describe_stream(self._stream())

    def _stream(self) -> Stream:
        return access.get_stream_for_viewing(self.scope["user"], self.scope["url_route"]["kwargs"]["stream_id"])


def _only(names: Sequence[str], stream: Mapping[str, Any]) -> dict[str, object]:
    return {name: stream[name] for name in names}
