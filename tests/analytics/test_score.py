"""nova_score v1, by its formula."""

from dataclasses import replace
from math import exp, sqrt

import pytest
from django.utils import translation

from analytics.models import PlaybackSession
from analytics.score import (
    Attempt,
    Part,
    Score,
    heaviest_part,
    mean_score,
    quality_of,
    score_of,
    smoothness_of,
    startup_of,
)
from analytics.score_words import score_sentence

GOOD = Attempt(first_frame_ms=400, lasted_ms=60_000, watch_ms=60_000, upscale_average=0.0, upscale_most=0.0)
FLAWLESS = Score(overall=100.0, success=100.0, startup=100.0, smoothness=100.0, quality=100.0)


def scored(attempt: Attempt) -> Score:
    score = score_of(attempt)
    assert score is not None
    return score


@pytest.mark.parametrize(("milliseconds", "score"), [(0, 100), (400, 95), (2000, 80), (8000, 50), (24_000, 25)])
def test_the_wait_for_the_first_picture(milliseconds: int, score: float) -> None:
    assert round(startup_of(milliseconds)) == score


@pytest.mark.parametrize(
    ("stalls", "waited_s", "watched_s", "score"),
    [(0, 0, 60, 100.0), (1, 1, 61, 87.2), (3, 4, 60, 53.4), (0, 0, 0, 100.0), (2, 5, 0, 35.4), (2, 90, 60, 35.4)],
)
def test_how_often_and_how_long_playback_waits(stalls: int, waited_s: int, watched_s: int, score: float) -> None:
    assert smoothness_of(stalls, waited_s * 1000, watched_s * 1000) == pytest.approx(score, abs=0.06)


@pytest.mark.parametrize(
    ("average", "most", "score"), [(0.0, 0.0, 100.0), (0.5, 0.5, 84.8), (0.2, 1.0, 89.98), (0.5, None, 84.8)]
)
def test_how_much_larger_a_picture_is_shown_than_it_is(average: float, most: float | None, score: float) -> None:
    assert quality_of(average, most) == pytest.approx(score, abs=0.05)


def test_sound_alone_has_no_picture_to_judge() -> None:
    assert quality_of(None, None) is None


def test_the_parts_are_put_together_by_pairs_in_which_the_more_important_weighs_more() -> None:
    attempt = replace(GOOD, first_frame_ms=2000, stall_count=1, stall_ms=1000, upscale_average=0.5, upscale_most=0.5)
    score = scored(attempt)
    smooth = (100 / sqrt(1.25) + 100 * exp(-10 / 60)) / 2
    sharp = 100 * exp(-0.33 * 0.5)
    pairs = (smooth**0.6 * 80**0.4, smooth**0.7 * sharp**0.3, 80**0.6 * sharp**0.4)
    assert score.overall == pytest.approx(sum(pairs) / 3)
    assert (score.success, score.startup) == (100.0, 80.0)
    assert score.smoothness == pytest.approx(smooth)
    assert score.quality == pytest.approx(sharp)


def test_a_session_without_a_fault_has_all_there_is() -> None:
    assert scored(replace(GOOD, first_frame_ms=0)) == FLAWLESS


def test_of_sound_alone_the_score_is_made_of_what_is_known() -> None:
    score = scored(replace(GOOD, first_frame_ms=8000, upscale_average=None, upscale_most=None))
    assert score.overall == pytest.approx(100**0.6 * 50**0.4)


def test_what_failed_in_the_middle_is_worth_nothing_but_keeps_its_parts() -> None:
    score = scored(replace(GOOD, has_failed=True))
    assert (score.overall, score.success, round(score.startup or 0)) == (0.0, 0.0, 95)


@pytest.mark.parametrize(
    ("attempt", "score"),
    [
        (Attempt(first_frame_ms=None, lasted_ms=1000), Score(overall=50.0, success=50.0)),
        (Attempt(first_frame_ms=None, lasted_ms=300, has_failed=True), Score(overall=0.0, success=0.0)),
        (Attempt(first_frame_ms=None, lasted_ms=999), None),
        (Attempt(first_frame_ms=None, lasted_ms=9000, has_failed=True, is_business=True), None),
    ],
    ids=["left before the start", "failed before the start", "left within a second", "was meant to be refused"],
)
def test_a_session_without_a_picture_has_the_score_of_its_success(attempt: Attempt, score: Score | None) -> None:
    assert score_of(attempt) == score


def test_a_session_has_a_column_for_the_score_its_version_and_its_parts() -> None:
    columns = scored(GOOD).columns()
    assert set(columns) <= {field.name for field in PlaybackSession._meta.get_fields()}
    assert (columns["score_version"], columns["score_success"], columns["score_quality"]) == (1, 100.0, 100.0)


def test_the_mean_of_scores_is_that_of_their_sums() -> None:
    mean = mean_score(
        {
            "scores": 95.0 + 60.0 + 50.0,
            "scored": 3,
            "success_scores": 250.0,
            "startup_scores": 90.0 + 80.0,
            "smoothness_scores": 100.0 + 50.0,
            "started_scored": 2,
            "quality_scores": 100.0,
            "quality_scored": 1,
        }
    )
    assert mean is not None
    assert mean.overall == pytest.approx(205 / 3)
    assert mean.success == pytest.approx(250 / 3)
    assert (mean.startup, mean.smoothness, mean.quality) == (85.0, 75.0, 100.0)


def test_there_is_no_mean_of_nothing() -> None:
    assert mean_score({"scores": 0.0, "scored": 0, "success_scores": 0.0}) is None


@pytest.mark.parametrize("part", ["success", "startup", "smoothness", "quality"])
def test_the_part_with_the_faults_is_named(part: Part) -> None:
    heaviest = heaviest_part(replace(FLAWLESS, **{part: 60.0}))
    assert heaviest is not None
    assert heaviest[0] == part


def test_of_equal_faults_the_more_important_part_weighs_more() -> None:
    heaviest = heaviest_part(Score(overall=0, success=100.0, startup=70.0, smoothness=70.0, quality=70.0))
    assert heaviest is not None
    assert heaviest[0] == "smoothness"


def test_what_nobody_would_notice_is_not_blamed() -> None:
    assert heaviest_part(replace(FLAWLESS, startup=97.0)) is None
    assert score_sentence(FLAWLESS) == "Nothing pulls it down that viewers would notice."


def test_the_sentence_says_what_it_costs_in_the_language_of_its_reader() -> None:
    slow = replace(FLAWLESS, startup=50.0)
    assert score_sentence(slow) == ("What pulls it down most: the wait for the first picture. That costs 19 points.")
    with translation.override("th"):
        assert "19" in score_sentence(slow)
        assert "picture" not in score_sentence(slow)
