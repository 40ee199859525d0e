"""Fixtures of streaming's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from streaming.runtime.bucket_store import BucketStore
from tests.streaming.buckets import ObjectServer, object_server, use_bucket


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[ObjectServer]:
    with object_server() as running:
        yield running


@pytest.fixture
def bucket(bucket_server: ObjectServer, settings: Settings, tmp_path: Path) -> BucketStore:
    """An empty bucket, in which films and packages are."""
    return use_bucket(bucket_server.url, settings, data_dir=tmp_path / "data")
