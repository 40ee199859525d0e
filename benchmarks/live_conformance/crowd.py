"""Many viewers who wait for the same thing: sockets without a client, whose own work would be what is measured."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

_PATIENCE_S = 30.0


async def wait_together(urls: Sequence[str]) -> list[tuple[int, float]]:
    """Have a viewer ask for each address; return status and moment of each answer, on the monotonic clock."""
    # Connections first: what is measured is the release, not how they are made.
    lines = [await _connect(url) for url in urls]
    try:
        for url, (_, writer) in zip(urls, lines, strict=True):
            parts = urlsplit(url)
            head = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode())
        async with asyncio.timeout(_PATIENCE_S):
            return await asyncio.gather(*(_answer(reader) for reader, _ in lines))
    finally:
        for _, writer in lines:
            writer.close()


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    return await asyncio.open_connection(parts.hostname, parts.port or (443 if context else 80), ssl=context)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, float]:
    line = await reader.readline()
    return int(line.split()[1]), time.monotonic()
