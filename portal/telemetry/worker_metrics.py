"""`/metrics` of the worker: its parent process serves what the processes of its pool have counted.

They count in files of the folder that PROMETHEUS_MULTIPROC_DIR names, a variable of the library's own that must be set
before Python starts. A worker that was started without it, such as a second one by hand, serves nothing.
"""

import os
import socket
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import mark_process_dead

from portal.telemetry.metrics import SIGNS_OF_A_PROXY, may_read_metrics, shared_registry

# Whoever says nothing for so long is not waited for: one is answered at a time.
_PATIENCE_S = 5.0

log = structlog.get_logger("nova.metrics")


def connect() -> None:
    """Listen to Celery's signal; called once, where the Celery application is made."""
    # Later than the pool's first processes: none of them is forked with a thread beside it.
    signals.worker_ready.connect(_serve)


def _serve(**_: Any) -> None:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return
    try:
        server = MetricsServer(settings.NOVA_HOST, settings.NOVA_WORKER_METRICS_PORT, Path(folder))
    except OSError as error:
        # Films are worth more than figures.
        log.error("metrics.port_taken", port=settings.NOVA_WORKER_METRICS_PORT, error=str(error))
        return
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class MetricsServer(HTTPServer):
    """Answers one request at a time."""

    def __init__(self, host: str, port: int, folder: Path) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.folder = folder
        super().__init__((host, port), _Answer)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that go away; what is ours to know is logged."""
        log.debug("metrics.request_failed", exc_info=True)


class _Answer(BaseHTTPRequestHandler):
    timeout = _PATIENCE_S
    server: MetricsServer

    def do_GET(self) -> None:
        if self.path != "/metrics" or not self._may_read():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        forget_dead(self.server.folder)
        body = generate_latest(shared_registry())
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _may_read(self) -> bool:
        return may_read_metrics(
            authorization=self.headers.get("Authorization", ""),
            peer=self.client_address[0],
            is_proxied=any(header in self.headers for header in SIGNS_OF_A_PROXY),
        )

    def version_string(self) -> str:
        return "nova"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: it is asked every few seconds."""


def forget_dead(folder: Path) -> None:
    """Take processes of the pool out of what is counted of living ones only.

    Looked for when somebody asks: one that was killed, as for want of memory, tells nobody.
    """
    for pid in _pids_in(folder):
        if not _is_alive(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def _pids_in(folder: Path) -> Iterable[int]:
    endings = {path.stem.rpartition("_")[2] for path in folder.glob("*.db")}
    return (int(ending) for ending in endings if ending.isdigit())


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
