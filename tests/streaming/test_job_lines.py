"""Where a job stands, as the desk says it."""

from typing import Any

import pytest

from streaming.job_lines import job_line, script_words
from streaming.models import PackagingJob
from tests.factories import make_job

pytestmark = pytest.mark.django_db

RUNNING: dict[str, Any] = {"state": "RUNNING", "step": "REST", "percent": 42.9}


@pytest.mark.parametrize(
    ("facts", "words", "detail"),
    [
        ({}, "Waiting for a worker", ""),
        ({"attempt": 2}, "Waiting for a worker", "It was interrupted, and is tried again."),
        (
            {"attempt": 2, "failure_code": "worker-lost"},
            "Waiting for a worker",
            "It was interrupted, and is tried again.",
        ),
        (
            {"attempt": 2, "failure_code": "package-storage-full"},
            "Waiting for a worker",
            "There is no room where packages are kept: tell an operator. It is tried again by itself.",
        ),
        (RUNNING, "Running", "Making the other qualities, 42 %"),
        (RUNNING | {"speed": 2.0}, "Running", "Making the other qualities, 42 %, 2.0 × playing speed"),
        (
            RUNNING | {"speed": 0.25, "time_left_s": 7300.0},
            "Running",
            "Making the other qualities, 42 %, 0.25 × playing speed, 2 h 2 min left",
        ),
        (RUNNING | {"is_cancel_asked": True}, "Being cancelled", "Making the other qualities, 42 %"),
        ({"state": "SUCCEEDED", "percent": 100}, "Done", ""),
        ({"state": "CANCELLED"}, "Cancelled", ""),
    ],
)
def test_a_job_is_told_in_words(facts: dict[str, Any], words: str, detail: str) -> None:
    line = job_line(make_job(**facts))
    assert (line.state_words, line.detail) == (words, detail)


def test_a_failed_job_says_why() -> None:
    line = job_line(make_job(state="FAILED", failure_code="hung", failure_facts={"wall_s": 240}))
    assert "stopped after 4 min" in line.detail
    assert line.colour == "danger"


def test_progress_alone_leaves_the_mark_and_everything_else_changes_it() -> None:
    job = make_job(**RUNNING)
    before = job_line(job).mark
    job.percent, job.speed = 50, 3.0
    assert job_line(job).mark == before
    marks = {before}
    for name, value in (("is_cancel_asked", True), ("attempt", 2), ("step", "FINISHING"), ("state", "FAILED")):
        setattr(job, name, value)
        marks.add(job_line(job).mark)
    assert len(marks) == 5
    assert before == "RUNNING REST 1 false"


def test_scripts_have_words_for_every_step() -> None:
    words = script_words()
    assert words["steps"] == {step.value: step.label for step in PackagingJob.Step}
    assert words["far"] == "{step}, {percent} %"
    assert words["left"] == {"seconds": "{seconds} s", "minutes": "{minutes} min", "hours": "{hours} h {minutes} min"}
