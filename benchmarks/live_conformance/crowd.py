"""Many viewers who wait for the same thing: sockets without a client, whose own work would be what is measured."""

import asyncio
import ssl
import time
from urllib.parse import urlsplit

_PATIENCE_S = 30.0


async def wait_together(url: str, *, viewers: int) -> list[tuple[int, float]]:
    """Have so many ask for an address at once; return status and moment of each answer, on the monotonic clock."""
    parts = urlsplit(url)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    # Connections first: what is measured is the release, not how they are made.
    lines = [await asyncio.open_connection(parts.hostname, port, ssl=context) for _ in range(viewers)]
    request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
    try:
        for _, writer in lines:
            writer.write(request)
        async with asyncio.timeout(_PATIENCE_S):
            return await asyncio.gather(*(_answer(reader) for reader, _ in lines))
    finally:
        for _, writer in lines:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, float]:
    line = await reader.readline()
    return int(line.split()[1]), time.monotonic()
