"""What a player is given to play a stream."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlayback:
    """One session of one viewer with one stream.

    Attributes:
        expires_at: from then on, none of the addresses answers; ask for another session before.
        lasts_s: how long that was when it was opened, for players whose clocks are wrong.
        package: what is played; sessions with the same one lead to the same files.
        stream: its id.
        phase: where it stands: "starting", "live" or "reconnecting".
        dvr_s: how far the viewer can go back, in seconds.
        target_latency_s: how far behind the encoder a player on a good connection should be.
        media_query: "", or what a CDN wants behind each address of media, without a question mark. The addresses here
            have it; those in playlists and manifests do not.
        beacon: where the player tells how it fares, and by which token; None where nobody listens.
    """

    session_id: UUID
    expires_at: datetime
    lasts_s: float
    package: str
    stream: UUID
    channel: str
    state: str
    phase: str
    hls_url: str
    dash_url: str
    media_query: str
    dvr_s: int
    target_latency_s: float
    beacon: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """Return what the API answers, and pages embed: the members of a film's, and those of a stream."""
        members = asdict(self)
        session = {"session": str(members.pop("session_id")), "is_live": True}
        expires_at = self.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        written = {"expires_at": expires_at, "stream": str(self.stream)}
        return {**session, **members, **written, **_NOTHING_OF_FILMS}


# Players read one form of answer; of these a stream has nothing.
_NOTHING_OF_FILMS: dict[str, Any] = {
    "is_whole": False,
    "duration_s": None,
    "captions": [],
    "poster_url": None,
    "storyboard_url": None,
    "chapters": [],
    "position_s": None,
}
