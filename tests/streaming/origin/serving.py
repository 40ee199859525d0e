"""The origin's application behind the real server, in the loop of a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn

from portal.telemetry.asgi import Application, with_request_log
from streaming.origin.run import HttpServer, listen

PATIENCE_S = 30.0


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[int]:
    config = uvicorn.Config(
        with_request_log(application),
        port=0,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
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
