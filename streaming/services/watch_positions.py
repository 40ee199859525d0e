"""Where people left off, so that they go on from there, on another device as well."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from catalog.models import Movie
from portal.errors import NotFound
from portal.models import User
from streaming.models import WatchPosition
from streaming.playback import is_seen

# Nobody remembers, after so long, what came before.
_KEPT = timedelta(days=730)


def find_position(viewer: User | AnonymousUser, movie: Movie) -> float | None:
    """Return where a viewer left off, in seconds; None where there is nothing to go on with."""
    if not isinstance(viewer, User):
        return None
    position_s: float | None = (
        WatchPosition.objects.filter(user=viewer, movie=movie).values_list("position_s", flat=True).first()
    )
    return position_s


def keep_position(*, viewer: User, movie: Movie, position_s: float, duration_s: float, at: datetime) -> None:
    """Remember where a viewer is; of a film that they have seen to its end, nothing. The last to write is right.

    Raises NotFound if movie or viewer was deleted meanwhile.
    """
    if is_seen(position_s=position_s, duration_s=duration_s):
        WatchPosition.objects.filter(user=viewer, movie=movie).delete()
        return
    row = WatchPosition(user=viewer, movie=movie, position_s=position_s, duration_s=duration_s, updated_at=at)
    try:
        # In one: that a row it points to is gone is found at the end of a transaction.
        with transaction.atomic():
            WatchPosition.objects.bulk_create(
                [row],
                update_conflicts=True,
                unique_fields=["user", "movie"],
                update_fields=["position_s", "duration_s", "updated_at"],
            )
    except IntegrityError as error:
        raise NotFound() from error


def forget_positions(*, at: datetime) -> int:
    """Delete those that nobody will go on from; return how many."""
    deleted, _ = WatchPosition.objects.filter(updated_at__lt=at - _KEPT).delete()
    return deleted
