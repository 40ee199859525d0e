"""Which runs of the encoder a stream consists of, as it is stored beside its segments.

Media files tell when a segment is shown, but not at what time of the day it was shot, nor where a discontinuity is.
An origin that takes a stream up needs both, to list what its predecessor has made.
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from streaming.media.errors import IndexViolation
from streaming.media.live.ready import Epoch

_VERSION = 1


class Run(NamedTuple):
    """A run of the encoder: its number and times, and the number of its first segment."""

    first_msn: int
    epoch: Epoch


def format_runs(runs: Sequence[Run]) -> str:
    """Write them as JSON, the times as fractions."""
    told = [[run.first_msn, run.epoch.number, str(run.epoch.start_s), str(run.epoch.clock_s)] for run in runs]
    return json.dumps({"version": _VERSION, "runs": told})


def parse_runs(text: str) -> tuple[Run, ...]:
    """Read what `format_runs` has written. Raises IndexViolation."""
    try:
        told = json.loads(text)
        if told["version"] != _VERSION:
            raise IndexViolation(f"runs of version {told['version']}")
        return tuple(
            Run(int(msn), Epoch(number=int(number), start_s=Fraction(start_s), clock_s=Fraction(clock_s)))
            for msn, number, start_s, clock_s in told["runs"]
        )
    except (ValueError, TypeError, KeyError, ZeroDivisionError) as error:
        raise IndexViolation(f"the runs of a stream are damaged: {error}") from error
