"""Tell open pages of viewers who come and go, within a portal: `manage.py shell -c` runs this with its settings."""

import time
from datetime import timedelta

from portal import clock
from streaming.models import Channel, Stream
from tests.factories import make_stream
from tests.viewer_counts import count_viewers_of

_EVERY_S = 1.0


def begin_stream(phase: str = "live") -> None:
    """Put the demo's channel on air, without an encoder, and print the stream's id."""
    at = clock.now()
    # Nothing that was broadcast before is later, and no origin takes it for lost meanwhile.
    moments = {"started_at": at, "active_at": at, "lease_until": at + timedelta(hours=1)}
    if phase == "live":
        moments["playable_at"] = at
    print(make_stream(Channel.objects.get(slug="studio-one"), phase=phase, **moments).pk)


def tell(stream_id: str, rounds: int) -> None:
    """Tell another number of viewers each second: 1, 2 and so on; print of each the monotonic clock before."""
    stream = Stream.objects.select_related("channel").get(pk=stream_id)
    for viewers in range(1, rounds + 1):
        time.sleep(_EVERY_S)
        told_at = time.monotonic()
        count_viewers_of(stream, viewers)
        print(told_at, flush=True)
