"""Figures as they are counted, for those who follow them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analytics import access, groups
from analytics.pages.live import healths_of, live_streams, portal_now, stream_now
from portal import clock
from portal.consumers import SnapshotConsumer
from streaming.models import Stream


class DashboardConsumer(SnapshotConsumer):
    """`/ws/dashboard/`: operators follow everything that is watched."""

    def authorise(self) -> str:
        access.require_sight_of_portal(self.scope["user"])
        return groups.DASHBOARD

    def relies_on_rights(self, facts: Mapping[str, Any]) -> bool:
        return True

    def read_snapshot(self) -> Mapping[str, object]:
        at = clock.now()
        return asdict(portal_now(healths_of(live_streams(), at=at), at=at))


class StreamMetricsConsumer(SnapshotConsumer):
    """`/ws/streams/<id>/metrics/`: who runs a stream follows how it is sent and watched."""

    def authorise(self) -> str:
        return groups.stream_metrics(self._stream().pk)

    def relies_on_rights(self, facts: Mapping[str, Any]) -> bool:
        return True

    def read_snapshot(self) -> Mapping[str, object]:
        return asdict(stream_now(self._stream(), at=clock.now()))

    def _stream(self) -> Stream:
        return access.get_stream_for_figures(self.scope["user"], self.scope["url_route"]["kwargs"]["stream_id"])
