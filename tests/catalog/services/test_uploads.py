"""Uploads grow piece by piece, survive what interrupts them, and end as sources or not at all."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Upload
from catalog.services import uploads
from catalog.services.uploads import Announcement, Piece
from catalog.uploads import faults
from catalog.uploads.protocol import Checksum
from portal.errors import NotFound
from portal.models import AuditEntry, User
from streaming.models import Source
from tests.concurrency import at_once
from tests.factories import AT, make_movie

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

FILM = b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 40
HALF = len(FILM) // 2
DAY = timedelta(days=1)


def begin(owner: User, **changes: Any) -> Upload:
    announced = Announcement(file_name="film.mp4", size_bytes=len(FILM), media_type="video/mp4")
    movie_id = changes.pop("movie_id", None)
    return uploads.create_upload(announced=replace(announced, **changes), owner=owner, at=AT, movie_id=movie_id)


def piece(offset: int, content: bytes, checksum: Checksum | None = None) -> Piece:
    return Piece(offset_bytes=offset, read=BytesIO(content).read, checksum=checksum)


def send(upload: Upload, offset: int, content: bytes, checksum: Checksum | None = None) -> Upload:
    return uploads.append_piece(upload_id=upload.pk, piece=piece(offset, content, checksum), at=AT)


def stored(media: Path, upload: Upload) -> bytes:
    return (media / upload.storage_key).read_bytes()


def test_a_film_arrives_in_pieces_and_leaves_a_source(editor: User, media: Path) -> None:
    movie = make_movie()
    upload = begin(editor, movie_id=movie.pk)

    assert send(upload, 0, FILM[:HALF]).offset_bytes == HALF
    finished = send(upload, HALF, FILM[HALF:])

    assert (finished.state, finished.container) == ("FINISHED", "iso")
    assert stored(media, upload) == FILM
    source = Source.objects.get()
    assert (source.pk, source.movie, source.state, source.storage_key) == (
        upload.pk,
        movie,
        "WAITING",
        upload.storage_key,
    )
    actions = AuditEntry.objects.filter(object_id=str(upload.pk)).values_list("action", flat=True)
    assert set(actions) == {"upload.begun", "upload.finished", "source.received"}


@pytest.mark.parametrize("offset", [0, HALF - 1, HALF + 1, 10**15])
def test_a_piece_that_belongs_elsewhere_changes_nothing(editor: User, media: Path, offset: int) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])

    with pytest.raises(faults.UploadOffsetWrong) as refused:
        send(upload, offset, b"x")

    assert refused.value.headers() == {"Upload-Offset": str(HALF)}
    assert stored(media, upload) == FILM[:HALF]


def test_bytes_that_no_row_knows_of_are_written_again(editor: User, media: Path) -> None:
    """As after kill -9 between the file and the row."""
    upload = send(begin(editor), 0, FILM[:HALF])
    with (media / upload.storage_key).open("ab") as file:
        file.write(b"never acknowledged" * 9)

    send(upload, HALF, FILM[HALF:])

    assert stored(media, upload) == FILM


def test_an_upload_that_was_whole_when_the_server_died_is_finished_by_whoever_looks(editor: User) -> None:
    upload = begin(editor)
    send(upload, 0, FILM[:HALF])
    send(upload, HALF, FILM[HALF:])
    Source.objects.all().delete()
    Upload.objects.update(state="ACTIVE", finished_at=None, container="")

    assert uploads.finish_upload(upload_id=upload.pk, at=AT).state == "FINISHED"
    assert uploads.finish_upload(upload_id=upload.pk, at=AT).state == "FINISHED"
    assert Source.objects.count() == 1


def test_a_piece_that_changed_on_the_way_is_not_kept(editor: User, media: Path) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])
    right = Checksum(algorithm="sha256", digest=hashlib.sha256(FILM[HALF:]).digest())

    with pytest.raises(faults.UploadPieceCorrupt):
        send(upload, HALF, b"y" * len(FILM[HALF:]), right)

    assert stored(media, upload) == FILM[:HALF]
    assert send(upload, HALF, FILM[HALF:], right).state == "FINISHED"


def test_more_than_was_announced_is_refused_and_not_kept(editor: User, media: Path) -> None:
    upload = begin(editor)

    with pytest.raises(faults.UploadTooLarge):
        send(upload, 0, FILM + b"x")

    assert stored(media, upload) == b""
    assert send(upload, 0, FILM).state == "FINISHED"


def test_an_empty_piece_is_no_harm(editor: User) -> None:
    assert send(begin(editor), 0, b"").offset_bytes == 0


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(200), b"<html>" + bytes(200), b"OggS" + bytes(200)])
def test_what_is_not_what_its_name_says_is_deleted(editor: User, media: Path, content: bytes) -> None:
    upload = begin(editor, size_bytes=len(content))

    with pytest.raises(faults.UploadRefused) as refused:
        send(upload, 0, content)

    assert refused.value.extras["errors"][0]["pointer"] == "/filename"  # type: ignore[index]
    assert not (media / upload.storage_key).exists()
    assert not Source.objects.exists()
    with pytest.raises(faults.UploadGone):
        send(upload, 0, FILM)


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"file_name": "film.exe"}, "/filename"),
        ({"file_name": ""}, "/filename"),
        ({"media_type": "text/html"}, "/filetype"),
        ({"size_bytes": 0}, "/Upload-Length"),
        ({"sha256": "xyz"}, "/sha256"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(editor: User, fault: dict[str, Any], pointer: str) -> None:
    with pytest.raises(faults.UploadRefused) as refused:
        begin(editor, **fault)
    assert refused.value.extras["errors"][0]["pointer"] == pointer  # type: ignore[index]


def test_a_file_is_not_larger_than_the_operator_allows(editor: User, settings: Any) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_max_bytes=1000)
    with pytest.raises(faults.UploadTooLarge) as refused:
        begin(editor, size_bytes=1001)
    assert refused.value.extras["limit_bytes"] == 1000


def test_a_file_that_no_disk_here_could_hold_is_refused(editor: User, settings: Any) -> None:
    huge = 10**17
    settings.CATALOG = replace(settings.CATALOG, upload_max_bytes=huge, upload_quota_bytes=huge)
    with pytest.raises(faults.UploadStorageFull):
        begin(editor, size_bytes=huge)


def test_unfinished_uploads_share_a_quota(editor: User, viewer: User, settings: Any) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_quota_bytes=2 * len(FILM))
    first = begin(editor)
    begin(editor)
    with pytest.raises(faults.UploadQuotaReached):
        begin(editor)
    begin(viewer)

    uploads.remove_upload(upload_id=first.pk, by=editor, at=AT)
    begin(editor)


def test_unfinished_uploads_are_not_too_many(editor: User, settings: Any) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_open_max=1)
    upload = begin(editor)
    with pytest.raises(faults.UploadQuotaReached):
        begin(editor)

    send(upload, 0, FILM)
    uploads.attach_upload(upload_id=upload.pk, movie_id=make_movie().pk, by=editor, at=AT)
    begin(editor)


def test_a_film_without_a_movie_gets_one_later(editor: User) -> None:
    upload = send(begin(editor), 0, FILM)
    movie = make_movie()

    uploads.attach_upload(upload_id=upload.pk, movie_id=movie.pk, by=editor, at=AT)
    uploads.attach_upload(upload_id=upload.pk, movie_id=movie.pk, by=editor, at=AT)

    assert Source.objects.get().movie == movie
    assert AuditEntry.objects.filter(action="movie.source_uploaded").count() == 1


def test_a_film_that_is_still_under_way_takes_its_movie_along(editor: User) -> None:
    upload, movie = begin(editor), make_movie()
    uploads.attach_upload(upload_id=upload.pk, movie_id=movie.pk, by=editor, at=AT)
    assert not Source.objects.exists()

    send(upload, 0, FILM)

    assert Source.objects.get().movie == movie


def test_nobody_attaches_what_is_not_theirs(editor: User, administrator: User) -> None:
    upload, movie = begin(administrator), make_movie()
    with pytest.raises(NotFound):
        uploads.attach_upload(upload_id=upload.pk, movie_id=movie.pk, by=editor, at=AT)


def test_a_declared_checksum_is_compared_by_a_worker(editor: User) -> None:
    upload = send(begin(editor, sha256=hashlib.sha256(FILM).hexdigest().upper()), 0, FILM)
    assert Source.objects.get().state == "VERIFYING"

    assert uploads.verify_upload(upload_id=upload.pk, at=AT)

    assert Source.objects.get().state == "WAITING"


@pytest.mark.django_db(transaction=True)
def test_a_film_that_is_not_the_one_declared_is_discarded(editor: User, media: Path) -> None:
    upload = send(begin(editor, sha256="0" * 64), 0, FILM)

    assert not uploads.verify_upload(upload_id=upload.pk, at=AT)

    assert (Upload.objects.get().state, Source.objects.get().state) == ("CORRUPT", "DISCARDED")
    assert not (media / upload.storage_key).exists()


def test_what_is_abandoned_expires_with_its_bytes(editor: User, media: Path) -> None:
    left, going_on = send(begin(editor), 0, FILM[:HALF]), begin(editor)
    uploads.append_piece(upload_id=going_on.pk, piece=piece(0, FILM[:HALF]), at=AT + 2 * DAY)

    assert uploads.expire_uploads(at=AT + 3 * DAY) == 1

    left.refresh_from_db()
    assert left.state == "EXPIRED"
    assert not (media / left.storage_key).exists()
    with pytest.raises(faults.UploadGone):
        send(left, HALF, FILM[HALF:])
    assert stored(media, going_on) == FILM[:HALF]


def test_a_finished_film_waits_longer_for_its_movie_and_for_ever_with_it(editor: User) -> None:
    unused, used = send(begin(editor), 0, FILM), send(begin(editor, movie_id=make_movie().pk), 0, FILM)

    assert uploads.expire_uploads(at=AT + 13 * DAY) == 0
    assert uploads.expire_uploads(at=AT + 15 * DAY) == 1

    assert Source.objects.get(pk=unused.pk).state == "DISCARDED"
    assert Source.objects.get(pk=used.pk).state == "WAITING"


def test_a_film_that_a_movie_has_is_not_removed_as_an_upload(editor: User) -> None:
    upload = send(begin(editor, movie_id=make_movie().pk), 0, FILM)
    with pytest.raises(NotFound):
        uploads.remove_upload(upload_id=upload.pk, by=editor, at=AT)


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_of_one_piece_one_is_told_to_wait_or_go_on(editor: User, media: Path) -> None:
    upload = begin(editor)
    outcomes = at_once(*[lambda: send(upload, 0, FILM[:HALF])] * 4)

    told = {type(outcome).__name__ for outcome in outcomes}
    assert "Upload" in told
    assert told <= {"Upload", "UploadBusy", "UploadOffsetWrong"}
    assert stored(media, upload) == FILM[:HALF]


@pytest.mark.django_db(transaction=True)
def test_uploads_begun_at_once_do_not_slip_past_the_quota(editor: User, settings: Any) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_open_max=2)
    outcomes = at_once(*[lambda: begin(editor)] * 5)

    assert sum(isinstance(outcome, Upload) for outcome in outcomes) == 2


@pytest.mark.parametrize(
    ("fault", "constraint"),
    [
        ({"size_bytes": 0}, "upload_is_not_empty"),
        ({"offset_bytes": 10**9}, "upload_within_its_size"),
        ({"state": "LOST"}, "upload_state_known"),
        ({"state": "FINISHED", "finished_at": AT}, "upload_finished_is_whole"),
        ({"sha256": "abc"}, "upload_sha256"),
    ],
)
def test_the_database_itself_refuses_an_upload_that_cannot_be(
    editor: User, fault: dict[str, Any], constraint: str
) -> None:
    upload = begin(editor)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(**fault)
