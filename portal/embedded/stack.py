"""The processes that make up a running portal, and the text that welcomes its user."""

import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal.embedded import postgres, redis
from portal.embedded.ports import Port
from portal.embedded.processes import ProcessSpec
from portal.welcome import WelcomeLine


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """What `manage.py up` takes from the settings."""

    base_dir: Path
    data_dir: Path
    host: str
    http_port: int
    origin_port: int
    rtmp_port: int
    worker_concurrency: int
    log_format: str
    has_own_postgres: bool
    has_own_redis: bool

    def ports(self) -> tuple[Port, ...]:
        return (
            Port(number=self.http_port, purpose="pages and API", setting="NOVA_HTTP_PORT"),
            Port(number=self.origin_port, purpose="media", setting="NOVA_ORIGIN_PORT"),
            Port(number=self.rtmp_port, purpose="RTMP ingest", setting="NOVA_RTMP_PORT"),
        )


def service_specs(options: StackOptions) -> tuple[tuple[ProcessSpec, ...], tuple[Path, ...]]:
    """Return the embedded services to start, and the folders that had to be opened for PostgreSQL's user."""
    specs: list[ProcessSpec] = []
    opened: tuple[Path, ...] = ()
    if options.has_own_postgres:
        service = postgres.prepare(options.data_dir)
        opened = service.opened_folders
        specs.append(
            ProcessSpec(
                name="postgres",
                argv=service.argv,
                answers=service.answers,
                owner=service.owner,
                env={"LC_ALL": "C"},
                stop_signal=signal.SIGINT,  # "fast": does not wait for idle connections
            )
        )
    if options.has_own_redis:
        store = redis.prepare(options.data_dir)
        specs.append(ProcessSpec(name="redis", argv=store.argv, answers=store.answers, is_quiet=True))
    return tuple(specs), opened


def process_specs(options: StackOptions) -> tuple[ProcessSpec, ...]:
    """Return Nova's own processes. Stopped in the reverse order: beat asks for no more work, then the worker ends."""
    python, host = sys.executable, options.host
    manage = str(options.base_dir / "manage.py")
    run_dir = options.data_dir / "run"
    env = {"NOVA_LOG_FORMAT": options.log_format}
    return (
        ProcessSpec(
            name="origin",
            argv=(python, manage, "run_origin"),
            answers=_answers_http(host, options.origin_port),
            env=env,
        ),
        ProcessSpec(
            name="web",
            argv=(python, manage, "run_web"),
            answers=_answers_http(host, options.http_port),
            env=env,
        ),
        ProcessSpec(
            name="worker",
            argv=(
                python,
                "-m",
                "celery",
                "-A",
                "portal",
                "--quiet",
                "worker",
                "-Q",
                "packaging,default",
                "-n",
                "worker@%h",
                "--concurrency",
                str(options.worker_concurrency),
                "--loglevel",
                "WARNING",
                "--without-gossip",
                "--without-mingle",
            ),
            answers=_always,
            env=env,
            stop_timeout_s=20.0,
        ),
        ProcessSpec(
            name="beat",
            argv=(
                python,
                "-m",
                "celery",
                "-A",
                "portal",
                "--quiet",
                "beat",
                "--loglevel",
                "WARNING",
                "--schedule",
                str(run_dir / "beat-schedule"),
                "--pidfile",
                "",
            ),
            answers=_always,
            env=env,
        ),
    )


def welcome_text(options: StackOptions, lines: list[WelcomeLine]) -> str:
    """Return what the terminal shows when everything runs."""
    url = f"http://{_shown_host(options.host)}:{options.http_port}"
    shown = [
        WelcomeLine(label="Open", value=f"{url}/"),
        WelcomeLine(label="Admin", value=f"{url}/admin/"),
        WelcomeLine(label="API", value=f"{url}/api/v1/docs/"),
        *lines,
    ]
    width = max(len(line.label) for line in shown)
    rows = [f"  {line.label:<{width}}  {line.value}" for line in shown]
    return "\n".join(["", "  Nova is running. Ctrl-C stops it.", "", *rows, ""])


def _shown_host(host: str) -> str:
    if host in {"0.0.0.0", "::", "127.0.0.1"}:
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _answers_http(host: str, port: int) -> Callable[[], bool]:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    request = urllib.request.Request(f"http://{reachable}:{port}/livez", headers={"Host": "localhost"})

    def answers() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return answers


def _always() -> bool:
    return True
