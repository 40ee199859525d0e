"""Counting with a real Redis and a real PostgreSQL, second by second."""

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import pytest_asyncio
import redis.asyncio
from channels.db import database_sync_to_async
from django.db.models import QuerySet
from prometheus_client import REGISTRY
from pytest_django import DjangoAssertNumQueries
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from analytics import partitions
from analytics.audience.directory import look_up
from analytics.audience.loop import AudienceLoop
from analytics.audience.telling import tell_pages
from analytics.counting.audience import SEAL_AFTER_S
from analytics.counting.figures import PORTAL, Figures
from analytics.models import MetricDay, MetricMinute, MetricSecond, PlaybackSession, RetentionEdge, Subject
from analytics.privacy.forgetting import forget_viewer
from analytics.records import COUNTS, LOG, RECORD, Beacon
from catalog.models import Movie
from portal.accounts.roles import Role
from portal.embedded import redis as embedded_redis
from portal.embedded import sockets
from portal.embedded.leash import leashed
from streaming.ingest_samples import IngestSample
from streaming.models import Stream
from tests.analytics.audience.logs import connected, leave, leave_sample, moment, playing, step
from tests.analytics.counting.telling import START, beacon, event, session_id
from tests.factories import make_channel, make_movie, make_stream, make_user
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_room_is_left_behind(transactional_db: None) -> Iterator[None]:
    yield
    for table in partitions.TABLES:
        partitions.drop_partitions(table, before=moment(10**12))


@pytest.fixture
def movie(transactional_db: None) -> Movie:
    return make_movie(slug="meridian", title="Meridian")


@pytest.fixture
def stream(transactional_db: None) -> Stream:
    return make_stream(make_channel(slug="one", title="Channel one", visibility="PUBLIC"))


@pytest_asyncio.fixture
async def client() -> AsyncIterator[redis.asyncio.Redis]:
    async with connected() as client:
        yield client


