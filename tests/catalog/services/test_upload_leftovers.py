"""No upload takes room for ever, and none that a movie needs goes with something else."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Movie, Upload
from catalog.services import uploads
from catalog.uploads import faults
from portal.models import User
from streaming.models import Source
from tests.catalog.services.test_uploads import DAY, FILM, HALF, begin, send
from tests.factories import AT, make_movie

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def files(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def test_a_movie_keeps_its_film_when_the_account_of_who_uploaded_it_goes(editor: User, media: Path) -> None:
    movie = make_movie()
    upload = send(begin(editor, movie_id=movie.pk), 0, FILM)

    editor.delete()
    uploads.expire_uploads(at=AT + 1000 * DAY)

    assert files(media) == {upload.storage_key}
    source = Source.objects.get()
    assert (source.movie, source.state) == (movie, "WAITING")
    assert Upload.objects.get().owner is None


def test_what_nobody_can_go_on_with_any_more_expires_with_its_bytes(editor: User, media: Path) -> None:
    send(begin(editor), 0, FILM[:HALF])
    send(begin(editor), 0, FILM)

    editor.delete()

    assert len(files(media)) == 2
    assert uploads.expire_uploads(at=AT + 15 * DAY) == 2
    assert files(media) == set()
    assert set(Source.objects.values_list("state", flat=True)) == {"DISCARDED"}


def test_the_films_of_a_movie_that_is_deleted_expire(editor: User, media: Path) -> None:
    movie, other = make_movie(), make_movie()
    send(begin(editor, movie_id=movie.pk), 0, FILM)
    kept = send(begin(editor, movie_id=other.pk), 0, FILM)

    Movie.objects.filter(pk=movie.pk).delete()
    uploads.expire_uploads(at=AT + 15 * DAY)

    assert files(media) == {kept.storage_key}
    assert Source.objects.get(movie=None).state == "DISCARDED"
    assert Source.objects.get(movie=other).state == "WAITING"


def test_bytes_that_a_crash_left_of_a_damaged_film_go_later(editor: User, media: Path) -> None:
    upload = begin(editor)
    with pytest.raises(faults.UploadRefused):
        send(upload, 0, bytes(len(FILM)))
    path = media / upload.storage_key
    path.parent.mkdir(parents=True)
    path.write_bytes(FILM)

    uploads.expire_uploads(at=AT + timedelta(minutes=1))

    assert files(media) == set()
    assert Upload.objects.get().state == "CORRUPT"


def test_finished_films_that_no_movie_has_count_to_the_quota(editor: User, settings: Any) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_quota_bytes=2 * len(FILM))
    upload = send(begin(editor), 0, FILM)
    send(begin(editor), 0, FILM)
    with pytest.raises(faults.UploadQuotaReached):
        begin(editor)

    uploads.attach_upload(upload_id=upload.pk, movie_id=make_movie().pk, by=editor, at=AT)

    assert begin(editor).state == "ACTIVE"


def test_finished_films_that_no_movie_has_count_by_number_too(editor: User, settings: Any) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_open_max=1)
    upload = send(begin(editor), 0, FILM)
    with pytest.raises(faults.UploadQuotaReached):
        begin(editor)

    uploads.remove_upload(upload_id=upload.pk, by=editor, at=AT)

    assert begin(editor).state == "ACTIVE"


def test_all_films_together_come_to_no_more_than_operators_allow(editor: User, viewer: User, settings: Any) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_total_bytes=2 * len(FILM))
    send(begin(editor, movie_id=make_movie().pk), 0, FILM)
    gone = begin(viewer)
    with pytest.raises(faults.UploadStorageFull):
        begin(editor)

    uploads.remove_upload(upload_id=gone.pk, by=viewer, at=AT)

    assert begin(editor).state == "ACTIVE"
