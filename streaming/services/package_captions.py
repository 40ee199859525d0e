"""Brings a movie's captions into its package when they change after it was made.

Files of packages never change, and caches keep them for a year. So another text is another file, in a folder that is
named by its content; what names it (playlists, manifest and index) is written anew. Who watches goes on with what they
have, and the next session has the new captions.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db.models import F, Q
from django_redis import get_redis_connection
from redis.exceptions import LockError

from catalog.models import Caption
from portal.errors import Transient
from streaming.media.codable import decode
from streaming.media.dash import format_manifest
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import format_index, index_from_json, index_to_json
from streaming.media.package_index import PackageIndex, TextTrack
from streaming.media.package_parts import size_of
from streaming.models import Package
from streaming.runtime.segment_store import SegmentStore
from streaming.services.caption_texts import caption_text, caption_track

log = structlog.get_logger("nova.packaging")
# One at a time for each movie: the later one sees what the earlier one did, and the captions of now.
_LOCKED_S, _PATIENCE_S = 300, 20
# First the default one, as players list them.
_ORDER = ("-is_default", "language", "kind", "pk")
_NAMED_BY_CONTENT = "c-"
# Longer than any broker is away.
_LOOKED_BACK = timedelta(days=7)
# A change has the time at which it was asked for, and is seen by others when it is committed.
_UNSEEN_AFTER = timedelta(minutes=1)


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


def list_behind(*, at: datetime) -> Sequence[int]:
    """Return movies whose packages seem not to have the captions of now, since nobody was told of a change.

    Of what was touched in the last days, which every change of captions does. Asks for no file: where only those could
    tell, the movie is among them, and to follow captions that are as they should be changes nothing.
    """
    since = at - _LOOKED_BACK
    touched = Package.objects.filter(Q(ready_at__gte=since) | Q(movie__updated_at__gte=since), movie__isnull=False)
    # Of the index only what is looked at: its segments are megabytes.
    rows = touched.filter(state=Package.State.READY).values_list("movie", "created_at", F("index__texts"))
    found = {movie_id: (made_at, _tracks_of_the_catalogue(texts)) for movie_id, made_at, texts in rows}
    captions = defaultdict(list)
    for caption in Caption.objects.without_text().filter(movie__in=found).order_by(*_ORDER):
        captions[caption.movie_id].append(caption)
    changed = Caption.objects.filter(movie__in=found, updated_at__gte=since)
    names = {caption.pk: _name_of(caption) for caption in changed.iterator(chunk_size=20)}
    return [
        movie_id
        for movie_id, (made_at, tracks) in found.items()
        if len(tracks) != len(captions[movie_id])
        or any(
            _may_differ(track, caption, names=names, made_at=made_at)
            for track, caption in zip(tracks, captions[movie_id], strict=True)
        )
    ]


def _tracks_of_the_catalogue(texts: Sequence[Mapping[str, object]] | None) -> list[TextTrack]:
    tracks = (decode(TextTrack, stored, where="index/texts") for stored in texts or ())
    return [track for track in tracks if _is_of_the_catalogue(track)]


def _may_differ(track: TextTrack, caption: Caption, *, names: Mapping[int, str], made_at: datetime) -> bool:
    """Tell whether a text may be another one than a caption. `names` are those of captions that changed lately."""
    if track != caption_track(caption, name=track.name, files=track.files):
        return True
    if names.get(caption.pk, track.name) == track.name:
        return False
    is_from_its_job = not track.name.startswith(_NAMED_BY_CONTENT)
    return not is_from_its_job or caption.updated_at >= made_at - _UNSEEN_AFTER


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
    captions = Caption.objects.filter(movie=package.movie).order_by(*_ORDER)
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
    return f"{_NAMED_BY_CONTENT}{hashlib.sha256(named.encode()).hexdigest()[:16]}"
