"""How many watch something, in figures and words. static/src/js/shared/viewers.js says it alike."""

from collections.abc import Callable

from django.utils.translation import ngettext

_UNITS = ((1_000_000, "M"), (1_000, "K"))


def in_viewers(viewers: int) -> str:
    """Return the words for so many; # stands for the figure."""
    return ngettext("# viewer", "# viewers", viewers)


def in_watching(viewers: int) -> str:
    """Return the words for so many, of what is no broadcast; # stands for the figure."""
    return ngettext("# watching now", "# watching now", viewers)


WORDINGS: dict[str, Callable[[int], str]] = {"viewers": in_viewers, "watching": in_watching}


def exact_figure(viewers: int) -> str:
    return f"{viewers:,}"


def short_figure(viewers: int) -> str:
    """Return "1.2K" for 1,234: two digits, or all before the point, as Intl.NumberFormat's compact notation does."""
    for size, unit in _UNITS:
        # What would be rounded to a thousand of a unit is one of the next.
        if viewers >= size - size // 2000:
            tenths = _round(viewers * 10, size)
            figure = f"{tenths / 10:g}" if tenths < 100 else str(_round(viewers, size))
            return f"{figure}{unit}"
    return str(viewers)


def _round(dividend: int, divisor: int) -> int:
    """Divide; half is rounded up."""
    return (2 * dividend + divisor) // (2 * divisor)
