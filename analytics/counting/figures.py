"""The figures of one second of one subject."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The subject that stands for everything that is watched.
PORTAL = "portal"
# Players say how a quality is called. More than any ladder has rungs; of more of them the rarest are left out.
MOST_QUALITIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One second of a subject, as it is at its end; members are those of a MetricSecond.

    Attributes:
        second: since 1970.
        joins, leaves: viewers who are there at its end and were not at that of the second before, and the other way.
        qualities: how many sessions show which, of those that most do.
    """

    subject: str
    second: int
    viewers: int = 0
    sessions: int = 0
    joins: int = 0
    leaves: int = 0
    rebuffering: int = 0
    errors: int = 0
    ingress_bps: int | None = None
    egress_bps: int = 0
    shown_bps: int | None = None
    latency_ms: int | None = None
    qualities: Mapping[str, int] = field(default_factory=dict)
    is_sealed: bool = False
