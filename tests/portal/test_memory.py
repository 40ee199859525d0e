"""What processes that need none of the apps hold in memory."""

import os
import subprocess
import sys

# Rows, pages, the API, and what only some of the processes need.
_OF_NO_USE = {
    "PIL",
    "boto3",
    "catalog.models",
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth.models",
    "django_redis.cache",
    "portal.models",
    "portal.tasks",
    "portal.urls",
    "rest_framework",
    "streaming.models",
}


def loaded_by(command: str, further: str = "") -> set[str]:
    code = f"import django, sys; django.setup(); import portal.management.commands.{command}{further}"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print(*sys.modules)"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.bare_settings"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return set(done.stdout.split())


def test_the_supervisor_loads_nothing_but_what_starts_and_watches() -> None:
    loaded = loaded_by("up")
    assert "portal.embedded.processes" in loaded
    assert loaded & (_OF_NO_USE | {"celery", "kombu.transport.redis", "channels"}) == set()


def test_beat_loads_no_app_and_no_task() -> None:
    loaded = loaded_by("run_beat", "; from portal.celery import app; app.finalize()")
    assert "celery.beat" in loaded
    assert loaded & (_OF_NO_USE | {"celery.bin.celery", "prompt_toolkit"}) == set()
