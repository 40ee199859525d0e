"""How long films are, and how long something still takes, in words."""

import math
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_MINUTE_S, _HOUR_MIN = 60, 60
# What changes with each second is read by nobody.
_STEP_S = 5
# Scripts fill the same patterns in.
LEFT: Mapping[str, str | Promise] = {
    "seconds": gettext_lazy("{seconds} s"),
    "minutes": gettext_lazy("{minutes} min"),
    "hours": gettext_lazy("{hours} h {minutes} min"),
}


def format_length(seconds: float | None) -> str:
    """Return "1:34:12" or "0:20", to the nearest second; "" for an unknown length."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    hours, minutes = divmod(minutes, _HOUR_MIN)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_time_left(seconds: float) -> str:
    """Return "35 s", "3 min" or "2 h 2 min", and never less than it takes."""
    near = max(1, math.ceil(seconds / _STEP_S)) * _STEP_S
    if near < _MINUTE_S:
        return str(LEFT["seconds"]).format(seconds=near)
    hours, minutes = divmod(math.ceil(seconds / _MINUTE_S), _HOUR_MIN)
    return str(LEFT["hours" if hours else "minutes"]).format(hours=hours, minutes=minutes)
