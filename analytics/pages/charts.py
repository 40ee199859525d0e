"""Which charts a page has. What each draws, static/src/js/figures/kinds.js knows by its name."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from streaming.stream_health_words import all_advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart, and the anchor of what its numbers mean; `empty` is said where there is nothing to draw."""

    kind: str
    title: str | Promise
    anchor: str
    empty: str | Promise
    is_large: bool = False


_NOTHING_TOLD = gettext_lazy("Nothing was told in this time.")
_VIEWERS_NOW = Chart(
    kind="viewers",
    title=gettext_lazy("Viewers"),
    anchor="viewers",
    empty=gettext_lazy("Nobody is watching right now."),
    is_large=True,
)
_VIEWERS = Chart(
    kind="viewers",
    title=gettext_lazy("Viewers"),
    anchor="viewers",
    empty=gettext_lazy("Nobody watched in this time."),
    is_large=True,
)
_OUT = Chart(kind="egress", title=gettext_lazy("Bit rate out"), anchor="egress", empty=_NOTHING_TOLD)
_IN = Chart(kind="ingress", title=gettext_lazy("Bit rate in"), anchor="ingress", empty=_NOTHING_TOLD)
_QUALITIES = Chart(kind="qualities", title=gettext_lazy("Quality mix"), anchor="qualities", empty=_NOTHING_TOLD)
_REBUFFERING = Chart(
    kind="rebuffering",
    title=gettext_lazy("Rebuffering"),
    anchor="rebuffering",
    empty=gettext_lazy("Nobody had to wait."),
)
_ERRORS = Chart(
    kind="errors", title=gettext_lazy("Errors"), anchor="errors", empty=gettext_lazy("No player told of an error.")
)
_LATENCY = Chart(kind="latency", title=gettext_lazy("Latency"), anchor="latency", empty=_NOTHING_TOLD)

_OTHERS = (_OUT, _IN, _QUALITIES, _REBUFFERING, _ERRORS, _LATENCY)
LIVE_CHARTS = (_VIEWERS_NOW, *_OTHERS)
RANGE_CHARTS = (_VIEWERS, *_OTHERS)
STUDIO_CHARTS = (_VIEWERS_NOW, _IN, _QUALITIES, _REBUFFERING, _LATENCY)


def finding_words() -> dict[str, dict[str, str]]:
    """Return what the scripts say of the health of streams, by the code of each finding."""
    return {str(code): {"title": str(words.title), "advice": str(words.advice)} for code, words in all_advice().items()}


def figure_words() -> dict[str, str]:
    """Return what the scripts say of figures."""
    return {
        "viewers": _("Viewers"),
        "sessions": _("Sessions"),
        "average": _("Average"),
        "peak": _("Peak"),
        "sent": _("To players"),
        "received": _("Encoder"),
        "shown": _("Shown"),
        "rebuffering": _("Sessions that wait"),
        "errors": _("Errors"),
        "latency": _("Behind the encoder"),
        "views": _("Views"),
        "hours": _("Hours watched"),
        "time": _("Time"),
        "day": _("Day"),
        "place": _("Place in the film"),
        "nothing": str(_NOTHING_TOLD),
        "late": _("Figures are {seconds} s late"),
        "isLate": _("The figures are late."),
        "reconnecting": _("Connection lost. Trying again…"),
        "offline": _("This device has no network."),
        "gone": _("These figures are not open to you any more."),
        "unknown": _("Nothing is being counted at the moment."),
        "notRefreshed": _("These figures could not be brought up to date. They are from {time}."),
        "provisional": _("provisional"),
        "summary": _("{title}: now {now}, at most {most}."),
    }
