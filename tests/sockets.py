"""A browser's end of a socket: the whole ASGI application, with the real Redis between web processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from portal.models import User

ORIGIN = "http://localhost"
# Long enough for a busy machine; a test that is right never waits for it.
_PATIENCE_S = 10


class Socket(WebsocketCommunicator):  # type: ignore[misc]  # channels ships no types
    """An open socket; `receive_envelope` returns what the page's script would see."""

    async def receive_envelope(self) -> dict[str, Any]:
        envelope: dict[str, Any] = await self.receive_json_from(timeout=_PATIENCE_S)
        return envelope

    async def receive_close_code(self) -> int:
        message = await self.receive_output(timeout=_PATIENCE_S)
        assert message["type"] == "websocket.close", message
        # A member of an enumeration is none to the web server, which then ends the socket with a code of its own.
        assert type(message["code"]) is int
        return int(message["code"])


@asynccontextmanager
async def open_socket(path: str, *, user: User | None = None, origin: str = ORIGIN) -> AsyncIterator[Socket]:
    """Connect as a browser on `origin` would, with the session of `user`."""
    from portal.asgi import application

    headers = [(b"host", b"localhost"), (b"origin", origin.encode())]
    if user is not None:
        headers.append((b"cookie", (await database_sync_to_async(_session_cookie)(user)).encode()))
    socket = Socket(application, path, headers=headers)
    is_open, _ = await socket.connect(timeout=_PATIENCE_S)
    assert is_open
    try:
        yield socket
    finally:
        await socket.disconnect(timeout=_PATIENCE_S)


def _session_cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
