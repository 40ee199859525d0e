"""How long to wait, in words."""

import math

from django.utils.translation import ngettext


def wait_sentence(seconds: int) -> str:
    """Say how long to wait, in minutes from one minute on."""
    if seconds < 60:
        return ngettext(
            "Try again in %(count)d second.",
            "Try again in %(count)d seconds.",
            seconds,
        ) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "Try again in %(count)d minute.",
        "Try again in %(count)d minutes.",
        minutes,
    ) % {"count": minutes}
