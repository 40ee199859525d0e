"""What goes wrong around a film has a cause of its own, and tells whether another attempt may fare better."""

import errno

import pytest

from streaming.errors import PackageStorageFull, PackageStorageRefused, PackageStorageUnreachable
from streaming.services.packaging_failures import failure_of, log_of


@pytest.mark.parametrize(
    ("error", "code", "may_pass"),
    [
        (PackageStorageFull(), "package-storage-full", True),
        (PackageStorageUnreachable(), "package-storage-unreachable", True),
        (PackageStorageRefused(), "package-storage-refused", False),
        (FileNotFoundError(), "source-missing", True),
        (OSError(errno.ENOSPC, "no space left"), "disk-full", True),
        (OSError(errno.EIO, "a broken disk"), "internal", True),
        (ValueError("nobody foresaw it"), "internal", True),
    ],
)
def test_each_fault_has_its_cause(error: Exception, code: str, may_pass: bool) -> None:
    failure = failure_of(error)

    assert (failure.code, failure.may_pass) == (code, may_pass)
    assert log_of(error) == ""
