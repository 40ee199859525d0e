"""What operators decide about the catalogue."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from portal.env import Env

_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogConf:
    """The catalogue's settings."""

    # The largest file that is taken, in bytes.
    upload_max_bytes: int
    # What the uploads of one person that are unfinished, or that no movie has, may come to, in bytes, and in number.
    upload_quota_bytes: int
    upload_open_max: int
    # What all films together may come to, in bytes; 0: as much as storage holds.
    upload_total_bytes: int
    # An unfinished upload that gets no piece for so long is deleted.
    upload_expiry: timedelta
    # A finished upload that no movie gets in so long is deleted.
    upload_unused_expiry: timedelta

    @classmethod
    def from_env(cls, env: Env) -> Self:
        return cls(
            upload_max_bytes=env.integer("NOVA_UPLOAD_MAX_GB", 60, at_least=1, at_most=75) * _GIB,
            upload_quota_bytes=env.integer("NOVA_UPLOAD_QUOTA_GB", 200, at_least=1, at_most=100_000) * _GIB,
            upload_open_max=env.integer("NOVA_UPLOAD_OPEN_MAX", 50, at_least=1, at_most=10_000),
            upload_total_bytes=env.integer("NOVA_UPLOAD_TOTAL_GB", 0, at_least=0, at_most=10_000_000) * _GIB,
            upload_expiry=timedelta(hours=env.integer("NOVA_UPLOAD_EXPIRY_HOURS", 48, at_least=1, at_most=8760)),
            upload_unused_expiry=timedelta(days=env.integer("NOVA_UPLOAD_UNUSED_DAYS", 14, at_least=1, at_most=3650)),
        )
