"""nova_score v1: how good one session was for its viewer, from 0 to 100, and what that is made of.

Success, startup and smoothness, and what quality is taken from, are as Mux publishes them. How they are put together it
does not publish: `_together` is ours, a geometric mean of each two in which the more important weighs more. A figure
means something beside its version only: whoever changes a line of this raises it, and has the days counted anew.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

SCORE_VERSION: Final = 1

Part = Literal["success", "startup", "smoothness", "quality"]

# Who leaves before a frame within this time has told nothing: a wrong click, a page that was closed.
_NO_ATTEMPT_MS = 1000
# After so many seconds half of it is lost.
_STARTUP_HALF_S = 8
_LOST_BY_EXIT = 50.0
# What more the mean must be without a fault for the fault to be worth a sentence.
_NOTICEABLE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is known of one session, in the members of a PlaybackSession.

    Attributes:
        first_frame_ms: None if no frame was shown.
        lasted_ms: from its beginning to its end.
        has_failed: by an error that ended it. What was meant to be refused (`is_business`) is neither failure nor
            attempt.
        upscale_average, upscale_most: 0.5 where the picture is shown half as large again as it is; None if nobody told.
    """

    first_frame_ms: int | None
    lasted_ms: int
    has_failed: bool = False
    is_business: bool = False
    watch_ms: int = 0
    stall_count: int = 0
    stall_ms: int = 0
    upscale_average: float | None = None
    upscale_most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score and its parts; None are those that nothing is known of."""

    overall: float
    success: float
    startup: float | None = None
    smoothness: float | None = None
    quality: float | None = None

    def columns(self) -> Mapping[str, float | int | None]:
        """Return the members of the PlaybackSession that has this score."""
        return {
            "score": self.overall,
            "score_version": SCORE_VERSION,
            "score_success": self.success,
            "score_startup": self.startup,
            "score_smoothness": self.smoothness,
            "score_quality": self.quality,
        }


def score_of(attempt: Attempt) -> Score | None:
    """Score one session that is over; None for what says nothing of the portal."""
    if attempt.is_business:
        return None
    if attempt.first_frame_ms is None and not attempt.has_failed:
        is_attempt = attempt.lasted_ms >= _NO_ATTEMPT_MS
        return Score(overall=_LOST_BY_EXIT, success=_LOST_BY_EXIT) if is_attempt else None
    success = 0.0 if attempt.has_failed else 100.0
    if attempt.first_frame_ms is None:
        return Score(overall=success, success=success)
    score = Score(
        overall=0.0,
        success=success,
        startup=startup_of(attempt.first_frame_ms),
        smoothness=smoothness_of(attempt.stall_count, attempt.stall_ms, attempt.watch_ms),
        quality=quality_of(attempt.upscale_average, attempt.upscale_most),
    )
    return replace(score, overall=_together(score))


def startup_of(first_frame_ms: int) -> float:
    return 100 * _STARTUP_HALF_S / (_STARTUP_HALF_S + first_frame_ms / 1000)


def smoothness_of(stall_count: int, stall_ms: int, watch_ms: int) -> float:
    """Return the mean of how often and how long a viewer waited; of what was watched, waiting is a part."""
    ratio = min(stall_ms / watch_ms, 1.0) if watch_ms else float(stall_ms > 0)
    often, long = 100 / math.sqrt(1 + (stall_count / 2) ** 2), 100 * math.exp(-10 * ratio)
    return (often + long) / 2


def quality_of(upscale_average: float | None, upscale_most: float | None) -> float | None:
    if upscale_average is None:
        return None
    most = upscale_average if upscale_most is None else upscale_most
    return 100 * math.exp(-0.33 * (0.15 * most + 0.85 * upscale_average))


def mean_score(sums: Mapping[str, float]) -> Score | None:
    """Return the mean of scores that were added up in the columns of a MetricDay; None if there were none."""
    if not sums["scored"]:
        return None

    def mean(of: str, over: str) -> float | None:
        return sums[of] / sums[over] if sums[over] else None

    return Score(
        overall=sums["scores"] / sums["scored"],
        success=sums["success_scores"] / sums["scored"],
        startup=mean("startup_scores", "started_scored"),
        smoothness=mean("smoothness_scores", "started_scored"),
        quality=mean("quality_scores", "quality_scored"),
    )


def heaviest_part(score: Score) -> tuple[Part, float] | None:
    """Return which part pulls a score down most, and by how much; None if none does so that anybody would notice.

    It is the part without whose faults the score would be the highest.
    """
    mended: Mapping[Part, Score] = {
        "success": replace(score, success=100.0),
        "startup": replace(score, startup=100.0) if score.startup is not None else score,
        "smoothness": replace(score, smoothness=100.0) if score.smoothness is not None else score,
        "quality": replace(score, quality=100.0) if score.quality is not None else score,
    }
    costs = {part: _together(better) - _together(score) for part, better in mended.items()}
    part, points = max(costs.items(), key=lambda cost: cost[1])
    return (part, points) if points >= _NOTICEABLE else None


def _together(score: Score) -> float:
    """Return the mean over the pairs of what is known, times the success."""
    pairs = [
        more**weight * less ** (1 - weight)
        for more, less, weight in (
            (score.smoothness, score.startup, 0.60),
            (score.smoothness, score.quality, 0.70),
            (score.startup, score.quality, 0.60),
        )
        if more is not None and less is not None
    ]
    return score.success * (sum(pairs) / len(pairs) / 100 if pairs else 1.0)
