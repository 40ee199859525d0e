"""Times as clocks on a wall show them, in a zone whose clocks are put forward and back. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


class TimeSkipped(Exception):
    """Raised for a time that no clock shows, as they are put forward over it; `resumes_at` is what they show next."""

    def __init__(self, resumes_at: datetime) -> None:
        self.resumes_at = resumes_at


class TimeTwice(Exception):
    """Raised for a time that clocks show twice, as they are put back; `first` and `second` are both moments."""

    def __init__(self, first: datetime, second: datetime) -> None:
        self.first, self.second = first, second


def moment_of(local: datetime, zone: ZoneInfo, *, which: int | None = None) -> datetime:
    """Return the moment, in UTC, at which clocks in `zone` show the naive `local`.

    `which` chooses among two such moments: 0 the first, 1 the second. Raises TimeSkipped; TimeTwice if it is None.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first > second:
        # Inside the gap the offsets of both sides lead across it: the earlier one comes out behind it.
        raise TimeSkipped(_end_of_gap(local, zone))
    if which is None:
        raise TimeTwice(first, second)
    return second if which else first


def which_of_two(moment: datetime, zone: ZoneInfo) -> int | None:
    """Return what `moment_of` needs to come back to `moment`: None where a clock shows that time only once."""
    local = moment.astimezone(zone)
    plain = local.replace(tzinfo=None)
    first, second = (plain.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return None if first == second else local.fold


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """Return what clocks show once they have been put forward over `local`."""
    # Read with the offset of either side, the time falls on the other side of the change.
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = max(middle, before + _SECOND)
        else:
            after = middle
    return after.astimezone(zone).replace(tzinfo=None, fold=0)
