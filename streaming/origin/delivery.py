"""Gives media out: the gate decides who may have it, threads read it, and it is sent as fast as each client takes it.

Nothing here waits for a disk, a database or a store on the event loop.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple, TypeVar

from portal import clock
from portal.errors import MethodNotAllowed, PortalError, ServiceUnavailable, TooManyRequests
from portal.telemetry.asgi import Receive, Scope, Send
from streaming.errors import MediaNotFound, MediaRangeOutside
from streaming.media.media_types import is_replaced, media_type
from streaming.origin import metrics
from streaming.origin.addresses import MediaAddress, PulledAddress, parse_address, parse_pulled
from streaming.origin.answers import METHODS, send_preflight, send_problem
from streaming.origin.conditions import FileAnswer, plan_answer
from streaming.origin.exchange import Exchange
from streaming.origin.files import MediaFile, MediaFiles
from streaming.origin.gate import Gate
from streaming.origin.live.delivery import Broadcasts, NothingLive, answer_live
from streaming.origin.live.going_back import is_open
from streaming.origin.playlists import Playlists, send_playlist
from streaming.origin.ranges import ByteSpan, RangeNotSatisfiable
from streaming.tokens import PlaybackClaims

_Result = TypeVar("_Result")


class _Keeping(NamedTuple):
    """What `Cache-Control` says of files that never change, of playlists, and of playlists that grow still."""

    lasting: str
    replaced: str
    growing: str


# Less than a segment lasts, and enough for an edge to answer thousands with one request to us.
_SHORTLY = "public, max-age=2"
_BY_PLAYERS = _Keeping("public, max-age=31536000, immutable", _SHORTLY, _SHORTLY)
# Browsers as above. A CDN asks again now and then, so that what was taken away here does not stay there for a year; of
# a playlist that grows, whoever has come to its end waits for the next one.
_BY_A_CDN = _Keeping("public, max-age=31536000, s-maxage=600, immutable", f"{_SHORTLY}, s-maxage=60", _SHORTLY)
# Threads wait for disks, not for processors; no more are of use for a bucket than there are connections to it.
_READERS = 16
# A player asks for a handful at once. An address that was given to many people is of little use to them.
_MOST_OPEN_IN_SESSION = 48
# Files under way for all together: each costs a descriptor and two pieces. A thousand who watch have some tens at a
# time; those who take theirs by drops, to keep others out, find an end to it.
_MOST_OPEN = 4096
# What all answers together may hold of films, two pieces each: a whole segment where few ask at once, which is one
# switch to a thread, and little of it where a thousand do whose lines are slow.
_MOST_HELD_BYTES = 32 * 1024 * 1024
_LARGEST_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file, what its request is answered with, and the first piece of that. `span` is None if no byte is sent."""

    file: MediaFile
    answer: FileAnswer
    span: ByteSpan | None
    piece: bytes = b""


