"""A real Celery worker that packages films, and ways to kill it and what belongs to it."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from django.conf import settings

from tests.portal.processes import Process
from tests.streaming.database import database_name


class Worker(Process):
    """A worker of the tests' database, with one child that carries jobs out. Its films are in `data_dir`/media."""

    def __init__(self, data_dir: Path, variables: Mapping[str, str]) -> None:
        super().__init__(
            (
                *(sys.executable, "-m", "celery", "-A", "portal", "-q", "worker", "--concurrency", "1"),
                *("-Q", "packaging", "-n", f"packager-{os.getpid()}@%h", "--without-gossip", "--without-mingle"),
            ),
            {
                "DATABASE_URL": settings.NOVA_DATABASE_URL.replace("/nova?", f"/{database_name()}?"),
                "NOVA_DATA_DIR": str(data_dir),
                "NOVA_LOG_FORMAT": "json",
                "NOVA_LOG_LEVEL": "INFO",
                **variables,
            },
        )

    def is_ready(self) -> bool:
        return any("ready" in str(line.get("event")) for line in self.events())

    def kill(self) -> None:
        """End all of it at once, as when the power of its machine goes; what it started has sessions of its own."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self.stop()

    def kill_child(self) -> None:
        """End the process that carries jobs out; the worker starts another."""
        for child in psutil.Process(self._process.pid).children():
            child.kill()


class Workers:
    """One worker after the other."""

    def __init__(self, data_dir: Path, variables: Mapping[str, str]) -> None:
        self._data_dir, self._variables = data_dir, variables
        self._worker = Worker(data_dir, variables)

    def wait_for(self, condition: Callable[[], object]) -> None:
        self._worker.wait_for(condition, timeout_s=60)

    def kill_worker(self) -> None:
        self._worker.kill()
        self._worker = Worker(self._data_dir, self._variables)

    def restart(self) -> int:
        """Stop the worker as an operator does, who kills it after 15 s, and start another; return its exit status."""
        self._worker.stop()
        status = self._worker.status
        self._worker = Worker(self._data_dir, self._variables)
        return status

    def kill_child(self) -> None:
        self._worker.wait_for(self._worker.is_ready)
        self._worker.kill_child()

    def kill_encoder(self) -> None:
        for encoder in self.encoders():
            with suppress(psutil.NoSuchProcess):
                encoder.kill()

    def encoders(self) -> list[psutil.Process]:
        """Return whatever runs and reads a film of theirs."""
        word = f"file:{self._data_dir}/"
        running = psutil.process_iter(["cmdline"])
        return [process for process in running if any(word in part for part in process.info["cmdline"] or ())]

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            self._worker.kill()


@contextmanager
def packaging_workers(data_dir: Path, **variables: str) -> Iterator[Workers]:
    workers = Workers(data_dir, variables)
    try:
        yield workers
    finally:
        workers.stop()
