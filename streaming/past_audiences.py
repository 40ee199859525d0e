"""What became of the audiences of streams. The app that counts registers here; the studio asks here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAudience:
    """The most viewers of a second, their average, and the time of all of them together.

    `is_final` is false of a broadcast that has just ended: players may still tell of its last seconds.
    """

    peak: int
    average: float
    watch_s: int
    is_final: bool = True


class Reader(Protocol):
    def __call__(self, stream_ids: Collection[UUID], *, at: datetime) -> Mapping[UUID, PastAudience]: ...


_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Have audiences read by this from now on; it leaves out streams of which nothing was counted."""
    _readers[:] = [reader]


def audiences_of(stream_ids: Collection[UUID], *, at: datetime) -> Mapping[UUID, PastAudience]:
    """Return the audience of each, as far as it is known at that moment; of what is left out nothing was counted."""
    return _readers[0](stream_ids, at=at) if _readers and stream_ids else {}