class MediaDelivery:
    """Answers requests below `/m/` and `/packages/`. Close it when none is under way any more."""

    def __init__(self, *, gate: Gate, files: MediaFiles, live: Broadcasts | None = None) -> None:
        self.gate = gate
        self.live = live or NothingLive()
        self._files = files
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="media-reader")
        self._playlists = Playlists(files, self._in_thread)
        self._open_in: Counter[bytes] = Counter()
        self._open = 0

    def close(self) -> None:
        self._readers.shutdown(wait=True, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        address = parse_address(scope["raw_path"]) or parse_pulled(scope["raw_path"])
        exchange = Exchange(scope, receive, send, kind=address.kind if address else "none")
        metrics.OPEN_ANSWERS.inc()
        try:
            await self._answer(exchange, address)
        except PortalError as error:
            if exchange.has_begun:
                # The connection ends: a problem document would be taken for a part of the film.
                raise
            await send_problem(scope, exchange.send_message, error)
        finally:
            metrics.OPEN_ANSWERS.dec()
            exchange.count()

    async def _answer(self, exchange: Exchange, address: MediaAddress | PulledAddress | None) -> None:
        method = exchange.scope["method"]
        if method not in METHODS:
            raise MethodNotAllowed
        if method == "OPTIONS":
            await send_preflight(exchange.send_message)
            return
        if address is None:
            raise MediaNotFound
        if isinstance(address, PulledAddress):
            self.gate.admit_pull(exchange.headers.get("x-nova-pull", ""))
            await self._send(exchange, address.package, address.name, _BY_A_CDN)
            return
        claims = self.gate.admit(address, at=clock.now())
        with self._place_in_session(claims):
            await self._send(exchange, claims.package, address.name, _BY_PLAYERS, claims)

    async def _send(
        self, exchange: Exchange, package: str, name: str, keeping: _Keeping, claims: PlaybackClaims | None = None
    ) -> None:
        broadcast = self.live.find(package)
        if broadcast is None:
            await self._send_stored(exchange, package, name, keeping, claims)
            return
        if claims is not None:
            broadcast.onlookers.note(claims.session_id.int, at_s=monotonic())
        try:
            if not await answer_live(exchange, broadcast, name):
                await self._send_stored(exchange, package, name, keeping, claims)
        finally:
            broadcast.sent_bytes += exchange.sent_bytes

    async def _send_stored(
        self, exchange: Exchange, package: str, name: str, keeping: _Keeping, claims: PlaybackClaims | None
    ) -> None:
        if claims is not None and claims.is_for_channel and not is_open(name, self.live.oldest_of(package)):
            raise MediaNotFound
        path = f"packages/{package}/{name}"
        with _missing_named():
            if is_replaced(path):
                playlist = await self._playlists.get(path)
                cache_control = keeping.growing if playlist.is_growing else keeping.replaced
                await send_playlist(exchange, path, playlist, cache_control=cache_control)
            else:
                await self._send_file(exchange, path, keeping)

    @contextmanager
    def _place_in_session(self, claims: PlaybackClaims) -> Iterator[None]:
        session = claims.session_id.bytes
        if self._open_in[session] >= _MOST_OPEN_IN_SESSION:
            raise TooManyRequests(scope="media", retry_after_s=1)
        self._open_in[session] += 1
        try:
            yield
        finally:
            self._open_in[session] -= 1
            if not self._open_in[session]:
                del self._open_in[session]

    async def _send_file(self, exchange: Exchange, path: str, keeping: _Keeping) -> None:
        """Send a file that never changes, or a part of it. A small one costs one switch to a thread."""
        if self._open >= _MOST_OPEN:
            raise ServiceUnavailable(part="origin")
        self._open += 1
        try:
            opened = await self._in_thread(partial(self._open_file, exchange, path))
            try:
                headers = {"cache-control": keeping.lasting, **_file_headers(path, opened)}
                await exchange.begin(opened.answer.status, headers)
                await self._send_span(exchange, opened)
            except BaseException:
                self._close_later(opened.file)
                raise
        finally:
            self._open -= 1

    def _open_file(self, exchange: Exchange, path: str) -> _Opened:
        file = self._files.open(path)
        try:
            answer = plan_answer(exchange.headers, is_head=exchange.is_head, size=file.size, version=file.version)
            span = None if exchange.is_head else answer.span
            if span is None:
                file.close()
                return _Opened(file, answer, None)
            return _Opened(file, answer, span, self._read_piece(file, span, 0))
        except RangeNotSatisfiable as error:
            file.close()
            raise MediaRangeOutside(size_bytes=file.size) from error
        except BaseException:
            file.close()
            raise

    def _read_piece(self, file: MediaFile, span: ByteSpan, offset: int) -> bytes:
        """Read what follows; with the last piece the file is closed, which is one switch to a thread less."""
        length = min(span.length - offset, self._piece_bytes())
        piece = file.read(span.start + offset, length)
        if offset + length == span.length:
            file.close()
        return piece

    def _piece_bytes(self) -> int:
        share = _MOST_HELD_BYTES // (2 * max(1, self._open))
        return max(self._files.least_piece_bytes, min(share, _LARGEST_PIECE_BYTES))

    async def _send_span(self, exchange: Exchange, opened: _Opened) -> None:
        span = opened.span
        if span is None or len(opened.piece) == span.length:
            await exchange.send_piece(opened.piece, is_last=True)
            return
        piece, offset = opened.piece, 0
        async with exchange.watched() as departure:
            while not departure.done():
                # The next piece is read while the network takes this one.
                offset += len(piece)
                is_last = offset == span.length
                await exchange.send_piece(piece, is_last=is_last)
                if is_last:
                    return
                piece = await self._in_thread(partial(self._read_piece, opened.file, span, offset))
        self._close_later(opened.file)

    def _close_later(self, file: MediaFile) -> None:
        # Where the readers have ended, so does the process, and with it all that is open.
        with suppress(RuntimeError):
            self._readers.submit(file.close)

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)


@contextmanager
def _missing_named() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise MediaNotFound from error


def _file_headers(path: str, opened: _Opened) -> dict[str, str]:
    answer, file = opened.answer, opened.file
    headers = {"accept-ranges": "bytes", **file.version.headers()}
    if answer.span is None:
        return headers
    if answer.status is HTTPStatus.PARTIAL_CONTENT:
        headers["content-range"] = answer.span.content_range(file.size)
    return headers | {"content-type": media_type(path), "content-length": str(answer.span.length)}
