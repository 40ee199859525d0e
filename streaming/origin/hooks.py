"""Answers the hooks of ingest servers: who may publish there is decided as with our own RTMP port."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog

from portal.telemetry.asgi import Receive, Scope, Send
from streaming.hooks.notices import Hook, HookUnreadable, Playing, Publishing, Pulling, Reply, Unpublished
from streaming.hooks.servers import IngestServer
from streaming.origin.live.pulls import Pulls
from streaming.rtmp.publishing import PublishRefused
from streaming.rtmp.redaction import Secret

log = structlog.get_logger("nova.live")

PREFIX = "/ingest/"
# A hook is an address and some words; none has more than two kilobytes.
_MOST_BYTES = 16 * 1024
_MOST_FIELDS = 16
# They come through networks of our own.
_READ_WITHIN_S = 5.0
_FAILED = "The server could not check the stream key; try again."


class HookEndpoint:
    """The ASGI application below `/ingest/`: each server has an address of its own there, by its name."""

    def __init__(self, servers: Mapping[str, IngestServer], pulls: Pulls) -> None:
        self._servers, self._pulls = servers, pulls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _send(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        server = self._servers.get(str(scope["path"]).removeprefix(PREFIX))
        if server is None:
            return Reply(status=HTTPStatus.NOT_FOUND)
        if scope["method"] != "POST":
            return Reply(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"allow": "POST"})
        try:
            async with asyncio.timeout(_READ_WITHIN_S):
                hook = await _read_hook(scope, receive)
        except TimeoutError:
            return Reply(status=HTTPStatus.REQUEST_TIMEOUT)
        if hook is None:
            return Reply(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not server.dialect.is_from(hook, server.secret):
            log.warning("live.hook_of_a_stranger", server=server.name)
            return Reply(status=HTTPStatus.FORBIDDEN)
        try:
            return await self._decide(server, hook)
        except HookUnreadable as error:
            log.warning("live.hook_unreadable", server=server.name, error=str(error))
            return Reply(status=HTTPStatus.BAD_REQUEST)

    async def _decide(self, server: IngestServer, hook: Hook) -> Reply:
        match server.dialect.read(hook):
            case Publishing() as publishing:
                return await self._let_in(server, hook, publishing)
            case Unpublished(publisher=publisher):
                self._pulls.unpublished(server, publisher)
                return server.dialect.allow(hook)
            case Playing():
                return server.dialect.allow(hook)
            case Pulling(secret=secret):
                is_ours = secret == Secret(server.secret)
                return server.dialect.allow(hook) if is_ours else server.dialect.refuse("Nobody may watch here.")

    async def _let_in(self, server: IngestServer, hook: Hook, publishing: Publishing) -> Reply:
        try:
            path = await self._pulls.let_in(server, publishing)
        except PublishRefused as refusal:
            return server.dialect.refuse(refusal.description)
        except Exception:
            # No database to ask, or one that does not answer in time: nobody is let in unasked.
            log.exception("live.admission_failed", server=server.name)
            return server.dialect.refuse(_FAILED)
        is_renamed = server.dialect.renames and not publishing.has_begun
        return server.dialect.allow(hook, path if is_renamed else "")


async def _read_hook(scope: Scope, receive: Receive) -> Hook | None:
    """Return the request; None if it is larger than any hook, or breaks off."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _MOST_BYTES or message["type"] != "http.request":
            return None
        if not message.get("more_body"):
            break
    try:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        query = {}
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Hook(query=query, headers=headers, body=bytes(body))


async def _send(send: Send, reply: Reply) -> None:
    headers = {**reply.headers, "cache-control": "no-store"}
    if reply.status != HTTPStatus.NO_CONTENT:
        headers["content-length"] = str(len(reply.body))
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(reply.status), "headers": encoded})
    await send({"type": "http.response.body", "body": reply.body})
