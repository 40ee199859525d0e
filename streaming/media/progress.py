"""What FFmpeg says while it works and when it ends, in words of ours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

_LONGEST_LINE = 400
# Of film: before that, what FFmpeg says of its speed is mostly how long it took to begin.
_WARM_UP_S = 2.0
# Speed is smoothed over about so many blocks: one slow scene is no news.
_SMOOTHED_OVER = 12
# Two hours wait for fifteen seconds, which is less than players hold in advance.
_SHORTEST_PAUSE_S, _PAUSE_SHARE = 2.0, 1 / 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is. `speed` is in seconds of film a second, None until it is known."""

    position_s: float
    speed: float | None
    frames_per_s: float
    has_ended: bool


class ProgressReader:
    """Takes the bytes of the `-progress` pipe in any slices.

    The time that FFmpeg tells is that of the output that is furthest behind, which among stills may be minutes. With
    `frame_rate`, that of the first picture that a run makes, frames are counted as well.
    """

    def __init__(self, *, frame_rate: Fraction | None = None) -> None:
        self._frame_s = float(1 / frame_rate) if frame_rate else 0.0
        self._rest = b""
        self._block: dict[str, str] = {}
        self._position_s = 0.0
        self._speed: float | None = None

    def feed(self, received: bytes) -> tuple[Progress, ...]:
        """Return one Progress for each block that is complete now."""
        *lines, rest = (self._rest + received).split(b"\n")
        self._rest = rest[-_LONGEST_LINE:]
        return tuple(progress for line in lines if (progress := self._take(line)))

    def _take(self, line: bytes) -> Progress | None:
        name, _, value = line.decode("ascii", errors="replace").partition("=")
        self._block[name[:40]] = value.strip()[:40]
        if name != "progress":
            return None
        block, self._block = self._block, {}
        # Before the first frame it says N/A, or a time long before zero.
        told_s = (_number(block.get("out_time_us")) or 0.0) / 1_000_000
        counted_s = (_number(block.get("frame")) or 0.0) * self._frame_s
        self._position_s = max(self._position_s, told_s, counted_s)
        told, frames_per_s = _number(block.get("speed", "").removesuffix("x")), _number(block.get("fps"))
        if self._position_s >= _WARM_UP_S:
            self._smooth(max(told or 0.0, (frames_per_s or 0.0) * self._frame_s))
        return Progress(
            position_s=self._position_s,
            speed=self._speed,
            frames_per_s=frames_per_s or 0.0,
            has_ended=block["progress"] == "end",
        )

    def _smooth(self, speed: float) -> None:
        if speed:
            weight = 1.0 if self._speed is None else 2 / (_SMOOTHED_OVER + 1)
            self._speed = (self._speed or 0.0) * (1 - weight) + speed * weight


def _number(value: str | None) -> float | None:
    text = (value or "").strip()
    return float(text) if re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text) else None


def time_left(progress: Progress, *, duration_s: float, more: float = 0.0) -> float | None:
    """Return how many seconds a run needs yet, and what follows it; None while that cannot be told.

    `more` is how much work follows, as a multiple of this run's.
    """
    if progress.has_ended and not more:
        return 0.0
    if not progress.speed:
        return None
    own_s = 0.0 if progress.has_ended else max(0.0, duration_s - progress.position_s)
    return (own_s + more * duration_s) / progress.speed


def pause_before_growth(made_s: float) -> float:
    """Return for how many seconds the playlists of a film that grows stay as they are, by how much of it is made.

    They are written anew as a whole. Were it done every two seconds until the end, it would take more time than the
    encoder does with a film of a day; so the pauses grow with the film.
    """
    return max(_SHORTEST_PAUSE_S, made_s * _PAUSE_SHARE)


