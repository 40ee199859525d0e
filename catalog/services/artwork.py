"""Writes about the pictures of a movie.

Making files takes about a second, so it is done before the movie is locked, and what another editor did meanwhile is
looked at again under the lock. A worker adds the formats that take longer: see `catalog/tasks.py`.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction

from catalog import tasks  # which imports this module: neither uses the other before both are there
from catalog.artwork.frames import FIRST_FORMATS, LATER_FORMATS, FocalPoint
from catalog.artwork.renditions import Renditions, make_renditions
from catalog.errors import MovieChangedMeanwhile
from catalog.models import Movie
from catalog.models.artwork import ORIGINAL_FOLDER, Artwork, UnclaimedFile, rendition_key
from catalog.services.picture_files import claim, disown, write_unclaimed
from catalog.services.revisions import lock_movie, record_revision
from portal.errors import NotFound
from portal.models import User

# A page that is open, a link preview, a reader of the feed: all may still name what was replaced.
KEPT_AFTER_REPLACEMENT = timedelta(days=1)
_TENDED_AT_ONCE = 500
# By then the worker that was told of a picture has it behind it.
_PATIENCE = timedelta(minutes=10)
# The files that were written for each movie inside `removing_on_failure`; None outside of it.
_written: ContextVar[list[tuple[int, frozenset[str]]] | None] = ContextVar("written", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtworkPlan:
    """A picture as somebody wants it: the bytes of its file, and what of it must stay in view."""

    kind: Artwork.Kind
    content: bytes
    focal: FocalPoint = field(default_factory=FocalPoint)


def set_artwork(
    *, movie_id: int, plan: ArtworkPlan, by: User | None, at: datetime, expected_version: int | None = None
) -> Artwork:
    """Give a movie a picture, in place of the one that it has of that kind. The same again changes nothing.

    Raises PictureRefused, MovieChangedMeanwhile, NotFound.
    """
    digest = hashlib.sha256(plan.content).hexdigest()
    present = _present(movie_id, plan.kind)
    if present and (present.content_hash, present.focal) == (digest, plan.focal):
        return present
    made = make_renditions(plan.content, plan.kind, plan.focal, FIRST_FORMATS)
    edition = secrets.token_hex(8)
    original_key = f"{ORIGINAL_FOLDER}/{movie_id}/{edition}.{made.extension}"
    _store(movie_id, {original_key: plan.content, **_keyed(movie_id, edition, made.files)}, at=at)
    artwork = Artwork(
        movie_id=movie_id, kind=plan.kind, original_key=original_key, content_hash=digest, edition=edition,
        width_px=made.width, height_px=made.height, created_at=at,
    )  # fmt: skip
    _describe(artwork, made, plan.focal)
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        replaced = _present(movie_id, plan.kind)
        if replaced:
            replaced.delete()
            disown((replaced.original_key, *replaced.file_keys()), at=at)
        artwork.movie = movie
        artwork.save()
        claim((original_key, *artwork.file_keys()))
        _record(movie, plan.kind, (replaced, artwork), by=by, at=at)
    return artwork


def set_focal_point(
    *,
    movie_id: int,
    kind: Artwork.Kind,
    focal: FocalPoint,
    by: User | None,
    at: datetime,
    expected_version: int | None = None,
) -> Artwork:
    """Cut a picture anew around another point. The same again changes nothing.

    Raises MovieChangedMeanwhile, also if the picture was replaced meanwhile, and NotFound if there is none.
    """
    before = _present(movie_id, kind)
    if before is None:
        raise NotFound()
    if before.focal == focal:
        return before
    with default_storage.open(before.original_key) as stored:
        made = make_renditions(stored.read(), kind, focal, FIRST_FORMATS)
    edition = secrets.token_hex(8)
    _store(movie_id, _keyed(movie_id, edition, made.files), at=at)
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        artwork = _present(movie_id, kind)
        if artwork is None or artwork.edition != before.edition:
            raise MovieChangedMeanwhile(version=movie.version)
        disown(artwork.file_keys(), at=at)
        artwork.movie, artwork.edition = movie, edition
        _describe(artwork, made, focal)
        artwork.save()
        claim(artwork.file_keys())
        _record(movie, kind, (before, artwork), by=by, at=at)
    return artwork


def remove_artwork(
    *, movie_id: int, kind: Artwork.Kind, by: User | None, at: datetime, expected_version: int | None = None
) -> None:
    """Take a picture away; pages show a generated cover again. Raises MovieChangedMeanwhile, NotFound."""
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        artwork = _present(movie_id, kind)
        if artwork is None:
            raise NotFound()
        artwork.delete()
        disown((artwork.original_key, *artwork.file_keys()), at=at)
        _record(movie, kind, (artwork, None), by=by, at=at)


def add_later_formats(*, artwork_id: int, edition: str, at: datetime) -> None:
    """Make the files that take longer, unless the picture was replaced or has them already."""
    artwork = Artwork.objects.lacking_formats().filter(pk=artwork_id, edition=edition).first()
    if artwork is None:
        return
    with default_storage.open(artwork.original_key) as stored:
        made = make_renditions(stored.read(), artwork.kind, artwork.focal, LATER_FORMATS)
    files = _keyed(artwork.movie_id, edition, made.files)
    _store(artwork.movie_id, files, at=at)
    with transaction.atomic():
        # Pages name the files from here on; the movie itself has not changed, and its version stays.
        current = Artwork.objects.filter(pk=artwork_id, edition=edition)
        if current.update(formats=[*LATER_FORMATS, *FIRST_FORMATS]):
            claim(files)


def tend_artwork(*, at: datetime) -> None:
    """Make the formats of which a worker was never told, and delete the files that nothing has named for a while."""
    for artwork in Artwork.objects.lacking_formats().filter(created_at__lt=at - _PATIENCE)[:_TENDED_AT_ONCE]:
        add_later_formats(artwork_id=artwork.pk, edition=artwork.edition, at=at)
    for file in UnclaimedFile.objects.since_before(at - KEPT_AFTER_REPLACEMENT)[:_TENDED_AT_ONCE]:
        default_storage.delete(file.key)
        file.delete()


def _present(movie_id: int, kind: Artwork.Kind) -> Artwork | None:
    return Artwork.objects.filter(movie_id=movie_id, kind=kind).first()


def _describe(artwork: Artwork, made: Renditions, focal: FocalPoint) -> None:
    artwork.focal_x, artwork.focal_y = focal.x, focal.y
    artwork.blurhash = made.blurhash
    artwork.widths, artwork.formats = list(made.widths), list(FIRST_FORMATS)


def _keyed(movie_id: int, edition: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {rendition_key(movie_id, edition, name): content for name, content in files.items()}


@contextmanager
def removing_on_failure() -> Iterator[None]:
    """Delete the files that were written inside for pictures, if it fails and all is rolled back.

    It stands around a transaction, with which the rows go that would tell of these files.
    """
    token = _written.set([])
    with ExitStack() as on_failure:
        on_failure.callback(_written.reset, token)
        on_failure.callback(_remove_unclaimed)
        yield
        on_failure.pop_all()
        _written.reset(token)


def _remove_unclaimed() -> None:
    for movie_id, files in _written.get() or ():
        # What fails once the transaction is committed leaves pictures that have their files.
        claimed = Artwork.objects.filter(movie_id=movie_id)
        named = {key for artwork in claimed for key in (artwork.original_key, *artwork.file_keys())}
        for key in files - named:
            default_storage.delete(key)


def _store(movie_id: int, files: Mapping[str, bytes], *, at: datetime) -> None:
    written = _written.get()
    if written is not None:
        written.append((movie_id, frozenset(files)))
    write_unclaimed(files, at=at)


def _record(
    movie: Movie,
    kind: Artwork.Kind,
    change: tuple[Artwork | None, Artwork | None],
    *,
    by: User | None,
    at: datetime,
) -> None:
    """Count the change, and let a worker make what is still missing."""
    before, after = change
    described = {kind.value.lower(): _described(before)}, {kind.value.lower(): _described(after)}
    record_revision("movie.pictured", movie, by=by, at=at, change=described)
    if after is not None:
        _order_later_formats(after)


def _order_later_formats(artwork: Artwork) -> None:
    """Let a worker make them, once this is committed; without a broker they wait for `tend_artwork`."""
    transaction.on_commit(
        lambda: tasks.add_later_formats.delay(artwork_id=artwork.pk, edition=artwork.edition), robust=True
    )


def _described(artwork: Artwork | None) -> str | None:
    """Return a picture as one line of the trail."""
    if artwork is None:
        return None
    place = f"{artwork.focal_x:.2f}/{artwork.focal_y:.2f}"
    return f"{artwork.width_px} × {artwork.height_px}, {artwork.content_hash[:12]}, {place}"
