"""The deployment's files, read once."""

import re
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

ROOT: Path = settings.BASE_DIR
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "origin", "audience", "migrate")


def example_settings() -> dict[str, str]:
    """Return what deploy/example.env sets."""
    lines = (ROOT / "deploy" / "example.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def offered_settings() -> set[str]:
    """Return the names in deploy/example.env, those behind a # included."""
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / "deploy" / "example.env").read_text(), re.MULTILINE))


def compose_variables() -> set[str]:
    """Return the names that docker-compose.yml, and what is put on top of it, take from the environment."""
    files = (ROOT / "docker-compose.yml", *(ROOT / "deploy").glob("compose-*.yml"))
    return {name for file in files for name in re.findall(r"\$\{([A-Z_]+)", file.read_text())}


def documented_settings() -> set[str]:
    """Return the names of the rows in docs/reference/settings.md."""
    text = (ROOT / "docs" / "reference" / "settings.md").read_text()
    return set(re.findall(r"^\| `([A-Z][A-Z_]+)`", text, re.MULTILINE))
