"""Fixtures of streaming's tests."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from pytest_django import Settings

from streaming.models import QualityLevel
from streaming.runtime.bucket_store import BucketStore
from tests.streaming.buckets import ObjectServer, forget_cut_connections, object_server, use_bucket


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[ObjectServer]:
    with object_server() as running:
        yield running


@pytest.fixture
def bucket(bucket_server: ObjectServer, settings: Settings, tmp_path: Path) -> Iterator[BucketStore]:
    """An empty bucket, in which films and packages are."""
    yield use_bucket(bucket_server.url, settings, data_dir=tmp_path / "data")
    forget_cut_connections()


@pytest.fixture
def first_ladder(db: None) -> None:
    """The levels that a new portal has: tests that commit leave a database without them."""
    first = import_module("streaming.migrations.0006_first_quality_levels")
    QualityLevel.objects.all().delete()
    first.set_the_ladder_up(apps, None)