class FailureCode(StrEnum):
    """Why a run failed, as an editor is told."""

    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    CODEC_UNKNOWN = "codec-unknown"
    ENCRYPTED = "encrypted"
    REFUSED_REFERENCE = "refused-reference"
    SOURCE_MISSING = "source-missing"
    DISK_FULL = "disk-full"
    MEMORY = "memory"
    KILLED = "killed"
    READER_GONE = "reader-gone"
    OUT_OF_ORDER = "out-of-order"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCause:
    """`is_transient`: the same run may well succeed later. `line` is what FFmpeg said, for the log."""

    code: FailureCode
    is_transient: bool
    line: str


# The first that is found decides: FFmpeg tells the cause before its consequences, and "Invalid data" stands for any.
_CAUSES = (
    (r"No space left on device|Disk quota exceeded", FailureCode.DISK_FULL, True),
    (r"Cannot allocate memory|Out of memory|malloc.*failed", FailureCode.MEMORY, True),
    (r"Broken pipe", FailureCode.READER_GONE, True),
    (r"not on whitelist", FailureCode.REFUSED_REFERENCE, False),
    (
        r"moov atom not found|EBML header parsing failed|partial file|File ended prematurely",
        FailureCode.TRUNCATED,
        False,
    ),
    (r"[Ee]ncrypted|decryption key", FailureCode.ENCRYPTED, False),
    (
        r"Decoder not found|[Dd]ecoder (.{1,80} )?not found|Could not find codec parameters",
        FailureCode.CODEC_UNKNOWN,
        False,
    ),
    (r"hardware accelerated AV1 decoding", FailureCode.CODEC_UNKNOWN, False),
    (r"No such file or directory|Input/output error|Stale file handle", FailureCode.SOURCE_MISSING, True),
    (r"non monotonically increasing dts|out of order", FailureCode.OUT_OF_ORDER, False),
    (r"Invalid data found|Decode error rate|Error while decoding|corrupt", FailureCode.DAMAGED, False),
)
# Statuses of a process that something outside ended: by the kernel for want of memory, by a restart, by hand.
_SIGNALS = frozenset({-9, -15, 137, 143, 255})


def explain_failure(exit_code: int, stderr_tail: Sequence[str]) -> FailureCause:
    """Return why a run of FFmpeg ended with another status than 0."""
    for pattern, code, is_transient in _CAUSES:
        for line in stderr_tail:
            if re.search(pattern, line):
                return FailureCause(code=code, is_transient=is_transient, line=line)
    last = stderr_tail[-1] if stderr_tail else ""
    if exit_code in _SIGNALS:
        return FailureCause(code=FailureCode.KILLED, is_transient=True, line=last)
    return FailureCause(code=FailureCode.UNKNOWN, is_transient=False, line=last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """EBU R 128 of a whole sound track; silence has none."""

    integrated_lufs: float
    range_lu: float
    peak_dbfs: float


_TRACK = re.compile(r"\[ebur128@([\w-]{1,60}) @ [^]]*\].*Summary:")
_VALUE = re.compile(r"\s*(I|LRA|Peak):\s+(-?\d+(?:\.\d+)?) (?:LUFS|LU|dBFS)")
# What the meter reports where nothing was loud enough to be measured.
_SILENCE_LUFS = -70.0


def parse_loudness(stderr_tail: Sequence[str]) -> dict[str, Loudness]:
    """Read the summaries that the meters of a run print at its end, by the name of the track."""
    values: dict[str, dict[str, float]] = {}
    track = None
    for line in stderr_tail:
        if head := _TRACK.search(line):
            track = values.setdefault(head[1], {})
        elif line.startswith("["):
            track = None
        elif track is not None and (found := _VALUE.match(line)):
            track[found[1]] = float(found[2])
    return {
        name: Loudness(integrated_lufs=found["I"], range_lu=found["LRA"], peak_dbfs=found["Peak"])
        for name, found in values.items()
        if set(found) == {"I", "LRA", "Peak"} and found["I"] > _SILENCE_LUFS
    }


def count_broken_frames(stderr_tail: Sequence[str]) -> int:
    """Return how many of the last lines tell of a frame that was repaired or left out."""
    return sum(bool(re.search(r"corrupt decoded frame|Error submitting packet", line)) for line in stderr_tail)
