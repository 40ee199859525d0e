"""Gives an order to a program of ours that takes it as JSON, and answers as JSON."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.e2e.running import ROOT


def carry_out(module: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Run the module with an order, in a process of its own, and return what it answers."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(order),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
