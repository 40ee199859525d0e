"""How the portal speaks to its database over a network."""

import os
import socket

import psycopg
import pytest
from django.conf import settings

from tests.streaming.database import Road, database_name

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db, pytest.mark.enable_socket]


async def test_a_database_that_is_gone_without_a_word_is_noticed_in_seconds() -> None:
    """Of the kernel's own clock only the settings can be seen: nobody here can pull a cable."""
    # All but the pool, and the Unix socket by which the tests reach theirs.
    left_out = {"pool", "host"}
    stored = settings.DATABASES["default"]["OPTIONS"]
    options = {name: value for name, value in stored.items() if name not in left_out}
    async with Road() as road:
        url = f"postgresql://nova@127.0.0.1:{road.port}/{database_name()}"
        async with await psycopg.AsyncConnection.connect(url, **options) as connection:
            with socket.socket(fileno=os.dup(connection.fileno())) as wire:
                unanswered_ms = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
                kept_alive = wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                idle_s, interval_s, count = (
                    wire.getsockopt(socket.IPPROTO_TCP, option)
                    for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
                )
    assert 0 < unanswered_ms <= 10_000
    assert kept_alive
    assert idle_s + interval_s * count <= 30
