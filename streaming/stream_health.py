"""How well a stream does, by the last samples of its origin: an explained list, not a formula.

Each finding says what was measured and what it should be; what to do about it stands in `stream_health_words`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median

from streaming.ingest_samples import IngestSample

# What is older says nothing of now.
FRESH_MS = 5_000
# Over how long rates are judged: a picture that stands still for a moment is not a fault.
STEADY_MS = 15_000
# How long a lost line, or a seam in the stream, is worth a word.
LATELY_MS = 300_000
# Rates of an encoder that has just connected are not known yet.
_LEAST_SAMPLES = 5

# What an encoder sends of what it said it would.
_ANNOUNCED_WARNING, _ANNOUNCED_BAD = 0.7, 0.4
# What a moving picture of so many lines needs at least, in H.264, in bit/s.
_NEEDED_BPS = ((2160, 12_000_000), (1440, 6_000_000), (1080, 3_000_000), (720, 1_500_000), (480, 600_000))
_FRAMES_WARNING, _FRAMES_BAD = 0.92, 0.75
# A segment is two seconds; encoders that are set to that need a frame more at times.
_GOP_EXPECTED_S, _GOP_WARNING_S, _GOP_BAD_S = 2.0, 2.1, 4.1
_DRIFT_WARNING_MS, _DRIFT_BAD_MS = 500, 2_000
_LAG_WARNING_MS, _LAG_BAD_MS = 1_500, 5_000
# Two seconds are what our own encoder may be behind before it is given less to do.
_BEHIND_WARNING_MS, _BEHIND_BAD_MS = 2_000, 4_000
# Parts come three times a second.
_PART_EXPECTED_MS, _PART_WARNING_MS, _PART_BAD_MS = 1_000, 1_500, 4_000
_RECONNECTS_BAD = 3
_SEAMS_BAD = 4


class Severity(StrEnum):
    WARNING = "warning"
    BAD = "bad"


class Verdict(StrEnum):
    """The worst of the findings; UNKNOWN where the origin says nothing."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"


class FindingCode(StrEnum):
    """What is found beside the notes of a stream, which are codes as well."""

    ENCODER_AWAY = "encoder-away"
    BITRATE_BELOW_ANNOUNCED = "bitrate-below-announced"
    BITRATE_LOW = "bitrate-low"
    FRAMES_MISSING = "frames-missing"
    KEY_FRAMES_FAR = "key-frames-far"
    SOUND_EARLY = "sound-early"
    SOUND_LATE = "sound-late"
    LINE_TOO_SLOW = "line-too-slow"
    ENCODER_TOO_SLOW = "encoder-too-slow"
    PARTS_LATE = "parts-late"
    RECONNECTS = "reconnects"
    SEAMS = "seams"


