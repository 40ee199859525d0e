"""The health of a stream, as tables: samples in, findings out."""

from dataclasses import replace
from typing import Any

import pytest

from streaming.ingest_samples import IngestSample
from streaming.stream_health import (
    LATELY_MS,
    FindingCode,
    Quantity,
    Severity,
    StreamFacts,
    Unit,
    Verdict,
    judge,
)
from streaming.stream_health_words import advice_on, all_advice, format_quantity

NOW_MS = 1_800_000_000_000
WELL: dict[str, Any] = {
    "received_bytes": 1,
    "is_sending": True,
    "video_bps": 4_400_000,
    "audio_bps": 160_000,
    "target_bps": 4_660_000,
    "frame_rate": 30.0,
    "nominal_frame_rate": 30.0,
    "gop_s": 2.0,
    "drift_ms": 40,
    "lag_ms": 120,
    "encoder_speed": 1.0,
    "behind_ms": 700,
    "part_age_ms": 250,
    "runs": 1,
    "connections": 1,
    "sessions": 12,
}
FACTS = StreamFacts(is_live=True, started_ms=NOW_MS - 60_000, height_px=1080)


def samples(seconds: int = 20, **changed: Any) -> list[IngestSample]:
    return [IngestSample(stream="s", at=NOW_MS - 1000 * ago, **{**WELL, **changed}) for ago in reversed(range(seconds))]


def test_a_stream_that_is_well_has_nothing_to_be_said_of() -> None:
    health = judge(samples(), FACTS, at_ms=NOW_MS)
    assert (health.verdict, health.findings) == (Verdict.GOOD, ())
    assert health.sample is not None
    assert health.sample.at == NOW_MS


@pytest.mark.parametrize(
    ("found", "facts", "at_ms"),
    [
        ([], FACTS, NOW_MS),
        (samples(), FACTS, NOW_MS + 5_001),
        (samples(), replace(FACTS, is_live=False), NOW_MS),
    ],
    ids=["no sample", "old samples", "over"],
)
def test_nothing_is_known_without_fresh_samples_of_a_live_stream(
    found: list[IngestSample], facts: StreamFacts, at_ms: int
) -> None:
    health = judge(found, facts, at_ms=at_ms)
    assert (health.verdict, health.findings, health.sample) == (Verdict.UNKNOWN, (), None)


@pytest.mark.parametrize(
    ("changed", "code", "severity"),
    [
        ({"video_bps": 3_000_000}, FindingCode.BITRATE_BELOW_ANNOUNCED, Severity.WARNING),
        ({"video_bps": 1_500_000}, FindingCode.BITRATE_BELOW_ANNOUNCED, Severity.BAD),
        ({"video_bps": 2_900_000, "target_bps": None}, FindingCode.BITRATE_LOW, Severity.WARNING),
        ({"frame_rate": 27.5}, FindingCode.FRAMES_MISSING, Severity.WARNING),
        ({"frame_rate": 22.0}, FindingCode.FRAMES_MISSING, Severity.BAD),
        ({"gop_s": 3.0}, FindingCode.KEY_FRAMES_FAR, Severity.WARNING),
        ({"gop_s": 4.2}, FindingCode.KEY_FRAMES_FAR, Severity.BAD),
        ({"drift_ms": 500}, FindingCode.SOUND_EARLY, Severity.WARNING),
        ({"drift_ms": -2_000}, FindingCode.SOUND_LATE, Severity.BAD),
        ({"lag_ms": 1_500}, FindingCode.LINE_TOO_SLOW, Severity.WARNING),
        ({"lag_ms": 5_000}, FindingCode.LINE_TOO_SLOW, Severity.BAD),
        ({"behind_ms": 2_000, "encoder_speed": 0.9}, FindingCode.ENCODER_TOO_SLOW, Severity.WARNING),
        ({"behind_ms": 4_000, "encoder_speed": 0.7}, FindingCode.ENCODER_TOO_SLOW, Severity.BAD),
        ({"part_age_ms": 1_500}, FindingCode.PARTS_LATE, Severity.WARNING),
        ({"part_age_ms": 4_000}, FindingCode.PARTS_LATE, Severity.BAD),
        ({"connections": 2, "runs": 2}, FindingCode.RECONNECTS, Severity.WARNING),
        ({"connections": 4, "runs": 4}, FindingCode.RECONNECTS, Severity.BAD),
        ({"runs": 2}, FindingCode.SEAMS, Severity.WARNING),
        ({"runs": 5}, FindingCode.SEAMS, Severity.BAD),
        ({"is_sending": False}, FindingCode.ENCODER_AWAY, Severity.BAD),
    ],
)
def test_each_fault_is_found_by_itself(changed: dict[str, Any], code: FindingCode, severity: Severity) -> None:
    health = judge(samples(**changed), FACTS, at_ms=NOW_MS)
    assert [(finding.code, finding.severity) for finding in health.findings] == [(code, severity)]
    assert health.verdict.value == severity.value


