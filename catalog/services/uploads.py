"""Writes about uploads. A piece is safe in storage before its row says so, and the row is what counts after a crash."""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog import tasks  # which imports this module: neither uses the other before both are there
from catalog.models import Movie, Upload
from catalog.models.upload import UploadQuerySet
from catalog.services.revisions import lock_movie, record_revision
from catalog.uploads import containers, receivers, stores
from catalog.uploads.faults import (
    UploadBusy,
    UploadGone,
    UploadOffsetWrong,
    UploadPieceCorrupt,
    UploadQuotaReached,
    UploadRefused,
    UploadStorageFull,
    UploadTooLarge,
)
from catalog.uploads.protocol import LARGEST_PIECE, Checksum
from portal import audit
from portal.errors import NotFound
from portal.ids import uuid7
from portal.models import User

# What clients should send at a time: 10,000 of them, the most parts of an S3 object, are 78 GiB.
PIECE_BYTES = 8 * 1024 * 1024

# Longer than the task may take: whoever has not compared a file with its checksum by then was killed, or never told.
VERIFICATION_PATIENCE = timedelta(hours=7)

State = Upload.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a client says of a file before it sends it. `sha256` is in hexadecimal; "": not known."""

    file_name: str
    size_bytes: int
    media_type: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes that begin at `offset_bytes`; `read` gives at most as many of them as it is asked for, b"" at the end."""

    offset_bytes: int
    read: Callable[[int], bytes]
    checksum: Checksum | None = None


def create_upload(*, announced: Announcement, owner: User, at: datetime, movie_id: int | None = None) -> Upload:
    """Make room for a file. Nothing of it has to be sent to learn that it will not be taken.

    Raises UploadRefused, UploadTooLarge, UploadQuotaReached, UploadStorageFull, NotFound.
    """
    conf = settings.CATALOG
    name = _checked_name(announced)
    if announced.size_bytes > conf.upload_max_bytes:
        raise UploadTooLarge(limit_bytes=conf.upload_max_bytes)
    _require_room(announced.size_bytes)
    upload_id = uuid7(at)
    with transaction.atomic():
        # The owner's row: of two requests at once each would find the quota as the other has not yet left it.
        User.objects.select_for_update().get(pk=owner.pk)
        _require_quota(owner, announced.size_bytes)
        upload = Upload.objects.create(
            id=upload_id,
            owner=owner,
            movie=_movie(movie_id),
            file_name=name,
            size_bytes=announced.size_bytes,
            sha256=announced.sha256.lower(),
            storage_key=f"sources/{upload_id}/original{_ending(name)}",
            created_at=at,
            touched_at=at,
            expires_at=at + conf.upload_expiry,
        )
        audit.record("upload.begun", upload, by=owner, at=at, after={"file_name": name, "bytes": upload.size_bytes})
    return upload


def append_piece(*, upload_id: UUID, piece: Piece, at: datetime) -> Upload:
    """Take the next bytes of a file; with the last of them it is finished and handed over.

    Raises UploadOffsetWrong, UploadBusy, UploadPieceCorrupt, UploadTooLarge, UploadStorageFull, UploadRefused,
    UploadGone, NotFound.
    """
    with transaction.atomic():
        upload = _lock(upload_id)
        if piece.offset_bytes != upload.offset_bytes:
            raise UploadOffsetWrong(offset_bytes=upload.offset_bytes)
        if upload.state == State.ACTIVE and upload.offset_bytes < upload.size_bytes:
            _take(upload, piece, at=at)
    if upload.state == State.REMOVED:
        raise UploadGone()
    if upload.state == State.ACTIVE and upload.offset_bytes == upload.size_bytes:
        return finish_upload(upload_id=upload_id, at=at)
    return upload


def finish_upload(*, upload_id: UUID, at: datetime) -> Upload:
    """Make one file of all the pieces and hand it over; once more changes nothing.

    A crash after the last piece leaves an upload that is whole but not finished: whoever looks at it next finishes it.

    Raises UploadRefused if it is no film, UploadBusy, NotFound.
    """
    with transaction.atomic():
        upload = _lock(upload_id)
        if upload.state != State.ACTIVE or upload.offset_bytes < upload.size_bytes:
            return upload
        stores.default_store().complete(upload)
        upload.container = containers.recognise(stores.read_head(upload.storage_key, containers.HEAD_LENGTH)) or ""
        upload.state, upload.finished_at = State.FINISHED, at
        upload.expires_at = at + settings.CATALOG.upload_unused_expiry
        if upload.container in containers.expected_containers(upload.file_name):
            _hand_over(upload, at=at)
        else:
            upload.state = State.CORRUPT
        upload.save(update_fields=["state", "container", "finished_at", "expires_at"])
    if upload.state == State.CORRUPT:
        stores.default_store().remove(upload)
        raise _refused("/filename", "not_film", _("This is no film: its content is not what its name says."))
    return upload


