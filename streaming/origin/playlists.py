"""Playlists and manifests in memory: asked for again and again, by everybody, and compressed once."""

import asyncio
import gzip
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import NamedTuple

from streaming.media.media_types import media_type
from streaming.origin.answers import EncodedHeaders, encode_headers
from streaming.origin.conditions import Version, is_unchanged
from streaming.origin.exchange import Exchange
from streaming.origin.files import MediaFiles
from streaming.origin.negotiation import takes_gzip

# While a package grows its playlists are replaced, at most once for each segment of some seconds.
_FRESH_S = 1.0
_LARGEST_CACHED_BYTES = 4 * 1024 * 1024
_MOST_BYTES = 24 * 1024 * 1024
# Where a playlist says of what kind it is; it may have thousands of lines behind that.
_OPENING_BYTES = 1024
# Further levels take twice the time for a hundredth less.
_LEVEL = 6


class Form(NamedTuple):
    """A playlist as those are answered who take that form: the same bytes for all of them."""

    content: bytes
    version: Version
    head: EncodedHeaders
    # Of an answer to those who have it already.
    short_head: EncodedHeaders


@dataclass(frozen=True, slots=True)
class Playlist:
    """A whole file in both its forms, and when that was last found to be so, on the monotonic clock."""

    plain: bytes
    compressed: bytes
    version: Version
    seen_at_s: float
    _forms: dict[tuple[str, bool, str], Form] = field(init=False, repr=False, compare=False, default_factory=dict)

    @property
    def is_growing(self) -> bool:
        """Tell whether segments will follow (RFC 8216, 4.3.3.4); only a playlist of segments has such an end."""
        lists_segments = b"#EXT-X-TARGETDURATION" in self.plain[:_OPENING_BYTES]
        return lists_segments and not self.plain.rstrip().endswith(b"#EXT-X-ENDLIST")

    @property
    def size_bytes(self) -> int:
        return len(self.plain) + len(self.compressed)

    def in_form(self, *, is_compressed: bool) -> tuple[bytes, Version]:
        """Return the content as it is sent, and its version: another form is another content (RFC 9110, 8.8.3.3)."""
        if not is_compressed:
            return self.plain, self.version
        return self.compressed, Version(f'{self.version.etag[:-1]}-gz"', self.version.modified_s)

    def form(self, name: str, *, is_compressed: bool, cache_control: str) -> Form:
        """Return what an answer consists of, made once for all who are answered so."""
        key = (name, is_compressed, cache_control)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = self._make_form(name, is_compressed, cache_control)
        return form

    def _make_form(self, name: str, is_compressed: bool, cache_control: str) -> Form:
        content, version = self.in_form(is_compressed=is_compressed)
        short = {"cache-control": cache_control, "vary": "Accept-Encoding", **version.headers()}
        whole = short | {"content-type": media_type(name), "content-length": str(len(content))}
        if is_compressed:
            whole["content-encoding"] = "gzip"
        return Form(content, version, encode_headers(whole), encode_headers(short))


async def send_playlist(exchange: Exchange, name: str, playlist: Playlist, *, cache_control: str) -> None:
    """Answer with a playlist in the form that the client takes, unless it has that one already."""
    is_compressed = takes_gzip(exchange.headers.get("accept-encoding", ""))
    form = playlist.form(name, is_compressed=is_compressed, cache_control=cache_control)
    if is_unchanged(exchange.headers, form.version):
        await exchange.begin_encoded(HTTPStatus.NOT_MODIFIED, form.short_head)
        await exchange.send_whole(b"")
        return
    await exchange.begin_encoded(HTTPStatus.OK, form.head)
    await exchange.send_whole(b"" if exchange.is_head else form.content)


# Runs a function in a thread and gives its result.
InThread = Callable[[Callable[[], Playlist]], Awaitable[Playlist]]


class Playlists:
    """Those that were asked for last. What was looked at less than a second ago is not looked at again.

    However many ask for a file at once, it is read once.
    """

    def __init__(self, files: MediaFiles, in_thread: InThread) -> None:
        self._files, self._in_thread = files, in_thread
        self._kept: OrderedDict[str, Playlist] = OrderedDict()
        self._kept_bytes = 0
        self._under_way: dict[str, asyncio.Future[Playlist]] = {}

    async def get(self, path: str) -> Playlist:
        """Return a playlist. Raises FileNotFoundError, PackageStorageUnreachable, PackageStorageRefused."""
        kept = self._kept.get(path)
        if kept is not None and time.monotonic() - kept.seen_at_s < _FRESH_S:
            self._kept.move_to_end(path)
            return kept
        reading = self._under_way.get(path)
        if reading is None:
            reading = self._under_way[path] = asyncio.ensure_future(self._read(path, kept))
            reading.add_done_callback(lambda done: self._finish(path, done))
        # Whoever goes away meanwhile takes it from nobody else.
        return await asyncio.shield(reading)

    async def _read(self, path: str, kept: Playlist | None) -> Playlist:
        playlist = await self._in_thread(partial(_load, self._files, path, kept))
        self._keep(path, playlist)
        return playlist

    def _finish(self, path: str, done: "asyncio.Future[Playlist]") -> None:
        del self._under_way[path]
        # Those who waited for it are told; if all of them have gone, nobody need be.
        if not done.cancelled() and done.exception() is not None:
            self._forget(path)

    def _keep(self, path: str, playlist: Playlist) -> None:
        self._forget(path)
        if playlist.size_bytes > _LARGEST_CACHED_BYTES:
            return
        self._kept[path] = playlist
        self._kept_bytes += playlist.size_bytes
        while self._kept_bytes > _MOST_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, path: str) -> None:
        if path in self._kept:
            self._kept_bytes -= self._kept.pop(path).size_bytes


def _load(files: MediaFiles, path: str, kept: Playlist | None) -> Playlist:
    """Read a file, if it is another one than was kept."""
    seen_at_s = time.monotonic()
    file = files.open(path)
    try:
        if kept is not None and kept.version == file.version:
            return Playlist(kept.plain, kept.compressed, kept.version, seen_at_s)
        plain = file.read(0, file.size)
    finally:
        file.close()
    # Without a time in it: each origin makes the same bytes.
    return Playlist(plain, gzip.compress(plain, _LEVEL, mtime=0), file.version, seen_at_s)
