"""What an origin tells of a stream, put into Redis by hand."""

from itertools import count

import msgspec
from django_redis import get_redis_connection

from portal import clock
from streaming.ingest_samples import LOG, SAMPLE, IngestSample
from streaming.models import Stream
from tests.streaming.test_stream_health import WELL

_numbers = count(1)


def write_samples(stream: Stream, *, seconds: int = 10, ago_s: int = 0, **changed: object) -> None:
    """Write what an origin would have, in the last seconds before that."""
    redis, now_ms = get_redis_connection("default"), round(clock.now().timestamp() * 1000)
    for second in reversed(range(seconds)):
        at = now_ms - 1000 * (ago_s + second)
        members = {**WELL, **changed, "stream": str(stream.pk), "at": at}
        sample = msgspec.convert(members, IngestSample)
        redis.xadd(LOG, {SAMPLE: msgspec.msgpack.encode(sample)}, id=f"{at}-{next(_numbers)}")
