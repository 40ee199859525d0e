"""Asks a server, and notes when its answer came."""

import time
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came, and when: in seconds from the request to the first byte of the body and to the last.

    `came_s` is when that was, on the monotonic clock. `body` is decompressed; `size_bytes` is what went over the wire.
    """

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    size_bytes: int
    first_byte_s: float
    whole_s: float
    came_s: float = field(default_factory=time.monotonic)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


class Fetcher:
    """One client: its connections are kept, as those of a player are."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=400, max_keepalive_connections=400)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(PATIENCE_S), limits=limits, headers={"accept-encoding": "gzip"}, trust_env=False
        )

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, url: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
        """Fetch. Raises httpx.HTTPError."""
        started_s = time.monotonic()
        async with self._client.stream(method, url, headers=headers) as response:
            body, first_byte_s = bytearray(), 0.0
            async for piece in response.aiter_bytes():
                first_byte_s = first_byte_s or time.monotonic() - started_s
                body += piece
            whole_s = time.monotonic() - started_s
            return Answer(
                url=url,
                status=response.status_code,
                headers=response.headers,
                body=bytes(body),
                size_bytes=response.num_bytes_downloaded,
                first_byte_s=first_byte_s or whole_s,
                whole_s=whole_s,
            )


def resolve(base: str, uri: str) -> str:
    """Return the address of what a playlist names; it does not inherit the query."""
    return urljoin(base, uri)