@pytest.mark.parametrize(
    "changed",
    [
        {"video_bps": 3_200_000},
        {"frame_rate": 29.97},
        {"frame_rate": 27.7},
        {"nominal_frame_rate": None, "frame_rate": 12.0},
        {"gop_s": 2.1},
        {"gop_s": None},
        {"drift_ms": -499},
        {"drift_ms": None, "audio_bps": None, "target_bps": 4_500_000},
        {"lag_ms": 1_499},
        {"behind_ms": 1_999},
        # What is passed on has no speed, and nothing to do.
        {"encoder_speed": None, "behind_ms": 9_000},
        {"part_age_ms": 1_499},
        {"part_age_ms": None},
        {"video_bps": None, "frame_rate": None, "target_bps": None},
    ],
)
def test_what_is_within_its_limits_is_no_finding(changed: dict[str, Any]) -> None:
    assert judge(samples(**changed), FACTS, at_ms=NOW_MS).findings == ()


@pytest.mark.parametrize(
    ("height_px", "needed_bps"), [(None, 0), (360, 0), (480, 600_000), (720, 1_500_000), (2160, 12_000_000)]
)
def test_what_a_picture_needs_goes_by_its_size(height_px: int | None, needed_bps: int) -> None:
    facts = replace(FACTS, height_px=height_px)
    enough = judge(samples(video_bps=needed_bps or 1, target_bps=None), facts, at_ms=NOW_MS)
    assert enough.findings == ()
    if needed_bps:
        (found,) = judge(samples(video_bps=needed_bps - 1, target_bps=None), facts, at_ms=NOW_MS).findings
        assert (found.code, found.expected) == (FindingCode.BITRATE_LOW, Quantity(needed_bps, Unit.BPS))


def test_a_moment_is_no_fault() -> None:
    found = samples()
    found[-2:] = [
        IngestSample(stream="s", at=sample.at, **{**WELL, "lag_ms": 9_000, "behind_ms": 9_000, "drift_ms": 3_000})
        for sample in found[-2:]
    ]
    assert judge(found, FACTS, at_ms=NOW_MS).findings == ()


def test_an_encoder_that_has_just_come_back_is_not_judged_by_what_was_before() -> None:
    before = samples(connections=2, runs=2, frame_rate=5.0, video_bps=100_000)[:-3]
    after = samples(connections=3, runs=3, frame_rate=5.0)[-3:]
    health = judge([*before, *after], replace(FACTS, started_ms=0), at_ms=NOW_MS)
    assert [finding.code for finding in health.findings] == [FindingCode.RECONNECTS]


def test_what_was_before_the_last_minutes_is_forgiven() -> None:
    long_ago = IngestSample(stream="s", at=NOW_MS - LATELY_MS, **{**WELL, "connections": 5, "runs": 7})
    facts = replace(FACTS, started_ms=NOW_MS - 3_600_000)
    health = judge([long_ago, *samples(connections=6, runs=9)], facts, at_ms=NOW_MS)
    told = {finding.code: finding.measured for finding in health.findings}
    assert told == {FindingCode.RECONNECTS: Quantity(1, Unit.TIMES), FindingCode.SEAMS: Quantity(1, Unit.TIMES)}


def test_notes_of_the_plan_are_findings_and_the_worst_comes_first() -> None:
    facts = replace(FACTS, notes=("rungs-left-out", "key-frames-too-rare"))
    health = judge(samples(gop_s=5.0), facts, at_ms=NOW_MS)
    # The note on key frames says no more than what was measured.
    assert [finding.code for finding in health.findings] == [FindingCode.KEY_FRAMES_FAR, "rungs-left-out"]
    assert health.verdict is Verdict.BAD
    # They are passed on again, but the note stands.
    again = judge(samples(), facts, at_ms=NOW_MS)
    assert [finding.code for finding in again.findings] == ["rungs-left-out", "key-frames-too-rare"]


def test_all_that_is_found_has_words_and_a_way_out() -> None:
    for code in FindingCode:
        words = advice_on(code)
        assert str(words.title) not in ("", code)
        assert len(str(words.advice)) > 40
    assert set(FindingCode) <= set(all_advice())
    assert str(advice_on("no-sound").advice).startswith("No sound comes")


@pytest.mark.parametrize(
    ("quantity", "written"),
    [
        (Quantity(4_500_000, Unit.BPS), "4.5 Mbit/s"),
        (Quantity(640_400, Unit.BPS), "640 kbit/s"),
        (Quantity(29.97, Unit.FRAMES_A_SECOND), "29.97 fps"),
        (Quantity(30.0, Unit.FRAMES_A_SECOND), "30 fps"),
        (Quantity(2.04, Unit.SECONDS), "2.0 s"),
        (Quantity(3, Unit.TIMES), "3 ×"),
    ],
)
def test_figures_are_written_with_their_units(quantity: Quantity, written: str) -> None:
    assert format_quantity(quantity) == written
