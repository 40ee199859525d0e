"""No address of anybody is kept: neither in rows, nor in Redis, nor in the log."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.apps import apps
from django.conf import settings
from django.db import connection
from django_redis import get_redis_connection
from rest_framework.test import APIClient
from structlog.testing import LogCapture

from analytics.audience.loop import AudienceLoop
from analytics.audience.run import connect
from analytics.models import PlaybackSession
from portal import clock
from tests.analytics.beacons.beacons import Door, make_body
from tests.factories import make_movie, make_package, make_source

pytestmark = pytest.mark.django_db(transaction=True)

# Of documentation (RFC 5737, RFC 3849), so of no machine that a test could meet otherwise.
ADDRESSES = ("203.0.113.77", "2001:db8:77::77")


@pytest.fixture
def lines() -> Iterator[LogCapture]:
    """All that is logged, with what the request under way adds to it."""
    capture, processors = LogCapture(), structlog.get_config()["processors"]
    before = list(processors)
    # In place: loggers that were used before keep the list itself.
    processors[:] = [structlog.contextvars.merge_contextvars, capture]
    yield capture
    processors[:] = before


def redis_content() -> bytes:
    """Return all names and values that Redis holds."""
    redis = get_redis_connection("default")
    readers = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"stream": redis.xrange,
    }
    return b"\n".join(repr((key, readers[redis.type(key)](key))).encode() for key in redis.scan_iter())


def rows() -> str:
    """Return all rows of all tables of ours."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found += cursor.fetchall()
    return repr(found)


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_watches_leaves_no_address(address: str, lines: LogCapture) -> None:
    make_package(make_source(movie=make_movie(slug="film")))
    told: dict[str, Any] = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": address, "HTTP_X_REAL_IP": address}
    opened = APIClient().post("/api/v1/movies/film/playback/", **told).json()
    door = Door(settings.NOVA_REDIS_URL)
    with door.runner:
        body = json.dumps(make_body(opened["beacon"]["token"])).encode()
        assert door.send_once(body, x_forwarded_for=address, forwarded=f"for={address}").status == 204
        assert door.send_once(body.replace(b"token", b"taken"), x_forwarded_for=address).status == 422
        door.runner.run(door.log.close())
        door.runner.run(_count())
    report = {"code": "media-decode", "session": opened["session"]}
    assert APIClient().post("/api/v1/playback-reports/", report, format="json", **told).status_code < 300

    kept, tables, logged = redis_content(), rows(), repr(lines.entries)
    session = PlaybackSession.objects.get()
    assert session.session.hex.encode() in kept
    assert repr(session.session) in tables
    assert "playback.failed" in logged
    for content in (kept.decode(), tables, logged):
        assert address not in content


async def _count() -> None:
    async with connect(settings.NOVA_REDIS_URL) as client:
        loop = await AudienceLoop.begin(client, at=clock.now())
        await loop.tick(clock.now())
        await loop.write(clock.now())
