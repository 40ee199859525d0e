"""The processes that make up a running portal, and the text that welcomes its user."""

import shutil
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.embedded import postgres, redis
from portal.embedded.ports import Port
from portal.embedded.processes import ProcessSpec
from portal.welcome import WelcomeLine

_STOP_S = 10.0
# It may finish the tasks that it is on, but those that package, which break off.
_WORKER_STOP_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """What `manage.py up` takes from the settings."""

    base_dir: Path
    data_dir: Path
    host: str
    http_port: int
    origin_port: int
    audience_port: int
    rtmp_port: int
    worker_metrics_port: int
    # None where no RTMPS is taken.
    rtmps_port: int | None
    web_processes: int
    worker_concurrency: int
    log_format: str
    has_own_postgres: bool
    has_own_redis: bool

    @property
    def metrics_dir(self) -> Path:
        """Where web processes that share a port count together."""
        return self.data_dir / "run" / "metrics"

    @property
    def worker_metrics_dir(self) -> Path:
        """Where the processes of the worker's pool do."""
        return self.data_dir / "run" / "worker-metrics"

    def ports(self) -> tuple[Port, ...]:
        taken = (
            Port(number=self.http_port, purpose="pages and API", setting="NOVA_HTTP_PORT"),
            Port(number=self.origin_port, purpose="media", setting="NOVA_ORIGIN_PORT"),
            Port(number=self.audience_port, purpose="audience", setting="NOVA_AUDIENCE_PORT"),
            Port(number=self.rtmp_port, purpose="RTMP ingest", setting="NOVA_RTMP_PORT"),
            Port(number=self.worker_metrics_port, purpose="metrics of the worker", setting="NOVA_WORKER_METRICS_PORT"),
        )
        if self.rtmps_port is None:
            return taken
        return (*taken, Port(number=self.rtmps_port, purpose="RTMPS ingest", setting="NOVA_RTMPS_PORT"))


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


def preparation_argv(options: StackOptions) -> tuple[str, ...]:
    """Return the command line of what has to be done between the services and the processes."""
    return _manage(options, "prepare")


def process_specs(options: StackOptions) -> tuple[ProcessSpec, ...]:
    """Return what a portal needs beside its services; it is started and stopped side by side."""
    host = options.host
    return (
        _spec(options, "origin", _manage(options, "run_origin"), answers=_answers_http(host, options.origin_port)),
        _audience(options),
        _web(options, web_names(options.web_processes)[0]),
        _worker(options),
        _spec(options, "beat", _beat(options), answers=_always),
    )


def forget_metrics(options: StackOptions) -> None:
    """Let this start count from zero."""
    for folder in (options.metrics_dir, options.worker_metrics_dir):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def web_names(count: int) -> tuple[str, ...]:
    """Return what so many web processes are called."""
    return ("web", *(f"web-{number}" for number in range(2, count + 1)))


def further_web_specs(options: StackOptions) -> tuple[ProcessSpec, ...]:
    """Return the web processes beyond the first: nobody has to wait for them."""
    return tuple(_web(options, name) for name in web_names(options.web_processes)[1:])


def _web(options: StackOptions, name: str) -> ProcessSpec:
    env = {"PROMETHEUS_MULTIPROC_DIR": str(options.metrics_dir)} if options.web_processes > 1 else {}
    argv = (*_manage(options, "run_web"), "--name", name)
    return _spec(options, name, argv, answers=_answers_http(options.host, options.http_port), env=env)


def _spec(
    options: StackOptions,
    name: str,
    argv: tuple[str, ...],
    *,
    answers: Callable[[], bool],
    stop_timeout_s: float = _STOP_S,
    env: Mapping[str, str] | None = None,
) -> ProcessSpec:
    shown = {"NOVA_LOG_FORMAT": options.log_format, **(env or {})}
    return ProcessSpec(name=name, argv=argv, answers=answers, env=shown, stop_timeout_s=stop_timeout_s)


def _manage(options: StackOptions, command: str) -> tuple[str, ...]:
    return (sys.executable, str(options.base_dir / "manage.py"), command)


def _audience(options: StackOptions) -> ProcessSpec:
    answers = _answers_http(options.host, options.audience_port)
    return _spec(options, "audience", _manage(options, "run_audience"), answers=answers)


def _worker(options: StackOptions) -> ProcessSpec:
    # It is the only worker there is: nobody to gossip with.
    alone = ("--without-gossip", "--without-mingle")
    # Films take that many places at most; one is left for what must not wait for hours, such as mail.
    concurrency = ("--concurrency", str(options.worker_concurrency + 1))
    celery = (sys.executable, "-m", "celery", "-A", "portal", "--quiet")
    argv = (*celery, "worker", "-Q", "packaging,default", "-n", "worker@%h", *concurrency, *alone)
    env = {"PROMETHEUS_MULTIPROC_DIR": str(options.worker_metrics_dir)}
    return _spec(options, "worker", argv, answers=_always, stop_timeout_s=_WORKER_STOP_S, env=env)


def _beat(options: StackOptions) -> tuple[str, ...]:
    schedule = options.data_dir / "run" / "beat-schedule"
    return (*_manage(options, "run_beat"), "--schedule", str(schedule))


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
