"""Which parts of a film were watched, by the positions that its player told."""

from analytics.counting.marks import Mark

# Of one session. Somebody who leaps about more often is looking for something.
MOST_SECTIONS = 100
# Events are held back for a quarter of a second, and media clocks are not the wall's.
_TOLERANCE_MS = 1500


def add_played(sections: list[int], before: Mark, after: Mark) -> None:
    """Add what was played between two marks that follow each other to the pairs of positions [from, to)."""
    start = before.told.pt
    if before.state != "p" or start is None:
        return
    end = _end(before, after, start)
    if end <= start:
        return
    if sections and abs(sections[-1] - start) <= _TOLERANCE_MS:
        sections[-1] = max(sections[-1], end)
    elif len(sections) < 2 * MOST_SECTIONS:
        sections += (start, end)


def _end(before: Mark, after: Mark, start: int) -> int:
    elapsed, position = after.at - before.at, after.told.pt
    sought = max(0, after.told.seek - before.told.seek)
    is_straight = after.state != "k" and not sought
    if is_straight and position is not None and 0 <= position - start <= elapsed * before.told.pr + _TOLERANCE_MS:
        return position
    # It leapt somewhere in between. Until then it played on; how long, the clock tells.
    stalled = max(0, after.told.bsda - before.told.bsda)
    played = min(elapsed, before.silence) - stalled - sought
    return start + int(played * before.told.pr)
