"""An FFmpeg that stumbles: the real one, but for one of its runs."""

import stat
from pathlib import Path

from tests.streaming.media.sources import FFMPEG

_SCRIPT = """#!/bin/sh
# Asked by whatever starts with the settings; no run.
[ "$1" = -version ] && exec "{ffmpeg}" "$@"
REAL="{ffmpeg}"
echo x >> "{notes}"
if [ "$(wc -l < "{notes}")" -eq {at} ]; then {mishap}; fi
exec "$REAL" "$@"
"""


class StumblingFFmpeg:
    """A program that does what `mishap`, a line of shell, says in its run number `at`, and else what FFmpeg does.

    The mishap knows FFmpeg as `$REAL`.
    """

    def __init__(self, folder: Path, *, at: int, mishap: str = "kill -9 $$") -> None:
        self._notes = folder / "runs"
        self.path = folder / "ffmpeg"
        self.path.write_text(_SCRIPT.format(notes=self._notes, at=at, mishap=mishap, ffmpeg=FFMPEG))
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)

    @property
    def runs(self) -> int:
        """How often it was started."""
        return self._notes.read_text().count("x") if self._notes.exists() else 0
