"""The scripts run as people run them, on a small project of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"


def copy_of(name: str, folder: Path) -> Path:
    """Copy a script into a project's `scripts/`, where it takes that project for its own."""
    target = folder / "scripts" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(SCRIPTS / name, target)
    return target


def run(
    script: Path, *arguments: str, python: str = sys.executable, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, str(script), *arguments],
        cwd=script.parents[1],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def make_program(path: Path, body: str) -> None:
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
