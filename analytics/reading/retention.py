"""How far viewers get in a film."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from django.db.models import Sum

from analytics.models import RetentionEdge
from analytics.reading.days import read_totals
from analytics.reading.periods import Days

BUCKETS = 100
# The curve of fewer tells of single people rather than of the film.
LEAST_VIEWS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A hundredth of a film, from `position` on: how often it was watched, and by how many sessions at all."""

    position: float
    views: int
    viewers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The curve of a film; `views` are sessions that showed a picture. Without enough of them there is no curve."""

    views: int
    buckets: tuple[Bucket, ...]

    @property
    def is_enough(self) -> bool:
        return self.views >= LEAST_VIEWS


def read_retention(subject: str, days: Days) -> Retention:
    """Read the curve of a film over the sessions that began on these days; two queries at most."""
    plays = read_totals(subject, days).plays
    if plays < LEAST_VIEWS:
        return Retention(views=plays, buckets=())
    edges = RetentionEdge.objects.filter(subject__name=subject, day__range=(days.first, days.last))
    rows = edges.values("bucket").annotate(all_views=Sum("views"), all_viewers=Sum("viewers"))
    views = _running({row["bucket"]: row["all_views"] for row in rows})
    viewers = _running({row["bucket"]: row["all_viewers"] for row in rows})
    return Retention(
        views=plays,
        buckets=tuple(
            Bucket(position=number / BUCKETS, views=views[number], viewers=viewers[number]) for number in range(BUCKETS)
        ),
    )


def _running(edges: Mapping[int, int]) -> list[int]:
    """Return the sum of all edges up to each bucket."""
    return list(accumulate(edges.get(number, 0) for number in range(BUCKETS)))
