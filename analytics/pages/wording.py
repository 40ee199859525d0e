"""Figures in words, as the scripts of the pages write them, too (static/src/js/figures/numbers.js)."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

NOTHING = "–"
_UNITS = ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s"))


def count_words(count: float | None) -> str:
    return NOTHING if count is None else _number(count, 0)


def average_words(count: float | None) -> str:
    """Tell an average to a tenth as long as that is something."""
    return NOTHING if count is None else _number(count, 0 if count >= 100 else 1)


def rate_words(rate_bps: float | None) -> str:
    if rate_bps is None:
        return NOTHING
    if rate_bps == 0:
        return "0 kbit/s"
    size, unit = next(((size, unit) for size, unit in _UNITS if rate_bps >= size), _UNITS[-1])
    return f"{_number(rate_bps / size, 1)} {unit}"


def share_words(share: float | None) -> str:
    return NOTHING if share is None else f"{_number(100 * share, 1)} %"


def delay_words(delay_ms: float | None) -> str:
    return NOTHING if delay_ms is None else f"{_number(delay_ms / 1000, 1)} s"


def length_words(seconds: float) -> str:
    """Tell a length as "3 h 5 min", below an hour as "5 min 3 s", of very many hours only these."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours >= 100:
        return _("%(hours)s h") % {"hours": count_words(seconds / 3600)}
    if hours:
        return _("%(hours)s h %(minutes)d min") % {"hours": count_words(hours), "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": whole % 60}
    return _("%(seconds)d s") % {"seconds": whole}


def _number(value: float, digits: int) -> str:
    # Django cuts off what it does not show.
    return number_format(round(value, digits), digits, use_l10n=True, force_grouping=True)