class Unit(StrEnum):
    BPS = "bit/s"
    FRAMES_A_SECOND = "frames/s"
    SECONDS = "s"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Quantity:
    value: float
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        code: a FindingCode, or a note of the stream.
        measured, expected: None of notes, which measure nothing. `expected` is the limit, not the ideal.
    """

    code: str
    severity: Severity
    measured: Quantity | None = None
    expected: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A verdict and its reasons, the worst first. `sample` is the newest; None where there is none of late."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    sample: IngestSample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """What the portal knows of a stream. `notes` are the codes of its plan and of its recording."""

    is_live: bool
    started_ms: int
    height_px: int | None = None
    notes: tuple[str, ...] = ()


def judge(samples: Sequence[IngestSample], facts: StreamFacts, *, at_ms: int) -> Health:
    """Say how a stream does at a moment, by its samples of the last minutes, the oldest first."""
    newest = samples[-1] if samples else None
    if newest is None or newest.at < at_ms - FRESH_MS or not facts.is_live:
        return Health(verdict=Verdict.UNKNOWN)
    found = [*_lately(samples, facts), *_now(samples, facts)]
    codes = {finding.code for finding in found}
    found += [Finding(code=note, severity=Severity.WARNING) for note in facts.notes if _is_news(note, codes)]
    found.sort(key=lambda finding: finding.severity is not Severity.BAD)
    return Health(verdict=_verdict(found), findings=tuple(found), sample=newest)


def _verdict(found: Sequence[Finding]) -> Verdict:
    return Verdict(found[0].severity.value) if found else Verdict.GOOD


def _is_news(note: str, codes: set[str]) -> bool:
    """Tell whether a note says what no measurement has said, which comes with figures."""
    return note != "key-frames-too-rare" or FindingCode.KEY_FRAMES_FAR not in codes


def _lately(samples: Sequence[IngestSample], facts: StreamFacts) -> Iterable[Finding]:
    """Yield what has happened in the last minutes."""
    newest = samples[-1]
    is_young = facts.started_ms > newest.at - LATELY_MS
    # The first connection and the first run are none that came again.
    connections, runs = (1, 1) if is_young else (samples[0].connections, samples[0].runs)
    reconnects = max(0, newest.connections - connections)
    seams = max(0, newest.runs - runs - reconnects)
    if reconnects:
        yield _times(FindingCode.RECONNECTS, reconnects, bad=_RECONNECTS_BAD)
    if seams:
        yield _times(FindingCode.SEAMS, seams, bad=_SEAMS_BAD)


def _times(code: FindingCode, count: int, *, bad: int) -> Finding:
    severity = Severity.BAD if count >= bad else Severity.WARNING
    return Finding(code=code, severity=severity, measured=Quantity(count, Unit.TIMES), expected=Quantity(0, Unit.TIMES))


def _now(samples: Sequence[IngestSample], facts: StreamFacts) -> Iterable[Finding]:
    newest = samples[-1]
    if not newest.is_sending:
        yield Finding(code=FindingCode.ENCODER_AWAY, severity=Severity.BAD)
        return
    steady = [
        sample
        for sample in samples
        if sample.at > newest.at - STEADY_MS and sample.is_sending and sample.connections == newest.connections
    ]
    if len(steady) < _LEAST_SAMPLES:
        return
    judges: tuple[Callable[[Sequence[IngestSample], StreamFacts], Finding | None], ...] = (
        _bitrate,
        _frames,
        _key_frames,
        _drift,
        _line,
        _encoder,
        _parts,
    )
    for judge_one in judges:
        finding = judge_one(steady, facts)
        if finding is not None:
            yield finding


def _bitrate(steady: Sequence[IngestSample], facts: StreamFacts) -> Finding | None:
    video = [sample.video_bps for sample in steady if sample.video_bps is not None]
    if not video:
        return None
    video_bps, audio = fmean(video), [sample.audio_bps or 0 for sample in steady]
    total_bps, target_bps = video_bps + fmean(audio), steady[-1].target_bps
    if target_bps is not None and total_bps < _ANNOUNCED_WARNING * target_bps:
        is_bad = total_bps < _ANNOUNCED_BAD * target_bps
        return _finding(FindingCode.BITRATE_BELOW_ANNOUNCED, is_bad, Unit.BPS, total_bps, target_bps)
    needed_bps = next((bps for lines, bps in _NEEDED_BPS if (facts.height_px or 0) >= lines), 0)
    if video_bps < needed_bps:
        return _finding(FindingCode.BITRATE_LOW, False, Unit.BPS, video_bps, needed_bps)
    return None


def _frames(steady: Sequence[IngestSample], facts: StreamFacts) -> Finding | None:
    nominal = steady[-1].nominal_frame_rate
    rates = [sample.frame_rate for sample in steady if sample.frame_rate is not None]
    if nominal is None or not rates or fmean(rates) >= _FRAMES_WARNING * nominal:
        return None
    is_bad = fmean(rates) < _FRAMES_BAD * nominal
    return _finding(FindingCode.FRAMES_MISSING, is_bad, Unit.FRAMES_A_SECOND, fmean(rates), nominal)


def _key_frames(steady: Sequence[IngestSample], facts: StreamFacts) -> Finding | None:
    gop_s = steady[-1].gop_s
    if gop_s is None or gop_s <= _GOP_WARNING_S:
        return None
    return _finding(FindingCode.KEY_FRAMES_FAR, gop_s > _GOP_BAD_S, Unit.SECONDS, gop_s, _GOP_EXPECTED_S)


def _drift(steady: Sequence[IngestSample], facts: StreamFacts) -> Finding | None:
    drifts = [sample.drift_ms for sample in steady if sample.drift_ms is not None]
    if not drifts or abs(median(drifts)) < _DRIFT_WARNING_MS:
        return None
    drift_ms = median(drifts)
    code = FindingCode.SOUND_EARLY if drift_ms > 0 else FindingCode.SOUND_LATE
    return _late(code, abs(drift_ms), _DRIFT_WARNING_MS, _DRIFT_BAD_MS)


def _line(steady: Sequence[IngestSample], facts: StreamFacts) -> Finding | None:
    # The least of the last seconds: what comes in bundles is late only now and then.
    lags = [sample.lag_ms for sample in steady[-_LEAST_SAMPLES:] if sample.lag_ms is not None]
    return _late(FindingCode.LINE_TOO_SLOW, min(lags, default=0), _LAG_WARNING_MS, _LAG_BAD_MS)


def _encoder(steady: Sequence[IngestSample], facts: StreamFacts) -> Finding | None:
    if steady[-1].encoder_speed is None:
        # It passes on what comes, or has only just begun.
        return None
    behind = [sample.behind_ms or 0 for sample in steady[-_LEAST_SAMPLES:]]
    return _late(FindingCode.ENCODER_TOO_SLOW, min(behind), _BEHIND_WARNING_MS, _BEHIND_BAD_MS)


def _parts(steady: Sequence[IngestSample], facts: StreamFacts) -> Finding | None:
    age_ms = steady[-1].part_age_ms or 0
    if age_ms < _PART_WARNING_MS:
        return None
    return _finding(
        FindingCode.PARTS_LATE, age_ms >= _PART_BAD_MS, Unit.SECONDS, age_ms / 1000, _PART_EXPECTED_MS / 1000
    )


def _late(code: FindingCode, measured_ms: float, warning_ms: int, bad_ms: int) -> Finding | None:
    if measured_ms < warning_ms:
        return None
    return _finding(code, measured_ms >= bad_ms, Unit.SECONDS, measured_ms / 1000, warning_ms / 1000)


def _finding(code: FindingCode, is_bad: bool, unit: Unit, measured: float, expected: float) -> Finding:
    return Finding(
        code=code,
        severity=Severity.BAD if is_bad else Severity.WARNING,
        measured=Quantity(measured, unit),
        expected=Quantity(expected, unit),
    )
