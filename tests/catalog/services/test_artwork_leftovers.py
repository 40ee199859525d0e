"""What a form that failed, or a crash, leaves of pictures in storage goes; what a picture has, or may get, stays."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from catalog import tasks
from catalog.models import Movie, UnclaimedFile, Upload
from catalog.services.artwork import removing_on_failure
from catalog.services.artwork_leftovers import sweep_artwork
from catalog.uploads import receivers
from portal import clock
from portal.models import User
from tests.catalog.desk import MOVIES, filled_in
from tests.catalog.services.test_artwork import put, stored
from tests.catalog.services.test_uploads import FILM, begin, send
from tests.factories import AT, make_movie, make_picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

DAY = timedelta(days=1)


class _Failed(Exception):
    """What goes wrong in a form after its picture was written."""


def _fail_after_a_picture() -> None:
    movie = make_movie()
    with suppress(_Failed), transaction.atomic():
        put(movie)
        raise _Failed


def test_the_files_of_a_form_that_failed_go_and_those_of_pictures_stay(media: Path) -> None:
    artwork = put(make_movie())
    kept = stored(media)
    _fail_after_a_picture()
    assert not UnclaimedFile.objects.exists()
    left = stored(media) - kept

    assert sweep_artwork(at=clock.now() + 2 * DAY) == len(left) == 9

    assert stored(media) == kept == {artwork.original_key, *artwork.file_keys()}
    assert sweep_artwork(at=clock.now() + 2 * DAY) == 0


def test_files_that_may_still_be_claimed_stay(media: Path) -> None:
    _fail_after_a_picture()
    before = stored(media)

    assert sweep_artwork(at=clock.now() + DAY / 2) == 0

    assert stored(media) == before != set()


def test_files_that_a_row_knows_of_are_left_to_those_who_tend_them(media: Path) -> None:
    key = "artwork/1/gone/360.jpg"
    default_storage.save(key, ContentFile(b"x"))
    UnclaimedFile.objects.create(key=key, since=AT)

    assert sweep_artwork(at=clock.now() + 2 * DAY) == 0

    assert stored(media) == {key}


class _FailingReceiver:
    """An app that fails as it is handed a film, which the desk does after the pictures."""

    def receive(self, upload: Upload, *, at: datetime) -> None:
        raise _Failed

    def discard(self, upload: Upload, *, at: datetime) -> None:
        """It took nothing."""


def test_a_form_of_the_desk_that_fails_takes_its_pictures_with_it(
    client: Client, editor: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(editor)
    upload = send(begin(editor), 0, FILM)
    monkeypatch.setattr(receivers, "_receivers", [_FailingReceiver()])
    poster = SimpleUploadedFile("poster.jpg", make_picture_file(500, 750))
    sent = filled_in(title="Film", year="2020", upload_ids=str(upload.pk))

    with pytest.raises(_Failed):
        client.post(f"{MOVIES}add/", {**sent, "poster-file": poster})

    assert stored(media) == {upload.storage_key}
    assert not Movie.objects.exists()


def test_what_fails_after_the_pictures_are_saved_leaves_them(media: Path) -> None:
    movie = make_movie()
    with suppress(_Failed), removing_on_failure():
        artwork = put(movie)
        raise _Failed
    assert stored(media) == {artwork.original_key, *artwork.file_keys()}


def test_the_task_finds_nothing_in_an_empty_storage(media: Path) -> None:
    tasks.sweep_artwork()
    assert stored(media) == set()
