"""Bring a fresh clone to the point where `manage.py` runs: environment, packages, front end, translations.

    python3 scripts/bootstrap.py local|dev

Does only what is missing or has changed, so the second call takes a moment. Uses the standard library alone, since
nothing is installed yet when it starts.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

_OLDEST_PYTHON = (3, 11)
_ROOT = Path(__file__).resolve().parent.parent
_VENV = _ROOT / ".venv"
_PYTHON = _VENV / "bin" / "python"
# Each list holds the one before it, with the same pins.
_LISTS = {"local": ("local",), "dev": ("local", "dev")}


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0] not in _LISTS:
        _give_up("usage: bootstrap.py local|dev")
    if sys.version_info < _OLDEST_PYTHON:
        _give_up(
            f"Nova needs Python 3.11 or later; this is {sys.version.split()[0]}. "
            "Name another one: make PYTHON=python3.11 …"
        )
    os.chdir(_ROOT)
    _ensure_environment()
    _ensure_packages(arguments[0])
    _run([str(_PYTHON), "scripts/frontend.py"], "The front end cannot be built.")
    _run([str(_PYTHON), "scripts/messages.py", "compile"], "The translations cannot be compiled.")


def _ensure_environment() -> None:
    if _PYTHON.exists():
        return
    _say("Making .venv")
    _run(
        [sys.executable, "-m", "venv", "--clear", str(_VENV)],
        "No virtual environment can be made; on Debian: apt-get install python3-venv",
    )


def _ensure_packages(kind: str) -> None:
    if all(_is_installed(name) for name in _LISTS[kind]):
        return
    _say("Installing the pinned packages; this takes a minute or two, once")
    start = time.monotonic()
    _run(
        [
            str(_PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            f"requirements/{kind}.txt",
        ],
        "The packages cannot be installed; pip says why above.",
    )
    for name in _LISTS[kind]:
        _stamp(name).write_text(_digest(name))
    _say(f"Installed in {time.monotonic() - start:.0f} s")


def _is_installed(name: str) -> bool:
    return _stamp(name).exists() and _stamp(name).read_text() == _digest(name)


def _stamp(name: str) -> Path:
    return _VENV / f".installed-{name}"


def _digest(name: str) -> str:
    return hashlib.sha256((_ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()


def _run(argv: list[str], on_failure: str) -> None:
    if subprocess.run(argv, check=False).returncode:
        _give_up(on_failure)


def _say(text: str) -> None:
    print(f"nova: {text}", flush=True)


def _give_up(reason: str) -> NoReturn:
    print(f"nova: {reason}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
