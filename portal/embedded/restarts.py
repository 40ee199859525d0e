"""When a child that died is started again: pure, so that the policy can be read and tested by itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """Wait longer after each death in a row; a child that stayed up long enough starts with a clean slate."""

    delays_s: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
    healthy_after_s: float = 20.0

    def next_delay(self, *, deaths_in_a_row: int) -> float | None:
        """Return how long to wait before the next start; None to give up."""
        if deaths_in_a_row > len(self.delays_s):
            return None
        return self.delays_s[deaths_in_a_row - 1]

    def deaths_after(self, *, deaths_in_a_row: int, uptime_s: float) -> int:
        """Count a death that came after `uptime_s` of running."""
        return 1 if uptime_s >= self.healthy_after_s else deaths_in_a_row + 1
