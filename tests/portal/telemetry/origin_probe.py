"""A raw ASGI application in our telemetry, served as origin serves its own."""

import os
import sys

import django
import structlog
import uvicorn

from portal.telemetry.asgi import Message, Receive, Scope, Send, with_request_log


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    structlog.get_logger("probe").info("probe.answering")
    if scope["path"] == "/crash":
        raise ValueError("a probe that fails")
    start: Message = {"type": "http.response.start", "status": 204, "headers": [(b"x-own", b"1")]}
    await send(start)
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    config = uvicorn.Config(
        with_request_log(application), port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off"
    )
    uvicorn.Server(config).run()
