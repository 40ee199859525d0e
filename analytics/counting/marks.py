"""What a session is known to have been doing, moment by moment."""

from dataclasses import dataclass

from analytics.records import INTERVAL_S, SILENT_INTERVALS, PlayerEvent

_OVER = frozenset("ef")


@dataclass(slots=True, eq=False)
class Mark:
    """An event at its place among the others, and what holds from there on by them all.

    Attributes:
        interval: how often the player was told to tell from there on, in seconds.
        state: of CMCD; `since` when it began.
        kbps, quality, latency: as last told; None while not told.
    """

    at: int
    told: PlayerEvent
    interval: int = INTERVAL_S
    state: str = "s"
    since: int = 0
    kbps: int | None = None
    quality: str | None = None
    latency: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.at, self.told.sn

    @property
    def silence(self) -> int:
        """Return how long nothing need be heard after it of a player that is there, in milliseconds."""
        return int(self.interval * SILENT_INTERVALS * 1000)

    def follow(self, before: "Mark | None") -> None:
        """Take from the mark before this one what this event does not tell."""
        told = self.told
        self.state, self.since = told.sta or "s", self.at
        self.kbps, self.quality, self.latency = told.br, told.q, told.ltc
        if before is None:
            return
        # A player that is closed after the end, or after it failed, has ended like that.
        if told.sta in {None, before.state} or (told.sta == "q" and before.state in _OVER):
            self.state, self.since = before.state, before.since
        self.kbps = before.kbps if told.br is None else told.br
        self.quality = before.quality if told.q is None else told.q
        self.latency = before.latency if told.ltc is None else told.ltc
