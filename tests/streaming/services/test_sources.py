"""What was uploaded becomes a source, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Upload
from catalog.uploads import receivers
from portal.ids import uuid7
from portal.models import AuditEntry, User
from streaming.models import Source
from streaming.services.sources import SourceReceiver
from tests.factories import AT, make_movie

pytestmark = pytest.mark.django_db

RECEIVER = SourceReceiver()


def finished(owner: User, **overrides: Any) -> Upload:
    key = uuid7(AT)
    values = {
        "id": key,
        "owner": owner,
        "state": "FINISHED",
        "file_name": "film.mkv",
        "size_bytes": 42,
        "offset_bytes": 42,
        "container": "matroska",
        "storage_key": f"sources/{key}/original.mkv",
        "created_at": AT,
        "touched_at": AT,
        "finished_at": AT,
        "expires_at": AT + timedelta(days=14),
    }
    return Upload.objects.create(**values | overrides)


def receive(upload: Upload) -> Source:
    with transaction.atomic():
        RECEIVER.receive(upload, at=AT)
    return Source.objects.get(pk=upload.pk)


def test_streaming_is_told_of_every_upload() -> None:
    assert [type(receiver) for receiver in receivers._receivers] == [SourceReceiver]


def test_a_source_is_what_the_upload_was(editor: User) -> None:
    movie = make_movie()

    source = receive(finished(editor, movie=movie))

    assert (source.movie, source.state, source.file_name, source.size_bytes) == (movie, "WAITING", "film.mkv", 42)
    assert (source.container, source.created_at, str(source)) == ("matroska", AT, "film.mkv")
    entry = AuditEntry.objects.get(action="source.received")
    assert (entry.actor, entry.object_id) == (editor, str(source.pk))


def test_the_same_upload_again_is_the_same_source(editor: User) -> None:
    upload = finished(editor)
    receive(upload)
    upload.movie = make_movie()

    assert receive(upload).movie == upload.movie
    assert Source.objects.count() == 1
    assert AuditEntry.objects.filter(action="source.received").count() == 1


def test_a_declared_checksum_is_waited_for(editor: User) -> None:
    upload = finished(editor, sha256="a" * 64)
    assert receive(upload).state == "VERIFYING"

    upload.is_verified = True

    assert receive(upload).state == "WAITING"


def test_what_is_gone_is_discarded_once(editor: User) -> None:
    upload = finished(editor)
    receive(upload)

    with transaction.atomic():
        RECEIVER.discard(upload, at=AT)
        RECEIVER.discard(upload, at=AT)

    assert Source.objects.get().state == "DISCARDED"
    assert AuditEntry.objects.filter(action="source.discarded").count() == 1


def test_what_never_was_a_source_is_not_missed(editor: User) -> None:
    with transaction.atomic():
        RECEIVER.discard(finished(editor), at=AT)
    assert not AuditEntry.objects.filter(action="source.discarded").exists()


@pytest.mark.parametrize(
    ("fault", "constraint"), [({"state": "LOST"}, "source_state_known"), ({"size_bytes": 0}, "source_is_not_empty")]
)
def test_the_database_itself_refuses_a_source_that_cannot_be(
    editor: User, fault: dict[str, Any], constraint: str
) -> None:
    source = receive(finished(editor))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(**fault)


def test_a_movie_that_goes_leaves_its_source(editor: User) -> None:
    source = receive(finished(editor, movie=make_movie()))
    assert source.movie is not None
    source.movie.slugs.all().delete()
    source.movie.delete()

    source.refresh_from_db()
    assert source.movie is None
