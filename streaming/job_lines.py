"""Where packaging jobs stand, as the editors' desk shows it, and the words with which its scripts go on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from streaming.lengths import LEFT, format_time_left
from streaming.models import PackagingJob
from streaming.wording import failure_words

State = PackagingJob.State
SOCKET_PATH = "/ws/jobs/"
# How far a job is, by what is known; scripts fill the same patterns in.
_FAR = gettext_lazy("{step}, {percent} %")
_FAR_AT_SPEED = gettext_lazy("{step}, {percent} %, {speed} × playing speed")
_FAR_WITH_TIME = gettext_lazy("{step}, {percent} %, {speed} × playing speed, {left} left")
_INTERRUPTED = gettext_lazy("It was interrupted, and is tried again.")
# What may last until somebody sees to it.
_INTERRUPTIONS = {
    "disk-full": gettext_lazy("A disk of the portal is full: tell an operator. It is tried again by itself."),
    "package-storage-full": gettext_lazy(
        "There is no room where packages are kept: tell an operator. It is tried again by itself."
    ),
    "memory": gettext_lazy("It needed more memory than it may take, and is tried again."),
    "source-missing": gettext_lazy("The uploaded file could not be read. It is tried again by itself."),
}
_COLOURS = {
    State.QUEUED: "info",
    State.RUNNING: "primary",
    State.SUCCEEDED: "success",
    State.FAILED: "danger",
    State.CANCELLED: "warning",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """One job. `mark` changes with everything that scripts cannot show by themselves; `percent` is whole."""

    job_id: str
    name: str
    url: str
    mark: str
    state_words: str
    colour: str
    is_running: bool
    percent: int
    detail: str


def job_line(job: PackagingJob) -> JobLine:
    return JobLine(
        job_id=str(job.pk),
        name=str(job),
        url=reverse("admin:streaming_packagingjob_change", args=[job.pk]),
        mark=f"{job.state} {job.step} {job.attempt} {json.dumps(job.is_cancel_asked)}",
        state_words=_("Being cancelled") if _is_being_cancelled(job) else job.get_state_display(),
        colour=_COLOURS[State(job.state)],
        is_running=job.state == State.RUNNING,
        percent=int(job.percent),
        detail=_detail(job),
    )


def script_words() -> Mapping[str, object]:
    """Return what a script needs to say how far a job is, as this module does."""
    return {
        "steps": {step.value: str(step.label) for step in PackagingJob.Step},
        "far": str(_FAR),
        "farAtSpeed": str(_FAR_AT_SPEED),
        "farWithTime": str(_FAR_WITH_TIME),
        "left": {unit: str(pattern) for unit, pattern in LEFT.items()},
    }


def _is_being_cancelled(job: PackagingJob) -> bool:
    return job.is_cancel_asked and job.state == State.RUNNING


def _detail(job: PackagingJob) -> str:
    if job.state == State.RUNNING:
        return _how_far(job)
    if job.state == State.QUEUED and job.attempt:
        return str(_INTERRUPTIONS.get(job.failure_code, _INTERRUPTED))
    return failure_words(job.failure_code, job.failure_facts) if job.state == State.FAILED else ""


def _how_far(job: PackagingJob) -> str:
    pattern = _FAR
    if job.speed is not None:
        pattern = _FAR_AT_SPEED if job.time_left_s is None else _FAR_WITH_TIME
    left = "" if job.time_left_s is None else format_time_left(job.time_left_s)
    speed = number_format(job.speed or 0, 2 if (job.speed or 0) < 1 else 1)
    return str(pattern).format(step=job.get_step_display(), percent=int(job.percent), speed=speed, left=left)
