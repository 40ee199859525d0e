"""Brings a movie's captions into its package when they change after it was made.

Files of packages never change, and caches keep them for a year. So another text is another file, in a folder that is
named by its content; what names it (playlists, manifest and index) is written anew. Who watches goes on with what they
have, and the next session has the new captions.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import structlog
from django_redis import get_redis_connection
from redis.exceptions import LockError

from catalog.models import Caption
from portal.errors import Transient
from streaming.media.dash import format_manifest
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import format_index, index_from_json, index_to_json
from streaming.media.package_index import PackageIndex, TextTrack
from streaming.media.package_parts import size_of
from streaming.models import Package
from streaming.runtime.segment_store import SegmentStore
from streaming.services.caption_texts import caption_text

log = structlog.get_logger("nova.packaging")
# One at a time for each movie: the later one sees what the earlier one did, and the captions of now.
_LOCKED_S, _PATIENCE_S = 300, 20


class CaptionsAreOnTheirWay(Transient):
    """Another worker brings captions into this package at the moment, and takes its time."""


def follow_captions(*, movie_id: int, store: SegmentStore) -> bool:
    """Let a movie's package have the movie's captions; return whether anything was to be done.

    A package that is still being made is left to its job, at whose end this is asked for again.

    Raises CaptionsAreOnTheirWay, and what the store raises.
    """
    with _alone_with(movie_id):
        package = Package.objects.filter(movie=movie_id, state=Package.State.READY).first()
        return package is not None and _bring_in(package, store)


@contextmanager
def _alone_with(movie_id: int) -> Iterator[None]:
    key = f"nova:package-captions:{movie_id}"
    lock = get_redis_connection("default").lock(key, timeout=_LOCKED_S, blocking_timeout=_PATIENCE_S)
    if not lock.acquire():
        raise CaptionsAreOnTheirWay
    try:
        yield
    finally:
        # It may have run out meanwhile; what was written is whole all the same.
        with suppress(LockError):
            lock.release()


def _bring_in(package: Package, store: SegmentStore) -> bool:
    index = index_from_json(package.index)
    files = _wanted(package, index, store)
    texts = tuple(track for track, _ in files)
    if texts == index.texts:
        return False
    known = {track.name for track in index.texts}
    index = replace(index, texts=texts)
    added = {track.name: content for track, content in files if track.name not in known}
    for name, content in added.items():
        store.write(f"{package.path}/{name}/1.vtt", content)
    _write_index(package.path, index, added, store)
    kept = Package.objects.filter(pk=package.pk, state=Package.State.READY)
    kept.update(index=index_to_json(index), size_bytes=size_of(index))
    log.info("packaging.captions_followed", package_id=str(package.pk), texts=len(texts))
    return True


def _write_index(path: str, index: PackageIndex, added: dict[str, bytes], store: SegmentStore) -> None:
    """Write what names the texts; the file that players begin with is last."""
    playlists = build_playlists(index)
    for name in added:
        store.write(f"{path}/{name}/index.m3u8", playlists[f"{name}/index.m3u8"].encode())
    store.write(f"{path}/index.json", format_index(index).encode())
    store.write(f"{path}/manifest.mpd", format_manifest(index).encode())
    store.write(f"{path}/master.m3u8", playlists["master.m3u8"].encode())


def _wanted(package: Package, index: PackageIndex, store: SegmentStore) -> list[tuple[TextTrack, bytes]]:
    """Return the texts that the package should have: the movie's captions, then what was in the film itself."""
    captions = Caption.objects.filter(movie=package.movie).order_by("-is_default", "language", "kind", "pk")
    before = {
        (track.language, track.kind, track.is_forced): track for track in index.texts if _is_of_the_catalogue(track)
    }
    wanted = []
    for caption in captions:
        track, content = caption_text(caption, name=_name_of(caption), duration_s=index.duration_s)
        known = before.get((track.language, track.kind, track.is_forced))
        if known and _has(package, known, content, store):
            # Where the job put it; its length is that of the source.
            track = replace(track, name=known.name, files=known.files)
        wanted.append((track, content))
    return [*wanted, *((track, b"") for track in index.texts if not _is_of_the_catalogue(track))]


def _is_of_the_catalogue(track: TextTrack) -> bool:
    return track.name.startswith("c")


def _has(package: Package, track: TextTrack, content: bytes, store: SegmentStore) -> bool:
    """Tell whether a text is stored as it should be."""
    return track.files[0].size == len(content) and store.read(f"{package.path}/{track.name}/1.vtt") == content


def _name_of(caption: Caption) -> str:
    """Return a name that no other text has: neither of another content, nor of this one with another purpose."""
    named = f"{caption.language}\0{caption.kind}\0{caption.webvtt}"
    return f"c-{hashlib.sha256(named.encode()).hexdigest()[:16]}"