def attach_upload(*, upload_id: UUID, movie_id: int, by: User, at: datetime) -> Upload:
    """Give an upload of `by` to a movie, be it finished or still under way. Raises NotFound, UploadGone."""
    with transaction.atomic():
        movie = lock_movie(movie_id)
        upload = Upload.objects.select_for_update().filter(pk=upload_id, owner=by).first()
        if upload is None:
            raise NotFound()
        if upload.state not in (State.ACTIVE, State.FINISHED):
            raise UploadGone()
        if upload.movie_id == movie.pk:
            return upload
        upload.movie = movie
        upload.save(update_fields=["movie"])
        change = audit.changed_fields({"source": ""}, {"source": upload.file_name})
        record_revision("movie.source_uploaded", movie, by=by, at=at, change=change)
        if upload.state == State.FINISHED:
            receivers.hand_over(upload, at=at)
    return upload


def remove_upload(*, upload_id: UUID, by: User | None, at: datetime) -> None:
    """Delete an unfinished upload, or a finished one that no movie has, with its bytes. Raises NotFound, UploadBusy."""
    with transaction.atomic():
        upload = _lock(upload_id)
        if upload.state not in (State.ACTIVE, State.FINISHED) or (upload.state == State.FINISHED and upload.movie_id):
            raise NotFound()
        stores.default_store().remove(upload)
        receivers.take_back(upload, at=at)
        upload.state = State.REMOVED
        upload.save(update_fields=["state"])
        audit.record("upload.removed", upload, by=by, at=at)


def expire_uploads(*, at: datetime) -> int:
    """Delete what was left alone for too long; return how many uploads that were.

    Of a file that was found to be damaged the bytes are deleted after the row says so. Deleted here once more, those
    go that a crash in between has left.
    """
    for upload in Upload.objects.damaged(at):
        stores.default_store().remove(upload)
    return sum(_expire(upload_id, at) for upload_id in Upload.objects.expired(at).values_list("pk", flat=True))


def resume_verifications(*, at: datetime) -> int:
    """Ask workers again for the comparisons that none of them made; return how many those are."""
    waiting = Upload.objects.unverified(finished_before=at - VERIFICATION_PATIENCE).values_list("pk", flat=True)
    for upload_id in waiting:
        tasks.verify_upload.delay(upload_id=str(upload_id))
    return len(waiting)


def verify_upload(*, upload_id: UUID, at: datetime) -> bool:
    """Compare a finished upload with the checksum that its owner declared; return whether it is the same file.

    Reads the whole file, without holding anything in the database meanwhile.
    """
    upload = Upload.objects.filter(pk=upload_id, state=State.FINISHED).first()
    if upload is None:
        return False
    whole = hashlib.sha256()
    for buffer in stores.read_whole(upload.storage_key):
        whole.update(buffer)
    is_same = hmac.compare_digest(whole.hexdigest(), upload.sha256)
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload_id)
        if upload.state == State.FINISHED and not is_same:
            upload.state = State.CORRUPT
            upload.save(update_fields=["state"])
            receivers.take_back(upload, at=at)
            audit.record("upload.found_corrupt", upload, by=None, at=at, after={"sha256": whole.hexdigest()})
            transaction.on_commit(lambda: stores.default_store().remove(upload))
        elif upload.state == State.FINISHED and not upload.is_verified:
            upload.is_verified = True
            upload.save(update_fields=["is_verified"])
            receivers.hand_over(upload, at=at)
    return is_same


def _checked_name(announced: Announcement) -> str:
    name = containers.bare_name(announced.file_name)
    if not containers.expected_containers(name):
        raise _refused(
            "/filename",
            "not_film",
            _("Send a film: a file whose name ends in one of %(endings)s.")
            % {"endings": ", ".join(containers.ENDINGS)},
        )
    if not containers.is_film_type(announced.media_type):
        raise _refused("/filetype", "not_film", _("Send a film: this is said to be something else."))
    if announced.size_bytes < 1:
        raise _refused("/Upload-Length", "empty", _("This file is empty."))
    if announced.sha256 and (len(announced.sha256) != 64 or set(announced.sha256.lower()) - set("0123456789abcdef")):
        raise _refused("/sha256", "invalid", _("A SHA-256 has 64 hexadecimal digits."))
    return name


