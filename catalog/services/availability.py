"""Writes about availability windows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from catalog import closing, windows
from catalog.errors import WindowEndsBeforeItStarts, WindowsOverlap
from catalog.events import ReleasePlan
from catalog.models import AvailabilityWindow, Movie
from catalog.services.revisions import lock_movie, record_revision
from portal import audit
from portal.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """A window as somebody wants it; the fields are those of AvailabilityWindow. Territories are valid codes."""

    starts_at: datetime
    ends_at: datetime | None = None
    time_zone: str = "UTC"
    territories: tuple[str, ...] = ()


def replace_windows(
    *,
    movie_id: int,
    plans: Sequence[WindowPlan],
    by: User | None,
    at: datetime,
    expected_version: int | None = None,
) -> Movie:
    """Give a movie these windows and no others; with none, it has no limit. The same again changes nothing.

    Raises WindowEndsBeforeItStarts, WindowsOverlap, MovieChangedMeanwhile, NotFound.
    """
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        _write(movie, plans, by=by, at=at)
    return movie


def add_window(*, movie_id: int, plan: WindowPlan, by: User | None, at: datetime) -> Movie:
    """Open one more window. Raises as replace_windows does."""
    with transaction.atomic():
        movie = lock_movie(movie_id)
        _write(movie, (*plans_of(movie), plan), by=by, at=at)
    return movie


def plans_of(movie: Movie) -> tuple[WindowPlan, ...]:
    """Return the windows that a movie has, in the order in which they open."""
    return tuple(
        WindowPlan(
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            time_zone=window.time_zone,
            territories=tuple(window.territories),
        )
        for window in movie.windows.order_by("starts_at", "pk")
    )


def _write(movie: Movie, plans: Sequence[WindowPlan], *, by: User | None, at: datetime) -> None:
    _check(plans)
    plans_before = plans_of(movie)
    before, after = _described(plans_before), _described(sorted(plans, key=lambda plan: plan.starts_at))
    if before == after:
        return
    released_before = ReleasePlan.of(movie)
    movie.windows.all().delete()
    AvailabilityWindow.objects.bulk_create(
        AvailabilityWindow(movie=movie, **{**asdict(plan), "territories": list(plan.territories)}) for plan in plans
    )
    if movie.published_at is not None:
        movie.first_available_at = windows.first_available(plans, published_at=movie.published_at)
    record_revision(
        "movie.scheduled",
        movie,
        by=by,
        at=at,
        change=audit.changed_fields({"windows": before}, {"windows": after}),
        released_before=released_before,
    )
    if windows.is_cut_short(plans_before, plans, at=at):
        closing.close_movie(movie.pk, at=at)


def _check(plans: Sequence[WindowPlan]) -> None:
    for place, plan in enumerate(plans):
        if plan.ends_at is not None and plan.ends_at <= plan.starts_at:
            raise WindowEndsBeforeItStarts(place=place)
    overlap = windows.find_overlap(plans)
    if overlap:
        first, second = overlap
        raise WindowsOverlap(first=first, second=second)


def _described(plans: Iterable[WindowPlan]) -> list[str]:
    """Return each window as one line of the trail, in the time zone in which its editor thinks."""
    return [str(AvailabilityWindow(**{**asdict(plan), "territories": sorted(plan.territories)})) for plan in plans]
