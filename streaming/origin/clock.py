"""The time of the origin, for players that tell how late they are (DASH: `urn:mpeg:dash:utc:http-iso:2014`)."""

from http import HTTPStatus

from portal import clock
from portal.telemetry.asgi import Scope, Send
from streaming.origin.answers import finish, start

PATH = "/clock"


async def send_time(scope: Scope, send: Send) -> None:
    """Answer with this moment, in ISO 8601 with milliseconds."""
    body = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "cache-control": "no-store",
    }
    await start(send, HTTPStatus.OK, headers)
    await finish(send, b"" if scope["method"] == "HEAD" else body)
