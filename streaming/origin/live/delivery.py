"""Answers requests for live streams from memory. What is older is read from the recording, as films are."""

from functools import lru_cache
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qsl

from streaming.errors import MediaRangeOutside, PlaylistReloadInvalid
from streaming.media.live.contents import LiveFile
from streaming.media.live.reload import Reload, ReloadInvalid, parse_reload
from streaming.media.media_types import is_replaced, media_type
from streaming.origin.conditions import plan_answer
from streaming.origin.exchange import Exchange
from streaming.origin.live.broadcast import Broadcast
from streaming.origin.playlists import send_playlist
from streaming.origin.ranges import ByteSpan, RangeNotSatisfiable

_FOR_EVER = "public, max-age=31536000, immutable"
# What an edge may give to all who ask for the same: a playlist that was waited for is new when it comes, and its
# address is asked for by nobody later on (RFC 8216bis, appendix B.1: up to six target durations).
_AS_WAITED_FOR = "public, max-age=12"
_OF_THIS_MOMENT = "no-cache"
_LONGEST_QUERY = 512
_QUERIES = 256
# What the server takes without waiting: no more of a segment is on its way to one who is slow.
_PIECE_BYTES = 64 * 1024
_MEDIA_PLAYLIST = "/index.m3u8"


class Broadcasts(Protocol):
    """Where live streams are found (`LiveHub`)."""

    def find(self, package: str) -> Broadcast | None:
        """Return the stream of a package, if it is live here."""

    def oldest_of(self, package: str) -> int | None:
        """Return the first segment that who watches a stream may be given; None if it was not live here just now."""


class NothingLive:
    """An origin that has no live streams."""

    def find(self, package: str) -> Broadcast | None:
        return None

    def oldest_of(self, package: str) -> int | None:
        return None


async def answer_live(exchange: Exchange, broadcast: Broadcast, name: str) -> bool:
    """Answer a request for a file of a live stream; False if it is not in memory, and nothing was answered.

    Raises MediaNotFound, PlaylistReloadInvalid, LiveStalled, MediaRangeOutside.
    """
    if is_replaced(name):
        reload = _reload_of(exchange.scope["query_string"]) if name.endswith(_MEDIA_PLAYLIST) else None
        playlist = await broadcast.playlist(name, reload)
        cache_control = _OF_THIS_MOMENT if reload is None or reload.msn is None else _AS_WAITED_FOR
        await send_playlist(exchange, name, playlist, cache_control=cache_control)
        return True
    file = await broadcast.media(name)
    if file is None:
        return False
    await _send_media(exchange, broadcast, name, file)
    return True


def _reload_of(query_string: bytes) -> Reload | None:
    """Return what a request asks to wait for. Raises PlaylistReloadInvalid."""
    try:
        return _parse_query(query_string)
    except ReloadInvalid as error:
        raise PlaylistReloadInvalid(str(error)) from error


# A thousand ask for the same part.
@lru_cache(maxsize=_QUERIES)
def _parse_query(query_string: bytes) -> Reload | None:
    return parse_reload(dict(parse_qsl(query_string[:_LONGEST_QUERY].decode("latin-1"), keep_blank_values=True)))


async def _send_media(exchange: Exchange, broadcast: Broadcast, name: str, file: LiveFile) -> None:
    version = broadcast.version_of(name)
    size = file.size
    try:
        answer = plan_answer(exchange.headers, is_head=exchange.is_head, size=size, version=version)
    except RangeNotSatisfiable as error:
        raise MediaRangeOutside(size_bytes=size) from error
    headers = {"cache-control": _FOR_EVER, "accept-ranges": "bytes", **version.headers()}
    span = answer.span
    if span is None:
        await exchange.begin(answer.status, headers)
        await exchange.send_piece(b"", is_last=True)
        return
    if answer.status is HTTPStatus.PARTIAL_CONTENT:
        headers["content-range"] = span.content_range(size)
    headers |= {"content-type": media_type(name), "content-length": str(span.length)}
    await exchange.begin(answer.status, headers)
    if exchange.is_head:
        await exchange.send_piece(b"", is_last=True)
    else:
        await _send_span(exchange, file, span)


async def _send_span(exchange: Exchange, file: LiveFile, span: ByteSpan) -> None:
    """Send a part of a file as fast as the client takes it; the connection ends if the file is taken away meanwhile."""
    first = file.read(span.start, min(_PIECE_BYTES, span.length))
    if len(first) == span.length:
        await exchange.send_piece(first, is_last=True)
        return
    piece, sent = first, 0
    async with exchange.watched() as departure:
        while piece and not departure.done():
            sent += len(piece)
            await exchange.send_piece(piece, is_last=sent == span.length)
            piece = file.read(span.start + sent, min(_PIECE_BYTES, span.length - sent))
