"""How answers are handed to the network."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from portal.http_server import GatheringTransport

pytestmark = pytest.mark.asyncio

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


class Line(asyncio.Transport):
    """Remembers what each call brought."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.calls.append(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.calls.append(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = True


def make_transport() -> tuple[GatheringTransport, Line]:
    line = Line()
    return GatheringTransport(line, asyncio.get_running_loop()), line


async def test_the_head_goes_with_what_follows_it() -> None:
    transport, line = make_transport()
    transport.write(HEAD)
    transport.write(memoryview(b"body"))
    await asyncio.sleep(0)
    assert line.calls == [HEAD + b"body"]


async def test_a_head_that_nothing_follows_goes_by_itself() -> None:
    transport, line = make_transport()
    transport.write(HEAD)
    await asyncio.sleep(0)
    assert line.calls == [HEAD]


async def test_what_is_large_waits_for_nothing() -> None:
    transport, line = make_transport()
    transport.write(bytes(100_000))
    transport.write(HEAD)
    transport.writelines((b"more", b"of it"))
    assert line.calls == [bytes(100_000), HEAD, b"moreof it"]


async def test_what_was_written_goes_before_the_end() -> None:
    transport, line = make_transport()
    transport.write(HEAD)
    transport.close()
    await asyncio.sleep(0)
    assert (line.calls, transport.is_closing()) == ([HEAD], True)


async def test_a_connection_that_has_ended_is_sent_nothing() -> None:
    transport, line = make_transport()
    transport.write(HEAD)
    transport.abort()
    await asyncio.sleep(0)
    assert (line.calls, transport.is_closing()) == ([], True)


async def test_a_connection_that_ends_meanwhile_is_sent_nothing() -> None:
    transport, line = make_transport()
    transport.write(HEAD)
    line.is_closed = True
    await asyncio.sleep(0)
    assert line.calls == []
