"""`manage.py run_beat`, run for real."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.celery import app
from tests.portal.processes import Process, running_beat
from tests.portal.telemetry.test_tracing import Collector, running_collector

# The one that is due most often.
_OFTEN = "streaming.heal_streams"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def beat(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with running_beat(tmp_path_factory.mktemp("beat") / "schedule", env) as process:
        yield process


def test_a_task_that_is_due_is_in_its_queue(beat: Process) -> None:
    with app.connection_for_read() as broker, broker.SimpleQueue("default") as queue:
        message = _next(queue)
        while message.headers["task"] != _OFTEN:
            message = _next(queue)
    assert message.payload[:2] == [[], {}]


def _next(queue: Any) -> Any:
    message = queue.get(timeout=20)
    message.ack()
    return message


def test_its_lines_are_of_our_form_and_it_shows_no_banner(beat: Process) -> None:
    line = beat.wait_for(lambda: next((line for line in beat.events() if _OFTEN in str(line["event"])), None))
    assert {"level", "logger", "timestamp"} <= line.keys()
    assert [line for line in beat.output if not line.startswith("{")] == []


def test_what_it_sends_is_a_part_of_a_trace(beat: Process, collector: Collector) -> None:
    def sent() -> list[str]:
        return [span.name for resource, span in collector.spans if resource["service.name"] == "nova-beat"]

    beat.wait_for(lambda: f"apply_async/{_OFTEN}" in sent())


def test_it_ends_when_it_is_asked_to_and_has_noted_what_it_sent(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule"
    with running_beat(schedule) as beat:
        pass
    assert beat.status == 0
    assert [path for path in tmp_path.iterdir() if path.name.startswith(schedule.name)] != []
