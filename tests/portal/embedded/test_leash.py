"""The leash, as a child between a parent that may die and a program that must not stay behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from portal.embedded import leash as leash_module
from portal.embedded.leash import leashed

LEASH = Path(leash_module.__file__)
PYTHON = (sys.executable, "-S", "-E")
NOBODY = 65534
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child may stay behind")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")


def leash(identity: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(leashed(*argv, identity=identity), capture_output=True, text=True, check=False, timeout=20)


def until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_the_program_takes_the_place_of_the_leash_with_its_arguments() -> None:
    done = leash("-", "/bin/sh", "-c", 'echo "$0 $1" $$; exit 7', "one two", "three")
    assert done.stdout.startswith("one two three ")
    assert done.returncode == 7


def test_the_program_keeps_the_identity_of_who_started_it() -> None:
    assert leash("-", "/usr/bin/id", "-u").stdout.strip() == str(os.geteuid())


@as_root
def test_another_identity_has_no_group_of_root_left() -> None:
    assert leash(f"{NOBODY}:{NOBODY}", "/usr/bin/id", "-u").stdout.strip() == str(NOBODY)
    assert leash(f"{NOBODY}:{NOBODY}", "/usr/bin/id", "-G").stdout.split() == [str(NOBODY)]


@as_root
def test_another_identity_cannot_be_taken_back() -> None:
    regain = "import os\nfor become in (os.setuid, os.seteuid, os.setgid, os.setegid):\n    become(0)"
    for call in ("os.setuid(0)", "os.seteuid(0)", "os.setgid(0)", "os.setgroups([0])", regain):
        done = leash(f"{NOBODY}:{NOBODY}", "/usr/bin/python3", "-S", "-c", f"import os; {call}")
        assert "PermissionError" in done.stderr, call


@as_root
def test_nobody_cannot_choose_another_identity() -> None:
    again = (str(os.getpid()), str(int(signal.SIGTERM)), f"{NOBODY - 1}:0", "/bin/true")
    done = leash(f"{NOBODY}:{NOBODY}", "/usr/bin/python3", "-S", "-E", "-c", LEASH.read_text(), *again)
    assert "PermissionError" in done.stderr


def test_a_program_that_is_not_there_is_reported() -> None:
    done = leash("-", "/nowhere/at/all")
    assert done.returncode != 0
    assert "FileNotFoundError" in done.stderr


@on_linux
@pytest.mark.parametrize(
    ("last_signal", "identity", "program"),
    [
        (signal.SIGTERM, "-", "echo $$; exec sleep 60"),
        pytest.param(signal.SIGTERM, f"{NOBODY}:{NOBODY}", "echo $$; exec sleep 60", marks=as_root),
        (signal.SIGKILL, "-", "trap '' TERM; echo $$; exec sleep 60"),
    ],
)
def test_the_program_ends_when_its_parent_is_killed(last_signal: int, identity: str, program: str) -> None:
    code = (
        f"import subprocess, sys, time; sys.path.append({str(LEASH.parent)!r})\n"
        "from leash import leashed\n"
        f"held = {{'last_signal': {int(last_signal)}, 'identity': {identity!r}}}\n"
        f"child = subprocess.Popen(leashed('/bin/sh', '-c', {program!r}, **held))\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen([*PYTHON, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    try:
        child = int(parent.stdout.readline())
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
    assert until_gone(child)


@on_linux
def test_nothing_is_started_when_the_parent_died_before_the_leash_was_there(tmp_path: Path) -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    held = [str(gone.pid), str(int(signal.SIGTERM)), "-"]

    done = subprocess.run(
        [*PYTHON, str(LEASH), *held, "/usr/bin/touch", str(tmp_path / "started")],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )

    assert (done.returncode, done.stderr) == (1, "The parent process is gone.\n")
    assert not (tmp_path / "started").exists()


@on_linux
def test_nothing_is_started_when_the_parent_dies_while_the_leash_is_put_on(tmp_path: Path) -> None:
    looked, started = tmp_path / "looked", tmp_path / "started"
    # What the leash loads between its two looks at its parent, made slow: it waits until the parent is gone.
    (tmp_path / "ctypes.py").write_text(SLOW_CTYPES.format(looked=str(looked)))
    code = (
        "import os, pathlib, subprocess, time\n"
        f"environment = os.environ | {{'PYTHONPATH': {str(tmp_path)!r}}}\n"
        f"held = [str(os.getpid()), '{int(signal.SIGTERM)}', '-']\n"
        f"argv = [{sys.executable!r}, '-S', {str(LEASH)!r}, *held, '/usr/bin/touch', {str(started)!r}]\n"
        "silent = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}\n"
        "print(subprocess.Popen(argv, env=environment, **silent).pid, flush=True)\n"
        f"while not pathlib.Path({str(looked)!r}).exists(): time.sleep(0.01)\n"
        "os._exit(0)"
    )
    parent = subprocess.run([*PYTHON, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    assert until_gone(int(parent.stdout))
    assert not started.exists()


SLOW_CTYPES = """
import os, time

class CDLL:
    def __init__(self, name):
        self.parent = os.getppid()
        open({looked!r}, "w").close()

    def prctl(self, option, value):
        while os.getppid() == self.parent:
            time.sleep(0.01)
"""
