"""When a live encoder is started again, made lighter, or given up: pure, so that the policy can be read and tested."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class GiveUpCause(StrEnum):
    """Why no further start is tried."""

    KEEPS_FAILING = "encoder-keeps-failing"
    FORMAT_KEEPS_CHANGING = "format-keeps-changing"


@dataclass(frozen=True, slots=True)
class Restart:
    """Start the encoder again, after so long."""

    after_s: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End the stream: the encoder will not make anything of it."""

    cause: GiveUpCause


@dataclass(frozen=True, slots=True)
class Lighten:
    """Start it again with less to do: the machine does not keep up."""


Decision: TypeAlias = Restart | GiveUp
Judgement: TypeAlias = Restart | Lighten | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """Viewers wait: the first start comes at once, and more of them later and later.

    Attributes:
        delays_s: before each start in a row.
        healthy_after_s: a run of that length makes good what failed before it.
        budget: how many failures there may be within `window_s`, healthy runs between them or not.
    """

    delays_s: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0)
    healthy_after_s: float = 20.0
    budget: int = 12
    window_s: float = 600.0


class Supervisor:
    """Remembers how the runs of one stream ended. Times are those of one clock that never goes back."""

    def __init__(self, policy: RestartPolicy, cause: GiveUpCause = GiveUpCause.KEEPS_FAILING) -> None:
        """`cause` is why it is given up one day."""
        self._policy, self._cause = policy, cause
        self._in_a_row = 0
        self._failed_at: deque[float] = deque(maxlen=policy.budget + 1)

    def ended(self, *, at: float, uptime: float) -> Decision:
        """Say what follows a run that ended by itself, after `uptime` seconds."""
        policy = self._policy
        self._in_a_row = 1 if uptime >= policy.healthy_after_s else self._in_a_row + 1
        self._failed_at.append(at)
        recent = sum(at - failed_at <= policy.window_s for failed_at in self._failed_at)
        if self._in_a_row > len(policy.delays_s) or recent > policy.budget:
            return GiveUp(self._cause)
        return Restart(policy.delays_s[self._in_a_row - 1])
