"""What an encoder sends, counted message by message, and what that comes to, worked out once a second.

Counting costs a few additions for each message; everything else waits for whoever asks.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median_low
from typing import Final, NamedTuple

from streaming.media.live.flv_writer import LONGEST_GAP_MS
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import AudioTag, Part, VideoTag
from streaming.rtmp.metadata import ScriptTag, StreamMetadata

# Over how many seconds rates are averaged, asked once a second: a picture more or less is then a hundredth.
_WINDOW = 5
# Distances between key frames that are remembered: ten seconds of what is usual.
_GROUPS = 5
# Nobody asks for them more seldom than that; a source of nothing but key frames has sixty a second.
_MOST_LATENCIES = 64
# Who claims more counts something else: a thousand are the ticks of a clock.
_MOST_CLAIMED_RATE = 240

# One track is a little behind the other. More is a clock that was set back.
_LONGEST_STEP_BACK_MS = 500

# Looking a member up costs more than the comparison; this is used for each message.
_CODED_FRAMES: Final = Part.CODED_FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeFigures:
    """What the last seconds of an encoder come to; the members are those of `IngestSample`."""

    received_bytes: int
    connections: int
    video_bps: int | None
    audio_bps: int | None
    target_bps: int | None
    frame_rate: float | None
    nominal_frame_rate: float | None
    gop_s: float | None
    drift_ms: int | None
    lag_ms: int | None


class _Mark(NamedTuple):
    """Where the counts stood at a moment."""

    at_s: float
    video_bytes: int
    audio_bytes: int
    frames: int
    drift_ms: int | None


class Intake:
    """One stream, over all encoders that feed it. Moments are seconds of one clock that never goes back."""

    def __init__(self) -> None:
        self._video_bytes = self._audio_bytes = self._frames = self._connections = 0
        self._marks: deque[_Mark] = deque(maxlen=_WINDOW + 1)
        self._latencies_s: deque[float] = deque(maxlen=_MOST_LATENCIES)
        self._expect(None)

    def begin(self, asked_s: float) -> None:
        """Expect another encoder, which asked to publish at that moment: its timestamps are its own."""
        self._connections += 1
        self._expect(asked_s)

    def _expect(self, asked_s: float | None) -> None:
        self._asked_s = asked_s
        self._claims = StreamMetadata()
        self._marks.clear()
        # Of the frames that came last, of each kind and of all.
        self._video_ms: int | None = None
        self._audio_ms: int | None = None
        self._front_ms: int | None = None
        self._arrived_s = 0.0
        self._begin_clock()

    def _begin_clock(self) -> None:
        # Front and arrival when the clock of the media was looked at before.
        self._seen_ms, self._seen_s = self._front_ms, self._arrived_s
        # How late that frame came which came earliest, by a clock of its own.
        self._least_offset_ms: float | None = None
        self._key_ms: int | None = None
        self._groups_ms: deque[int] = deque(maxlen=_GROUPS)

    def take(self, message: MediaMessage, at_s: float) -> None:
        """Count a message that came at that moment."""
        header = message.header
        if type(header) is VideoTag:
            self._video_bytes += len(message.payload)
            if header.part is _CODED_FRAMES:
                self._frames += 1
                self._video_ms = self._front_ms = message.timestamp_ms
                self._arrived_s = at_s
                if header.is_key:
                    self._take_key_frame(message.timestamp_ms, at_s)
        elif type(header) is AudioTag:
            self._audio_bytes += len(message.payload)
            if header.part is _CODED_FRAMES:
                self._audio_ms = self._front_ms = message.timestamp_ms
                self._arrived_s = at_s
        elif type(header) is ScriptTag and header.metadata is not None:
            self._claims = header.metadata

    def take_latencies(self) -> list[float]:
        """Return what was measured since the last time, in seconds.

        First how long the first key frame took to come since its encoder asked; then how late each one came by the
        clock of the media.
        """
        taken = list(self._latencies_s)
        self._latencies_s.clear()
        return taken

    def figures(self, at_s: float) -> IntakeFigures:
        """Return what the last seconds come to; to be asked for once a second."""
        self._notice_set_clock()
        now = _Mark(at_s, self._video_bytes, self._audio_bytes, self._frames, self._drift_ms())
        self._marks.append(now)
        then = self._marks[0]
        span_s = now.at_s - then.at_s
        return IntakeFigures(
            received_bytes=self._video_bytes + self._audio_bytes,
            connections=self._connections,
            video_bps=_whole(_rate(8 * (now.video_bytes - then.video_bytes), span_s)),
            audio_bps=_whole(_rate(8 * (now.audio_bytes - then.audio_bytes), span_s)),
            target_bps=self._target_bps(),
            frame_rate=_rate(now.frames - then.frames, span_s),
            nominal_frame_rate=self._nominal_frame_rate(),
            gop_s=self._gop_s(),
            drift_ms=self._usual_drift_ms(),
            lag_ms=self._lag_ms(),
        )

    def _take_key_frame(self, timestamp_ms: int, at_s: float) -> None:
        self._notice_set_clock()
        lag_s = (self._lag_ms() or 0) / 1000
        self._latencies_s.append(lag_s if self._asked_s is None else max(0.0, at_s - self._asked_s))
        self._asked_s = None
        if self._key_ms is not None and timestamp_ms > self._key_ms:
            self._groups_ms.append(timestamp_ms - self._key_ms)
        self._key_ms = timestamp_ms

    def _notice_set_clock(self) -> None:
        """Begin anew where timestamps have jumped: what is measured by them would be late, or early, for ever."""
        if self._front_ms is not None and self._seen_ms is not None:
            step_ms = self._front_ms - self._seen_ms
            elapsed_ms = 1000 * (self._arrived_s - self._seen_s)
            if not -_LONGEST_STEP_BACK_MS <= step_ms <= elapsed_ms + LONGEST_GAP_MS:
                self._begin_clock()
        self._seen_ms, self._seen_s = self._front_ms, self._arrived_s

    def _lag_ms(self) -> int | None:
        if self._front_ms is None:
            return None
        offset_ms = 1000 * self._arrived_s - self._front_ms
        least_ms = self._least_offset_ms
        self._least_offset_ms = least_ms = offset_ms if least_ms is None else min(least_ms, offset_ms)
        return round(offset_ms - least_ms)

    def _drift_ms(self) -> int | None:
        if self._audio_ms is None or self._video_ms is None:
            return None
        return self._audio_ms - self._video_ms

    def _usual_drift_ms(self) -> int | None:
        """Return that in the middle: sound comes in bundles, so that at any one moment it is a little ahead or not."""
        then, now = self._marks[0], self._marks[-1]
        if now.frames == then.frames or now.audio_bytes == then.audio_bytes:
            return None
        drifts = [mark.drift_ms for mark in self._marks if mark.drift_ms is not None]
        return median_low(drifts) if drifts else None

    def _gop_s(self) -> float | None:
        """Return the longest of the last distances; one that is not at its end yet is at least as long as it is."""
        if not self._groups_ms or self._video_ms is None or self._key_ms is None:
            return None
        return max(*self._groups_ms, self._video_ms - self._key_ms) / 1000

    def _target_bps(self) -> int | None:
        video_bps = self._claims.video_bitrate_bps
        return None if video_bps is None else video_bps + (self._claims.audio_bitrate_bps or 0)

    def _nominal_frame_rate(self) -> float | None:
        claimed = self._claims.frame_rate
        return claimed if claimed is not None and 1 <= claimed <= _MOST_CLAIMED_RATE else None


def _rate(count: int, span_s: float) -> float | None:
    return round(count / span_s, 2) if count and span_s > 0 else None


def _whole(rate: float | None) -> int | None:
    return None if rate is None else round(rate)
