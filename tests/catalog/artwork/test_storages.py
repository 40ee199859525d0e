"""Pictures in an S3 bucket: stored, handed out and deleted as on a disk."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from moto import mock_aws
from pytest_django import Settings

from catalog.artwork.frames import FocalPoint
from catalog.artwork.pictures import picture_of
from catalog.models import Artwork
from catalog.services.artwork import (
    ArtworkPlan,
    add_later_formats,
    remove_artwork,
    set_artwork,
    set_focal_point,
    tend_artwork,
)
from tests.factories import AT, make_movie, make_picture_file

pytestmark = pytest.mark.django_db

KIND = Artwork.Kind.POSTER


@pytest.fixture
def bucket(settings: Settings) -> Iterator[Any]:
    """An empty bucket, in which uploaded files are stored."""
    options = {"bucket_name": "films", "region_name": "us-east-1", "access_key": "key", "secret_key": "secret"}
    with mock_aws():
        storage = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": storage}
        store: Any = default_storage
        store.connection.create_bucket(Bucket="films")
        yield store.bucket


def keys_in(bucket: Any) -> set[str]:
    return {stored.key for stored in bucket.objects.all()}


def test_a_picture_lives_and_dies_in_a_bucket(bucket: Any, client: Client) -> None:
    movie = make_movie()
    plan = ArtworkPlan(kind=KIND, content=make_picture_file(1000, 750))
    first = set_artwork(movie_id=movie.pk, plan=plan, by=None, at=AT)
    assert keys_in(bucket) == {first.original_key, *first.file_keys()}

    moved = set_focal_point(movie_id=movie.pk, kind=KIND, focal=FocalPoint(x=0), by=None, at=AT)
    add_later_formats(artwork_id=moved.pk, edition=moved.edition, at=AT)
    moved.refresh_from_db()

    answer = client.get(picture_of(moved).src)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.content.startswith(b"\xff\xd8\xff")

    remove_artwork(movie_id=movie.pk, kind=KIND, by=None, at=AT)
    tend_artwork(at=AT + timedelta(days=2))
    assert keys_in(bucket) == set()


def test_what_is_not_in_the_bucket_is_not_found(bucket: Any, client: Client) -> None:
    assert client.get("/art/movies/7/0123456789abcdef/360.webp").status_code == 404
