"""The sweep in a bucket of a real S3 server: few requests, and the same guarantees as in a folder."""

from datetime import timedelta

import pytest

from portal import clock
from portal.ids import uuid7
from streaming.errors import PackageStorageRefused
from streaming.models import Package
from streaming.runtime.bucket_store import BucketStore
from streaming.services.package_sweep import sweep_packages
from tests.factories import AT, make_source
from tests.streaming.buckets import forbid

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]

FILES = ("master.m3u8", "v-h264-64x36/init.mp4", "v-h264-64x36/1.m4s")


@pytest.fixture
def replaced(bucket: BucketStore) -> Package:
    """A package that was replaced long ago, with its files."""
    key = uuid7(AT)
    package = Package.objects.create(
        id=key,
        source=make_source(),
        path=f"packages/{key.hex}",
        state=Package.State.RETIRED,
        created_at=AT,
        playable_at=AT,
        retired_at=AT,
    )
    for name in FILES:
        bucket.write(f"{package.path}/{name}", b"x")
    return package


def test_a_replaced_package_goes_by_one_request_and_nothing_else_goes(bucket: BucketStore, replaced: Package) -> None:
    others = {"packages/abcdef/1.m4s", "sources/a/original.mkv"}
    for name in others:
        bucket.write(name, b"x")
    deleting: list[str] = []
    for call in ("DeleteObject", "DeleteObjects"):
        bucket._client.meta.events.register(f"before-send.s3.{call}", lambda request, **_: deleting.append(request.url))

    assert sweep_packages(store=bucket, at=clock.now()) == len(FILES)

    replaced.refresh_from_db()
    assert (replaced.state, len(deleting)) == (Package.State.DELETED, 1)
    # One of them belongs to no package, and is too young to be called a stray.
    assert set(bucket.list("")) == others


def test_what_a_bucket_refused_to_delete_goes_with_a_later_sweep(bucket: BucketStore, replaced: Package) -> None:
    forbid(bucket, "s3:DeleteObject")
    with pytest.raises(PackageStorageRefused):
        sweep_packages(store=bucket, at=clock.now())

    replaced.refresh_from_db()
    # Nobody goes on with what is half deleted.
    assert (replaced.state, len(set(bucket.list("")))) == (Package.State.DELETED, len(FILES))
    bucket._client.delete_bucket_policy(Bucket=bucket._storage.bucket_name)
    assert sweep_packages(store=bucket, at=clock.now() + timedelta(hours=2)) == len(FILES)
    assert list(bucket.list("")) == []


def test_a_bucket_in_which_nothing_is_is_no_fault(bucket: BucketStore) -> None:
    assert sweep_packages(store=bucket, at=clock.now()) == 0
