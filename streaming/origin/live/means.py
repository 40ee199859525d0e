"""What live streams are made with, as the settings have it."""

import os
from concurrent.futures import Executor
from functools import partial

from django.conf import settings

from streaming.media.live.command import LiveTools
from streaming.media.live.plan import LivePlan, SourceFormat, plan_live
from streaming.media.live.timing import LiveTiming
from streaming.origin.live.stream import LiveMeans
from streaming.runtime.live_encoder import LiveEncoder
from streaming.runtime.segment_store import default_store
from streaming.services.quality_levels import read_ladder


def default_means(threads: Executor) -> LiveMeans:
    """Return the means of this machine; `threads` write to the store."""
    return LiveMeans(
        timing=LiveTiming(),
        grace_s=settings.NOVA_LIVE_GRACE_S,
        store=default_store(),
        threads=threads,
        plan=_plan,
        start_encoder=partial(LiveEncoder.start, tools=LiveTools(ffmpeg=settings.NOVA_FFMPEG)),
    )


def _plan(source: SourceFormat) -> LivePlan:
    return plan_live(source=source, levels=read_ladder(), cores=os.cpu_count() or 1, segment_s=LiveTiming().segment_s)
