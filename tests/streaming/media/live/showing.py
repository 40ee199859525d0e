"""A stream as viewers find it: a window, what is in memory and what is recorded, fed by one packager."""

from collections.abc import Sequence

from streaming.media.live.contents import LiveContents
from streaming.media.live.packager import Output
from streaming.media.live.ready import Ready
from streaming.media.live.recording import Recording
from streaming.media.live.timing import LiveTiming
from streaming.media.live.window import LiveWindow
from tests.streaming.media.live.feeding import CLOCK_S, HIGH, LOW, SOUND, begun, run_of


class Shown:
    """High, low and sound. Each run begins 20 seconds of the clock behind the one before."""

    def __init__(self, *, dvr_s: int = 3600) -> None:
        outputs: Sequence[Output] = (HIGH, LOW, SOUND)
        self.packager = begun(*outputs)
        self.window = LiveWindow(outputs, LiveTiming(), dvr_s=dvr_s)
        self.contents = LiveContents(LiveTiming())
        self.recording = Recording(outputs, LiveTiming())
        self.ready: list[Ready] = []
        self._runs = 0

    def add(self, ready: Sequence[Ready]) -> None:
        self.ready += ready
        self.window.add(ready)
        self.contents.add(ready)
        self.recording.add(ready)

    def run(self, seconds: float) -> "Shown":
        """End the run that there is, and add another of so many seconds, which goes on."""
        if self._runs:
            self.add(self.packager.end_epoch())
            self.packager.begin_epoch(wall_clock_s=CLOCK_S + 20 * self._runs)
        self._runs += 1
        self.add(run_of(self.packager, seconds))
        return self

    def end(self) -> "Shown":
        self.add(self.packager.end_epoch())
        self.window.end()
        return self
