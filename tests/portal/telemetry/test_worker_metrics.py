"""What a worker with a pool of processes shows of them, on a port of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from tests.portal.processes import Answer, Process, free_port, get, running_worker
from tests.portal.telemetry.probe_tasks import QUEUE, enqueue_probe, probe, second_time_probe

_TOKEN = "a-token-for-prometheus"


class Worker:
    """A worker of two processes, and its metrics."""

    def __init__(self, process: Process, port: int, folder: Path) -> None:
        self.process, self.folder = process, folder
        self.url = f"http://127.0.0.1:{port}/metrics"

    def ask(self, **headers: str) -> Answer:
        return get(self.url, {name.replace("_", "-"): value for name, value in headers.items()})

    def figure(self, name: str, **labels: str) -> float:
        for family in text_string_to_metric_families(self.ask().body.decode()):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return float(sample.value)
        return 0.0


@contextmanager
def _running(folder: Path) -> Iterator[Worker]:
    port = free_port()
    env = {
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "NOVA_WORKER_METRICS_PORT": str(port),
        "NOVA_METRICS_TOKEN": _TOKEN,
    }
    with running_worker(env, concurrency=2) as process:
        worker = Worker(process, port, folder)
        process.wait_for(lambda: _answers(worker))
        yield worker


def _answers(worker: Worker) -> bool:
    try:
        return worker.ask().status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with _running(tmp_path_factory.mktemp("metrics")) as running:
        yield running


def _ends(worker: Worker, task_id: str) -> None:
    worker.process.wait_for(lambda: worker.process.find(event="task.finished", task_id=task_id))


def test_tasks_of_all_its_processes_are_counted(worker: Worker) -> None:
    sent = _sent()
    before = _outcomes(worker, probe.name)
    for task_id in [enqueue_probe() for _ in range(4)]:
        _ends(worker, task_id)
    _ends(worker, enqueue_probe(fails=True))
    grown = _outcomes(worker, probe.name) - before
    assert grown == {"started": 5, "succeeded": 4, "failed": 1}
    assert worker.figure("nova_task_run_seconds_count", task=probe.name) >= 5
    assert worker.figure("nova_task_wait_seconds_count", task=probe.name) >= 5
    # They were sent by this process.
    assert _sent() == sent + 5


def test_a_task_that_is_tried_again_is_begun_twice(worker: Worker) -> None:
    before = _outcomes(worker, second_time_probe.name)
    _ends(worker, str(second_time_probe.apply_async(queue=QUEUE).id))
    worker.process.wait_for(lambda: _outcomes(worker, second_time_probe.name)["succeeded"] > before["succeeded"])
    assert _outcomes(worker, second_time_probe.name) - before == {"started": 2, "retried": 1, "succeeded": 1}


def _outcomes(worker: Worker, task: str) -> Counter[str]:
    names = {
        "started": "nova_tasks_started_total",
        "succeeded": "nova_tasks_succeeded_total",
        "failed": "nova_tasks_failed_total",
        "retried": "nova_tasks_retried_total",
    }
    return Counter({outcome: int(worker.figure(name, task=task)) for outcome, name in names.items()})


def _sent() -> float:
    return REGISTRY.get_sample_value("nova_tasks_sent_total", {"task": probe.name}) or 0.0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": f"Bearer {_TOKEN}", "X_Forwarded_For": "203.0.113.9"}, 200),
        ({"X_Forwarded_For": "203.0.113.9"}, 404),
        ({"Authorization": "Bearer wrong"}, 404),
    ],
)
def test_its_figures_are_shown_to_whom_they_are_for(worker: Worker, headers: dict[str, str], status: int) -> None:
    answer = worker.ask(**headers)
    assert answer.status == status
    assert (b"# HELP nova_" in answer.body) is (status == 200)


def test_there_is_nothing_else_on_that_port(worker: Worker) -> None:
    assert get(worker.url.replace("/metrics", "/")).status == 404
    answer = get(worker.url, method="HEAD")
    assert answer.status == 501


def test_a_process_that_was_killed_counts_no_more_among_the_living(worker: Worker) -> None:
    (worker.folder / "gauge_livesum_999999.db").write_bytes(_some_counts(worker.folder))
    assert worker.ask().status == 200
    assert not (worker.folder / "gauge_livesum_999999.db").exists()
    mine = worker.folder / f"gauge_livesum_{os.getpid()}.db"
    mine.write_bytes(_some_counts(worker.folder))
    assert worker.ask().status == 200
    assert mine.exists()
    mine.unlink()


def _some_counts(folder: Path) -> bytes:
    return next(folder.glob("counter_*.db")).read_bytes()


def test_what_was_counted_outlives_the_process_that_counted_it(worker: Worker) -> None:
    _ends(worker, enqueue_probe())
    before = worker.figure("nova_tasks_started_total", task=probe.name)
    for pid in _pool_of(worker):
        os.kill(pid, signal.SIGKILL)
    assert worker.figure("nova_tasks_started_total", task=probe.name) == before
    _ends(worker, enqueue_probe())
    assert worker.figure("nova_tasks_started_total", task=probe.name) == before + 1


def _pool_of(worker: Worker) -> list[int]:
    parent = worker.process.pid
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in listed]


def test_a_port_that_is_taken_costs_the_figures_and_not_the_worker(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        # It is there when it is ready to take tasks.
        with running_worker({"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "NOVA_WORKER_METRICS_PORT": port}) as process:
            process.wait_for(lambda: process.find(event="metrics.port_taken"))


def test_the_celery_application_is_loaded_without_settings_at_hand() -> None:
    environment: dict[str, Any] = {**os.environ}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-c", "import portal.celery"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
