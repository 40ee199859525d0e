"""The origin's application behind the real server, in the loop of a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from portal.http_server import HttpServer, http_config, listen
from portal.telemetry.asgi import Application, with_request_log

PATIENCE_S = 30.0


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[int]:
    config = http_config(with_request_log(application), host="127.0.0.1", port=0, grace_s=1)
    server = HttpServer(config)
    running = asyncio.create_task(server.serve(sockets=[listen(config)]))
    await happens(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def happens(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.02)