def _ending(name: str) -> str:
    return name[name.rindex(".") :].lower()


def _movie(movie_id: int | None) -> Movie | None:
    if movie_id is None:
        return None
    movie = Movie.objects.filter(pk=movie_id).first()
    if movie is None:
        raise NotFound()
    return movie


def _require_quota(owner: User, size_bytes: int) -> None:
    conf = settings.CATALOG
    pending = Upload.objects.pending().filter(owner=owner)
    if _total_bytes(pending) + size_bytes > conf.upload_quota_bytes or pending.count() >= conf.upload_open_max:
        raise UploadQuotaReached(limit_bytes=conf.upload_quota_bytes, limit_count=conf.upload_open_max)


def _require_room(size_bytes: int) -> None:
    """Raise UploadStorageFull where a file of this size would not fit, or be more than the operators want to keep."""
    if not stores.default_store().has_room_for(size_bytes + _promised_room()):
        raise UploadStorageFull()
    kept = Upload.objects.filter(state__in=[State.ACTIVE, State.FINISHED])
    most = settings.CATALOG.upload_total_bytes
    if most and _total_bytes(kept) + size_bytes > most:
        raise UploadStorageFull()


def _total_bytes(chosen: UploadQuerySet) -> int:
    return int(chosen.aggregate(total=Sum("size_bytes"))["total"] or 0)


def _promised_room() -> int:
    """Return how many bytes the unfinished uploads of everybody may still bring."""
    missing = Upload.objects.unfinished().aggregate(total=Sum(F("size_bytes") - F("offset_bytes")))["total"]
    return int(missing or 0)


def _lock(upload_id: UUID) -> Upload:
    """Return the upload, which nobody else writes to meanwhile. Raises NotFound, UploadGone, UploadBusy."""
    try:
        upload = Upload.objects.select_for_update(nowait=True, of=("self",)).filter(pk=upload_id).first()
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "55P03":  # lock_not_available
            raise UploadBusy() from error
        raise
    if upload is None:
        raise NotFound()
    if upload.state in (State.EXPIRED, State.REMOVED, State.CORRUPT):
        raise UploadGone()
    return upload


def _take(upload: Upload, piece: Piece, *, at: datetime) -> None:
    """Write the piece and say so in the row; an upload of which storage has lost a part can only be begun anew."""
    try:
        _write(upload, piece)
    except stores.PiecesLost:
        stores.default_store().remove(upload)
        upload.state = State.REMOVED
        upload.save(update_fields=["state"])
        audit.record("upload.removed", upload, by=None, at=at, after={"lost_bytes": upload.offset_bytes})
        return
    upload.touched_at, upload.expires_at = at, at + settings.CATALOG.upload_expiry
    upload.save(update_fields=["offset_bytes", "parts", "touched_at", "expires_at"])


def _write(upload: Upload, piece: Piece) -> None:
    """Put the piece into storage and count it; of one that is refused nothing is kept."""
    store, most = stores.default_store(), min(upload.size_bytes - upload.offset_bytes, LARGEST_PIECE)
    checking = piece.checksum.new_hash() if piece.checksum else None
    written = store.write_piece(
        upload, piece.read, most=most, taken=checking.update if checking else lambda buffer: None
    )
    if piece.checksum and checking and not hmac.compare_digest(checking.digest(), piece.checksum.digest):
        if written:
            store.forget_piece(upload)
        raise UploadPieceCorrupt()
    if piece.read(1):
        if written:
            store.forget_piece(upload)
        raise UploadTooLarge(limit_bytes=most)
    upload.offset_bytes += written


def _hand_over(upload: Upload, *, at: datetime) -> None:
    receivers.hand_over(upload, at=at)
    audit.record("upload.finished", upload, by=upload.owner, at=at, after={"container": upload.container})
    if upload.sha256:
        transaction.on_commit(lambda: tasks.verify_upload.delay(upload_id=str(upload.pk)), robust=True)


def _expire(upload_id: UUID, at: datetime) -> bool:
    with suppress(UploadBusy, UploadGone, NotFound), transaction.atomic():
        upload = _lock(upload_id)
        if not Upload.objects.expired(at).filter(pk=upload_id).exists():
            return False
        stores.default_store().remove(upload)
        receivers.take_back(upload, at=at)
        upload.state = State.EXPIRED
        upload.save(update_fields=["state"])
        audit.record("upload.expired", upload, by=None, at=at)
        return True
    return False


def _refused(pointer: str, fault: str, detail: str | Promise) -> UploadRefused:
    return UploadRefused(pointer=pointer, fault=fault, detail=detail)
