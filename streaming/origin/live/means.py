"""What live streams are made with: what they share, and that as the settings have it."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError

from streaming.media.ladder import Rung
from streaming.media.live.command import LiveTools
from streaming.media.live.plan import LivePlan, plan_live
from streaming.media.live.source import SourceFormat
from streaming.media.live.supervision import RestartPolicy
from streaming.media.live.timing import LiveTiming
from streaming.origin.live.encoding import StartEncoder
from streaming.runtime.live_encoder import LiveEncoder
from streaming.runtime.segment_store import SegmentStore, default_store
from streaming.services.quality_levels import read_ladder

log = structlog.get_logger("nova.live")

# How late a change of the ladder may be noticed.
_FRESH_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMeans:
    """What all streams of an origin share. `plan` asks the database: it is called in a thread."""

    timing: LiveTiming
    grace_s: float
    store: SegmentStore
    threads: Executor
    plan: Callable[[SourceFormat], LivePlan]
    start_encoder: StartEncoder
    restarts: RestartPolicy = field(default_factory=RestartPolicy)


class Ladder:
    """The rungs that are in use: asked for when streams begin, and remembered for when the database is away."""

    def __init__(self) -> None:
        self._rungs: Sequence[Rung] | None = None
        self._read_s = 0.0

    def rungs(self) -> Sequence[Rung]:
        """Return them. Raises OperationalError or InterfaceError if the database has been away from the beginning."""
        if self._rungs is not None and monotonic() - self._read_s < _FRESH_S:
            return self._rungs
        try:
            self._rungs = read_ladder()
        except (OperationalError, InterfaceError):
            if self._rungs is None:
                raise
            log.warning("live.ladder_of_before")
        self._read_s = monotonic()
        return self._rungs


def default_means(threads: Executor, ladder: Ladder | None = None) -> LiveMeans:
    """Return the means of this machine; `threads` write to the store."""
    return LiveMeans(
        timing=LiveTiming(),
        grace_s=settings.NOVA_LIVE_GRACE_S,
        store=default_store(),
        threads=threads,
        plan=partial(_plan, ladder or Ladder()),
        start_encoder=partial(LiveEncoder.start, tools=LiveTools(ffmpeg=settings.NOVA_FFMPEG)),
    )


def _plan(ladder: Ladder, source: SourceFormat) -> LivePlan:
    return plan_live(
        source=source,
        levels=ladder.rungs(),
        cores=os.cpu_count() or 1,
        segment_s=LiveTiming().segment_s,
        may_copy=settings.NOVA_LIVE_PASSTHROUGH,
    )