async def seconds(name: str) -> dict[int, dict[str, Any]]:
    """Return the rows of a subject by the second of the test."""
    rows = await rows_of(MetricSecond.objects.filter(subject__name=name))
    return {round(row["at"].timestamp()) - START // 1000: row for row in rows}


async def sessions() -> list[dict[str, Any]]:
    return await rows_of(PlaybackSession.objects.order_by("session"))


async def days() -> list[dict[str, Any]]:
    return await rows_of(MetricDay.objects.order_by("subject__name"))


async def rows_of(query: QuerySet[Any]) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        return [dict(row) for row in query.values()]

    rows: list[dict[str, Any]] = await database_sync_to_async(read)()
    return rows


async def run(client: redis.asyncio.Redis, *, seconds: int, restarts: tuple[int, ...] = ()) -> AudienceLoop:
    """Count for so many seconds; at some of them by somebody else, who knows nothing of the one before."""
    loop = await AudienceLoop.begin(client, at=moment(1000))
    for second in range(2, seconds):
        if second in restarts:
            loop = await AudienceLoop.begin(client, at=moment(second * 1000))
        await step(loop, second * 1000)
    return loop


async def test_what_is_told_is_counted_written_and_told_again(
    client: redis.asyncio.Redis, movie: Movie, stream: Stream
) -> None:
    film, live = f"movie:{movie.pk}", f"stream:{stream.pk}"
    await leave(
        client,
        beacon(event(1200, 0, br=4000, q="720p"), session=session_id(), subject=film, viewer=1),
        beacon(event(1300, 0), session=session_id(), subject=film, viewer=1),
        beacon(event(1400, 0, ltc=2100), session=session_id(), subject=live, viewer=2),
    )
    loop = await AudienceLoop.begin(client, at=moment(1000))
    await step(loop, 2000)

    counts = await cast("Awaitable[dict[bytes, bytes]]", client.hgetall(COUNTS))
    assert {name.decode(): msgspec.json.decode(count) for name, count in counts.items()} == {
        PORTAL: {"viewers": 2, "sessions": 3},
        film: {"viewers": 1, "sessions": 2},
        live: {"viewers": 1, "sessions": 1},
        "at": START // 1000 + 1,
    }
    assert 0 < await client.ttl(COUNTS) <= 10
    row = (await seconds(film))[1]
    assert (row["viewers"], row["sessions"], row["joins"], row["is_sealed"]) == (1, 2, 1, False)
    assert (row["shown_bps"], row["qualities"]) == (4_000_000, {"720p": 1})
    assert (await seconds(live))[1]["latency_ms"] == 2100
    assert (await seconds(PORTAL))[1]["viewers"] == 2
    assert [row["state"] for row in await sessions()] == ["p"] * 3
    titles = await database_sync_to_async(lambda: dict(Subject.objects.values_list("name", "title")))()
    assert titles == {PORTAL: "", film: "Meridian", live: "Channel one"}


async def test_metrics_tell_how_events_came(client: redis.asyncio.Redis, movie: Movie) -> None:
    film, name = f"movie:{movie.pk}", session_id()
    counters = {
        "gaps": ("nova_beacon_gaps_total", {}),
        **{kind: ("nova_beacon_events_total", {"arrival": kind}) for kind in ("in_order", "late", "again")},
    }

    def values() -> dict[str, float]:
        return {kind: REGISTRY.get_sample_value(*counter) or 0.0 for kind, counter in counters.items()}

    loop, before = await AudienceLoop.begin(client, at=moment(1000)), values()
    told = beacon(event(1200, 0), event(1300, 3), session=name, subject=film)
    await leave(client, told, told)
    await step(loop, 2000)
    await leave(client, beacon(event(2200, 1), event(2300, 5), session=name, subject=film))
    await step(loop, 3000)
    counted = {kind: value - before[kind] for kind, value in values().items()}
    assert counted == {"gaps": 3, "in_order": 3, "late": 1, "again": 2}
    # Who takes over reads the same again, and does not count it twice.
    await step(await AudienceLoop.begin(client, at=moment(3000)), 4000)
    assert {kind: value - before[kind] for kind, value in values().items()} == counted


async def test_open_pages_are_told_of_counts(client: redis.asyncio.Redis, movie: Movie) -> None:
    film = f"movie:{movie.pk}"
    loop = await AudienceLoop.begin(client, at=moment(1000))
    async with open_socket("/ws/movies/meridian/") as socket:
        await socket.receive_envelope()
        told = [beacon(event(1200, 0), session=session_id(), subject=film, viewer=viewer) for viewer in range(3)]
        await leave(client, *told)
        for at in (2000, 3000, 4000):
            await step(loop, at)
        changed = await socket.receive_envelope()
        assert (changed["type"], changed["data"]) == ("viewer_count.changed", {"subject": film, "viewers": 3})
        await leave(client, beacon(event(4500, 1, "q"), session=told[0].session, subject=film, viewer=0))
        await step(loop, 5000)
        assert (await socket.receive_envelope())["data"]["viewers"] == 2


async def test_however_many_come_pages_are_told_once_a_second(client: redis.asyncio.Redis, stream: Stream) -> None:
    live, operator = f"stream:{stream.pk}", await database_sync_to_async(make_user)(Role.OPERATOR)
    loop = await AudienceLoop.begin(client, at=moment(1000))
    sockets = (
        open_socket(f"/ws/streams/{stream.pk}/"),
        open_socket(f"/ws/streams/{stream.pk}/metrics/", user=operator),
        open_socket("/ws/dashboard/", user=operator),
    )
    async with sockets[0] as page, sockets[1] as studio, sockets[2] as dashboard:
        followers = (page, studio, dashboard)
        for socket in followers:
            await socket.receive_envelope()
        for second in range(2, 7):
            crowd = (
                beacon(event(1000 * second - 900 + 2 * number, 0), session=session_id(), subject=live, viewer=viewer)
                for number, viewer in enumerate(range(300 * second, 300 * second + 300))
            )
            await leave(client, *crowd)
            await step(loop, 1000 * second)
        counts, *sampled = [[await socket.receive_envelope() for _ in range(4)] for socket in followers]
        # Who is told of a subject is looked up in its first second: a page hears of it from the next one on.
        for socket, of in zip((studio, dashboard), sampled, strict=True):
            of.append(await socket.receive_envelope())
        assert all([await socket.receive_nothing() for socket in followers])
    assert {envelope["type"] for envelope in counts} == {"viewer_count.changed"}
    assert [envelope["data"]["viewers"] for envelope in counts] == [600, 900, 1200, 1500]
    for of, kind in zip(sampled, ("stream_metrics.sampled", "audience.sampled"), strict=True):
        assert {envelope["type"] for envelope in of} == {kind}
        seconds_told = [envelope["data"]["at"] for envelope in of]
        assert seconds_told == list(range(seconds_told[0], seconds_told[0] + 5))


async def test_the_list_of_who_is_on_air_hears_of_public_streams(client: redis.asyncio.Redis, stream: Stream) -> None:
    live = f"stream:{stream.pk}"
    loop = await AudienceLoop.begin(client, at=moment(1000))
    async with open_socket("/ws/live/") as listed, open_socket(f"/ws/streams/{stream.pk}/") as followed:
        for socket in (listed, followed):
            await socket.receive_envelope()
        await leave(client, beacon(event(1200, 0), session=session_id(), subject=live))
        for at in (2000, 3000):
            await step(loop, at)
        for socket in (listed, followed):
            assert (await socket.receive_envelope())["data"] == {"subject": live, "viewers": 1}


async def test_who_follows_figures_is_told_how_encoders_do(client: redis.asyncio.Redis, stream: Stream) -> None:
    operator = await database_sync_to_async(make_user)(Role.OPERATOR)
    loop = await AudienceLoop.begin(client, at=moment(1000))
    sockets = (
        open_socket("/ws/dashboard/", user=operator),
        open_socket(f"/ws/streams/{stream.pk}/metrics/", user=operator),
    )
    async with sockets[0] as everything, sockets[1] as followed:
        for socket in (everything, followed):
            await socket.receive_envelope()
        for number in range(1, 7):
            sample = IngestSample(stream=str(stream.pk), at=START + number * 1000, received_bytes=number * 125_000)
            await leave_sample(client, sample)
        for at in (2000, 3000, 4000, 5000):
            await step(loop, at)
        sampled = (await followed.receive_envelope())["data"]
        while not sampled["health"]:
            sampled = (await followed.receive_envelope())["data"]
        assert (sampled["health"]["verdict"], sampled["health"]["findings"][0]["code"]) == ("bad", "encoder-away")
        subjects: list[dict[str, Any]] = []
        while "health" not in (subjects or [{}])[-1]:
            subjects = (await everything.receive_envelope())["data"]["subjects"]
        assert subjects[-1]["health"] == {"verdict": "bad", "findings": ["encoder-away"]}


async def test_to_judge_encoders_nobody_is_asked(
    client: redis.asyncio.Redis, stream: Stream, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sample = IngestSample(stream=str(stream.pk), at=START + 1000, received_bytes=1)
    figures = Figures(subject=f"stream:{stream.pk}", second=START // 1000)
    known = await database_sync_to_async(look_up)([figures.subject])

    def tell() -> None:
        with django_assert_num_queries(0):
            tell_pages({}, [figures], known, {figures.subject: [sample]}, at=moment(1500))

    await database_sync_to_async(tell)()


async def test_seconds_are_sealed_and_rolled_up(client: redis.asyncio.Redis, movie: Movie, stream: Stream) -> None:
    film = f"movie:{movie.pk}"
    await leave(client, *playing(session_id(), film, start=5000, end=25_000))
    for number in range(1, 40):
        sample = IngestSample(stream=str(stream.pk), at=START + number * 1000, received_bytes=number * 125_000)
        await leave_sample(client, sample)
    await run(client, seconds=170)
    told = await seconds(film)
    assert [told[second]["viewers"] for second in range(5, 26)] == [1] * 20 + [0]
    assert told[10]["egress_bps"] == 4_000_000
    assert all(row["is_sealed"] for second, row in told.items() if second < 170 - SEAL_AFTER_S - 2)
    assert (await seconds(f"stream:{stream.pk}"))[20]["ingress_bps"] == 1_000_000

    minutes = await rows_of(MetricMinute.objects.filter(subject__name=film))
    assert sum(row["viewers_sum"] for row in minutes) == 20


async def test_a_session_that_ends_is_in_its_day(client: redis.asyncio.Redis, movie: Movie) -> None:
    film = f"movie:{movie.pk}"
    await leave(client, *playing(session_id(), film, end=30_000), *playing(session_id(), film, viewer=2, end=10_000))
    await run(client, seconds=35)

    (day,) = await rows_of(MetricDay.objects.filter(subject__name=film))
    edges = await rows_of(RetentionEdge.objects.filter(subject__name=film).order_by("bucket"))
    assert (day["views"], day["plays"], day["watch_ms"]) == (2, 2, 40_000)
    assert [(edge["bucket"], edge["views"]) for edge in edges] == [(0, 2), (10, -1), (30, -1)]


async def test_who_takes_over_loses_nothing(client: redis.asyncio.Redis, movie: Movie, stream: Stream) -> None:
    film, live = f"movie:{movie.pk}", f"stream:{stream.pk}"
    told = [
        *playing(session_id(), film, start=3000, end=70_000),
        *playing(session_id(), film, start=20_000, end=48_000, viewer=2, leaves=False),
        *playing(session_id(), live, start=35_500, end=90_000, viewer=2),
        *playing(session_id(), live, start=1500, end=12_000, viewer=3),
    ]
    await leave(client, *told)
    await run(client, seconds=260)
    whole = [await seconds(name) for name in (film, live, PORTAL)], await sessions()
    before_it = await days()
    for model in (MetricSecond, MetricMinute, MetricDay, RetentionEdge, PlaybackSession):
        await database_sync_to_async(model.objects.all().delete)()

    await run(client, seconds=260, restarts=(10, 40, 41, 100, 230))
    again = [await seconds(name) for name in (film, live, PORTAL)], await sessions()
    assert again[1] == whole[1]
    for before, after in zip(whole[0], again[0], strict=True):
        assert _something(after) == _something(before)
    assert await days() == before_it


def _something(rows: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return the sealed rows of those seconds in which anything was."""
    figures = ("sessions", "joins", "leaves", "errors", "egress_bps")
    return {second: row for second, row in rows.items() if row["is_sealed"] and any(row[name] for name in figures)}


async def test_what_its_viewer_had_forgotten_stays_forgotten_while_it_goes_on(
    client: redis.asyncio.Redis, movie: Movie
) -> None:
    film, viewer = f"movie:{movie.pk}", await database_sync_to_async(make_user)(Role.VIEWER)
    told = [msgspec.structs.replace(each, user=viewer.pk) for each in playing(session_id(), film, start=1200)]
    await leave(client, told[0])
    loop = await AudienceLoop.begin(client, at=moment(1000))
    await step(loop, 2000)
    assert [row["user_id"] for row in await sessions()] == [viewer.pk]
    await database_sync_to_async(forget_viewer)(user=viewer, by=None, at=moment(2500))
    (forgotten,) = await sessions()
    await leave(client, *told[1:3])
    await step(loop, 22_000)
    await leave(client, *told[3:])
    loop = await AudienceLoop.begin(client, at=moment(62_000))
    await step(loop, 63_000)
    (row,) = await sessions()
    assert (row["user_id"], row["viewer_key"]) == (None, forgotten["viewer_key"])
    assert (row["viewer_key"].hex, row["end_reason"]) != (told[0].viewer, "")
    assert row["watch_ms"] == 58_800


async def test_seconds_in_which_nobody_counted_are_filled_in(client: redis.asyncio.Redis, movie: Movie) -> None:
    film = f"movie:{movie.pk}"
    await leave(client, *playing(session_id(), film, start=3000, end=90_000))
    await run(client, seconds=10)
    loop = await AudienceLoop.begin(client, at=moment(60_000))
    await step(loop, 60_000)
    told = await seconds(film)
    assert all(told[second]["viewers"] == 1 for second in range(3, 60))
    assert sum(row["joins"] for row in told.values()) == 1


async def test_a_second_that_was_sealed_in_part_is_sealed_and_what_is_sealed_stays(
    client: redis.asyncio.Redis, movie: Movie
) -> None:
    film = f"movie:{movie.pk}"
    await leave(client, *playing(session_id(), film, start=3000, end=110_000))
    await run(client, seconds=100)
    written = await seconds(film)
    last = max(second for second, row in written.items() if row["is_sealed"])
    half_written = MetricSecond.objects.filter(subject__name=film, at__gte=moment((last - 3) * 1000))
    await database_sync_to_async(half_written.update)(is_sealed=False, viewers=9)
    of_portal = MetricSecond.objects.filter(subject__name=PORTAL, at=moment(last * 1000))
    await database_sync_to_async(of_portal.update)(viewers=7)
    loop = await AudienceLoop.begin(client, at=moment(100_000))
    await step(loop, 101_000)
    again = await seconds(film)
    assert [again[second]["viewers"] for second in range(last - 3, last)] == [1] * 3
    assert all(again[second]["is_sealed"] for second in range(3, last + 1))
    assert (await seconds(PORTAL))[last]["viewers"] == 7


async def test_the_viewers_of_a_day_are_those_of_its_sessions(client: redis.asyncio.Redis, movie: Movie) -> None:
    told = [playing(session_id(), f"movie:{movie.pk}", end=10_000, viewer=viewer) for viewer in (1, 1, 2)]
    await leave(client, *(each for one in told for each in one))
    await run(client, seconds=75)
    assert [(day["views"], day["viewers"]) for day in await days()] == [(3, 2), (3, 2)]


async def test_what_cannot_be_read_is_passed_over(client: redis.asyncio.Redis, movie: Movie) -> None:
    await client.xadd(LOG, {RECORD: b"\xff"}, id=f"{START}-1")
    await client.xadd(LOG, {"other": b""}, id=f"{START}-2")
    await leave(client, beacon(event(1200, 0), session=session_id(), subject=f"movie:{movie.pk}"))
    with capture_logs() as lines:
        loop = await AudienceLoop.begin(client, at=moment(1000))
    assert [line["event"] for line in lines] == ["audience.record_unknown"] * 2
    await step(loop, 2000)
    assert (await seconds(f"movie:{movie.pk}"))[1]["viewers"] == 1


async def test_a_session_that_was_forgotten_is_read_back_when_it_goes_on(
    client: redis.asyncio.Redis, movie: Movie
) -> None:
    film, name = f"movie:{movie.pk}", session_id()
    await leave(client, *playing(name, film, end=20_000, leaves=False))
    loop = await run(client, seconds=200)
    assert loop.audience.sessions == {}
    ((row,), first) = (await sessions(), await _watched(film))
    assert (row["end_reason"], first) == ("SILENT", 10_000)
    later = [event(at, 100 + at, pt=at - 290_000, watch=at - 280_000) for at in (300_000, 310_000, 315_000)]
    await leave(client, *(beacon(each, session=name, subject=film) for each in later[:2]))
    await step(loop, 311_000)
    assert (await sessions())[0]["ended_at"] is None
    assert await _watched(film) == 0
    last = msgspec.structs.replace(later[2], sta="q")
    await leave(client, beacon(last, session=name, subject=film))
    await step(loop, 316_000)
    (row,) = await sessions()
    assert (row["sections"], row["end_reason"], row["length_ms"]) == ([0, 25_000], "QUIT", 100_000)
    assert await _watched(film) == 35_000


async def _watched(film: str) -> int:
    (day,) = await rows_of(MetricDay.objects.filter(subject__name=film))
    return int(day["watch_ms"])


@pytest.fixture
def redis_folder() -> Iterator[Path]:
    """A folder with a path that is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="nova-redis-"))
    yield folder
    shutil.rmtree(folder)


@contextmanager
def running_redis(folder: Path) -> Iterator[None]:
    """Run a Redis that keeps nothing."""
    service = embedded_redis.prepare(folder, keep=False)
    process = subprocess.Popen(leashed(*service.argv), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not service.answers():
            assert process.poll() is None
        yield
    finally:
        process.terminate()
        process.wait(10)


async def test_a_redis_that_forgets_everything_costs_no_session(redis_folder: Path, movie: Movie) -> None:
    film = f"movie:{movie.pk}"
    told = playing(session_id(), film, start=1500, end=61_500)
    async with connected(sockets.redis_url(redis_folder)) as client:
        with running_redis(redis_folder):
            await leave(client, *told[:2])
            loop = await AudienceLoop.begin(client, at=moment(1000))
            for second in range(2, 15):
                await step(loop, second * 1000)
            await _counted(client, film, 1)
        with pytest.raises(RedisConnectionError):
            await loop.tick(moment(15_000))
        with running_redis(redis_folder):
            # What the player could not tell meanwhile it tells now.
            await leave(client, _at_once(told[2:4], came=31_800))
            for second in range(16, 130):
                if second == 45:
                    await leave(client, *told[4:])
                await step(loop, second * 1000)
                if second == 40:
                    await _counted(client, film, 1)
    rows = await seconds(film)
    assert [rows[second]["viewers"] for second in range(1, 64)] == [1] * 60 + [0] * 3
    (row,) = await sessions()
    assert (row["watch_ms"], row["sections"], row["end_reason"]) == (60_000, [0, 60_000], "QUIT")


def _at_once(told: list[Beacon], *, came: int) -> Beacon:
    return msgspec.structs.replace(told[0], at=START + came, events=[each for one in told for each in one.events])


async def _counted(client: redis.asyncio.Redis, film: str, viewers: int) -> None:
    count = await cast("Awaitable[bytes]", client.hget(COUNTS, film))
    assert msgspec.json.decode(count)["viewers"] == viewers
