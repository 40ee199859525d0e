"""Telemetry of a real worker."""

from collections.abc import Iterator

import pytest
import structlog

from portal.celery import app as celery_app
from portal.telemetry.correlation import current_request_id
from tests.portal.processes import Process, running_worker
from tests.portal.telemetry.probe_tasks import enqueue_by_name, enqueue_probe, limited_probe


@pytest.fixture(scope="module")
def worker() -> Iterator[Process]:
    with running_worker() as process:
        yield process


def test_correlation_id_of_the_caller_reaches_the_task(worker: Process) -> None:
    with structlog.contextvars.bound_contextvars(request_id="caller-of-task"):
        enqueue_probe()
    line = worker.wait_for(lambda: worker.find(event="probe.ran", request_id="caller-of-task"))
    assert line["task"] == "tests.probe"
    assert line["token"] == "[redacted]"


def test_task_without_a_caller_gets_its_own_id(worker: Process) -> None:
    task_id = enqueue_probe()
    line = worker.wait_for(lambda: worker.find(event="probe.ran", task_id=task_id))
    assert len(line["request_id"]) == 16


def test_task_is_one_line_with_its_state_and_duration(worker: Process) -> None:
    task_id = enqueue_probe()
    line = worker.wait_for(lambda: worker.find(event="task.finished", task_id=task_id))
    assert line["state"] == "success"
    assert line["duration_ms"] >= 0
    events = [line["event"] for line in worker.events() if line.get("task_id") == task_id]
    assert events == ["probe.ran", "task.finished"]


def test_failure_is_logged_with_its_traceback_and_the_callers_id(worker: Process) -> None:
    with structlog.contextvars.bound_contextvars(request_id="caller-of-failure"):
        enqueue_probe(fails=True)
    worker.wait_for(lambda: worker.find(event="task.finished", request_id="caller-of-failure", state="failure"))
    (failure,) = [line for line in worker.events() if "a probe that fails" in line.get("exception", "")]
    assert failure["request_id"] == "caller-of-failure"
    assert "data" not in failure


def test_a_task_that_was_sent_by_its_name_alone_is_held_to_its_limits(worker: Process) -> None:
    task_id = enqueue_by_name(limited_probe.name)
    line = worker.wait_for(lambda: worker.find(event="task.finished", task_id=task_id))
    assert line["state"] == "failure"
    assert 900 <= line["duration_ms"] < 10_000


def test_one_task_leaves_nothing_to_the_next(worker: Process) -> None:
    with structlog.contextvars.bound_contextvars(request_id="first-of-two"):
        enqueue_probe()
    task_id = enqueue_probe()
    line = worker.wait_for(lambda: worker.find(event="task.finished", task_id=task_id))
    assert line["request_id"] != "first-of-two"


def test_task_that_runs_within_a_request_gives_its_context_back() -> None:
    with structlog.contextvars.bound_contextvars(request_id="outer-request"):
        celery_app.tasks["tests.probe"].apply()
        assert current_request_id() == "outer-request"
    assert "task" not in structlog.contextvars.get_contextvars()


def test_worker_writes_json_only_and_no_banner(worker: Process) -> None:
    assert [line for line in worker.output if not line.startswith("{")] == []
