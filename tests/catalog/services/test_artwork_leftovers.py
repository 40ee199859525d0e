"""What a form that failed, or a crash, leaves of pictures in storage goes; what a picture has, or may get, stays."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog import tasks
from catalog.models import UnclaimedFile
from catalog.services.artwork_leftovers import sweep_artwork
from portal import clock
from tests.catalog.services.test_artwork import put, stored
from tests.factories import AT, make_movie

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


def test_the_task_finds_nothing_in_an_empty_storage(media: Path) -> None:
    tasks.sweep_artwork()
    assert stored(media) == set()
