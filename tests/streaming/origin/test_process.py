"""The origin as a process: what is revoked, what goes on during an outage, and how it ends."""

import asyncio
import http.client
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from portal import clock
from streaming.keys import playback_keyring
from streaming.services.revocations import revoke_movie
from tests.portal.processes import Process, free_port, get
from tests.streaming.database import Road, database_name
from tests.streaming.origin.media import PLAYLIST, make_token, write_package

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]

PATIENCE_S = 45.0
# Larger than what the network itself takes in while nobody reads.
LARGE = 24 * 1024 * 1024


class Origin(Process):
    """`manage.py run_origin` with files of its own, on a road to the tests' database.

    One that is started in the place of another has the RTMP port of that one.
    """

    def __init__(
        self, road: Road, data_dir: Path, *, rtmp_port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.port = int((settings or {}).get("NOVA_ORIGIN_PORT", free_port()))
        self.rtmp_port = rtmp_port or free_port()
        super().__init__(
            (sys.executable, "manage.py", "run_origin"),
            {
                "DATABASE_URL": f"postgresql://nova@127.0.0.1:{road.port}/{database_name()}",
                "NOVA_DATA_DIR": str(data_dir),
                "NOVA_RTMP_PORT": str(self.rtmp_port),
                "NOVA_ORIGIN_PORT": str(self.port),
                "NOVA_LOG_FORMAT": "json",
                "NOVA_LOG_LEVEL": "INFO",
                **(settings or {}),
            },
        )

    def status_of(self, address: str) -> int:
        try:
            return get(f"http://127.0.0.1:{self.port}{address}").status
        except OSError:
            return 0

    async def happens(self, condition: Callable[[], object]) -> None:
        await asyncio.to_thread(self.wait_for, condition, timeout_s=PATIENCE_S)

    async def answers(self, address: str, status: int) -> None:
        await self.happens(lambda: self.status_of(address) == status)


@asynccontextmanager
async def running_origin(data_dir: Path) -> AsyncIterator[tuple[Origin, Road]]:
    write_package(data_dir / "media", contents={"master.m3u8": PLAYLIST, "v/1.m4s": os.urandom(LARGE)})
    async with Road() as road:
        origin = Origin(road, data_dir)
        try:
            await origin.answers("/livez", 200)
            yield origin, road
        finally:
            await asyncio.to_thread(origin.stop)


def address(movie_id: int, name: str = "master.m3u8") -> str:
    return f"/m/{make_token(playback_keyring(), movie_id=movie_id)}/{name}"


async def test_what_is_revoked_is_refused_through_outages_of_the_database(tmp_path: Path) -> None:
    first, second = address(1), address(2)
    async with running_origin(tmp_path) as (origin, road):
        await origin.answers(first, 200)
        await database_sync_to_async(revoke_movie)(1, at=clock.now())
        await origin.answers(first, 403)
        road.close()
        assert await asyncio.to_thread(origin.status_of, second) == 200
        await database_sync_to_async(revoke_movie)(2, at=clock.now())
        await origin.happens(lambda: origin.find(event="revocations.database_away"))
        # What was known stays known.
        assert await asyncio.to_thread(origin.status_of, first) == 403
        road.open()
        await database_sync_to_async(revoke_movie)(3, at=clock.now())
        await origin.answers(second, 403)
        shown = "\n".join(origin.output)
        assert "/m/[redacted]/master.m3u8" in shown
        assert first.split("/")[2] not in shown


async def test_an_answer_under_way_is_finished_before_it_ends(tmp_path: Path) -> None:
    async with running_origin(tmp_path) as (origin, _):
        with closing(http.client.HTTPConnection("127.0.0.1", origin.port, timeout=PATIENCE_S)) as connection:
            await asyncio.to_thread(connection.request, "GET", address(1, "v/1.m4s"))
            answer = await asyncio.to_thread(connection.getresponse)
            stopping = asyncio.create_task(asyncio.to_thread(origin.stop))
            body = await asyncio.to_thread(answer.read)
            assert len(body) == LARGE
            await stopping
    assert origin.status == 0
    assert [line for line in origin.events() if line["level"] == "error"] == []
