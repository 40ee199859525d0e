"""The processes of a pool hear that their worker was asked to stop."""

import subprocess
import sys
from pathlib import Path

from portal import worker_stop

_ROOT = Path(worker_stop.__file__).parents[1]
# As a worker does it: told in the parent, after the pool was forked.
_SCRIPT = """
import os, time
from celery import signals
from portal import worker_stop

worker_stop.connect()
child = os.fork()
if not child:
    while not worker_stop.is_asked():
        time.sleep(0.01)
    os._exit(7)
assert not worker_stop.is_asked()
signals.worker_shutting_down.send(sender="worker", sig="SIGTERM", how="Warm", exitcode=0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_what_its_parent_was_told_reaches_a_process_that_was_forked_before() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], cwd=_ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "7\n"


def test_nobody_asks_what_is_no_worker_to_stop() -> None:
    assert not worker_stop.is_asked()
