"""What is watched most."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from analytics.models import MetricDay, Subject
from analytics.reading.periods import Days

MOST_TITLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A movie or a stream, and what its days come to.

    `movie` is the slug, `stream` the id by which it is found now; None where it is gone, or the other of the two.
    """

    subject: str
    kind: str
    title: str
    movie: str | None
    stream: UUID | None
    watch_s: int
    views: int
    viewers: int

    @property
    def average_view_s(self) -> float | None:
        return self.watch_s / self.views if self.views else None


def read_top_titles(days: Days, *, most: int = MOST_TITLES) -> tuple[Title, ...]:
    """Read what was watched longest, the longest first; two queries."""
    whole = Subject.objects.filter(kind=Subject.Kind.PORTAL)
    rows = list(
        MetricDay.objects.filter(day__range=(days.first, days.last))
        .exclude(subject__in=whole)
        .values("subject_id")
        .annotate(watched=Sum("watch_ms"), all_views=Sum("views"), all_viewers=Sum("viewers"))
        .order_by("-watched", "subject_id")[:most]
    )
    subjects = Subject.objects.select_related("movie").in_bulk([row["subject_id"] for row in rows])
    return tuple(
        _title(subject, watch_ms=row["watched"], views=row["all_views"], viewers=row["all_viewers"])
        for row in rows
        if (subject := subjects.get(row["subject_id"])) is not None
    )


def _title(subject: Subject, *, watch_ms: int, views: int, viewers: int) -> Title:
    return Title(
        subject=subject.name,
        kind=subject.kind,
        title=str(subject.movie or subject),
        movie=subject.movie.slug if subject.movie else None,
        stream=subject.stream_id,
        watch_s=watch_ms // 1000,
        views=views,
        viewers=viewers,
    )
