"""Whether a live encoder makes of what it is fed, in time, what it is there for."""

from dataclasses import dataclass

from streaming.media.live.supervision import Judgement, Lighten, Restart


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """Attributes:
    first_within_s: until something comes out; probing and the first frame take less than a second.
    stuck_after_s: nothing came out for so long, though it was fed.
    behind_s: how much more was fed than came out; a second is what probing costs at the start.
    behind_for_s: for so long it may be behind: a busy moment passes.
    """

    first_within_s: float = 10.0
    stuck_after_s: float = 6.0
    behind_s: float = 2.0
    behind_for_s: float = 8.0


class Health:
    """One run of an encoder. `at` is of one clock that never goes back, `media_s` counts from the run's beginning."""

    def __init__(self, policy: HealthPolicy, *, started_at: float) -> None:
        self._policy = policy
        self._started_at = started_at
        self._fed_s = self._made_s = 0.0
        self._fed_at: float | None = None
        self._made_at: float | None = None
        self._behind_since: float | None = None

    def fed(self, *, at: float, media_s: float) -> None:
        """Note how far it was fed."""
        self._fed_at = at
        self._fed_s = max(self._fed_s, media_s)

    def made(self, *, at: float, media_s: float) -> None:
        """Note how far that is made of which viewers have least: the slowest track counts."""
        if media_s > self._made_s or self._made_at is None:
            self._made_at = at
            self._made_s = max(self._made_s, media_s)

    @property
    def made_s(self) -> float:
        """How much of what it was fed has come out."""
        return self._made_s

    @property
    def behind_s(self) -> float:
        """How much of what it was fed has not come out."""
        return max(0.0, self._fed_s - self._made_s)

    def judge(self, *, at: float) -> Judgement:
        """Say what is to be done with it; nothing while it does what it should, or has nothing to do."""
        if self._is_stuck(at):
            return Restart(0.0)
        if self.behind_s <= self._policy.behind_s or self._made_at is None:
            self._behind_since = None
            return None
        if self._behind_since is None:
            self._behind_since = at
        return Lighten() if at - self._behind_since >= self._policy.behind_for_s else None

    def _is_stuck(self, at: float) -> bool:
        if self._fed_at is None:
            return False
        if self._made_at is None:
            return at - self._started_at >= self._policy.first_within_s and self._fed_s > 0
        # Not fed for a while is not stuck: it is the publisher that is silent.
        waits_s = min(at, self._fed_at) - self._made_at
        return waits_s >= self._policy.stuck_after_s and self.behind_s > 0
