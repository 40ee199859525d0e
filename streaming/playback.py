"""What a player is given to play a film: addresses, and what it can offer beside the picture."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from streaming.media.package_index import TextKind, TextTrack

FORCED = "forced"
CAPTION_KINDS = (TextKind.SUBTITLES.value, TextKind.CAPTIONS.value, FORCED)
# What is left of a film when it counts as seen: its credits, of a short one the last seconds.
_LEFT_SHARE, _LEAST_LEFT_S, _MOST_LEFT_S = 0.05, 5.0, 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackCaption:
    """A text to read, as WebVTT. `kind` is one of CAPTION_KINDS; `language` "und" where it is unknown.

    What is forced belongs to the film: players show it to those who chose no text.
    """

    language: str
    label: str
    kind: str
    is_default: bool
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackChapter:
    """Where a chapter begins, in seconds of the film; it ends where the next one begins. `title` may be ""."""

    start_s: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """One session of one viewer with one package.

    Attributes:
        expires_at: from then on, none of the addresses answers; ask for another session before.
        lasts_s: how long that was when it was opened, for players whose clocks are wrong.
        package: what is played; sessions with the same one lead to the same files.
        is_whole: false while the package grows.
        duration_s: of the whole film, also while it grows; None where nobody knows it yet.
        dash_url: None while the package grows.
        media_query: "", or what a CDN wants behind each address of media, without a question mark. The addresses here
            have it; those in playlists, manifests and the storyboard do not.
        position_s: where the viewer left off; None where there is nothing to go on with.
        beacon: where the player tells how it fares, and by which token; None where nobody listens.
    """

    session_id: UUID
    expires_at: datetime
    lasts_s: float
    package: str
    is_whole: bool
    duration_s: float | None
    hls_url: str
    dash_url: str | None
    media_query: str
    captions: tuple[PlaybackCaption, ...]
    poster_url: str | None
    storyboard_url: str | None
    chapters: tuple[PlaybackChapter, ...]
    position_s: float | None
    beacon: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """Return what the API answers, and pages embed."""
        members = asdict(self)
        session = {"session": str(members.pop("session_id"))}
        expires_at = self.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**session, **members, "expires_at": expires_at}


def is_seen(*, position_s: float, duration_s: float) -> bool:
    """Tell whether so little of a film is left that nobody wants to go on from there."""
    left_s = min(max(duration_s * _LEFT_SHARE, _LEAST_LEFT_S), _MOST_LEFT_S)
    return position_s >= duration_s - left_s


def caption_of(text: TextTrack, url: str) -> PlaybackCaption:
    return PlaybackCaption(
        language=text.language or "und",
        label=text.label,
        kind=FORCED if text.is_forced else text.kind.value,
        is_default=text.is_default,
        url=url,
    )


def chapters_of(stored: Sequence[Mapping[str, str]], *, duration_s: float | None) -> tuple[PlaybackChapter, ...]:
    """Read the chapters of a stored probe; what begins behind the end of the film is left out."""
    chapters = (PlaybackChapter(start_s=_seconds(each["start_s"]), title=each["title"]) for each in stored)
    return tuple(
        chapter for chapter in chapters if chapter.start_s >= 0 and (not duration_s or chapter.start_s < duration_s)
    )


def _seconds(fraction: str) -> float:
    return round(float(Fraction(fraction)), 3)
