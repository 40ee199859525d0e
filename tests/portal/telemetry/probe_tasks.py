"""Tasks for a worker under test."""

import structlog
from celery import shared_task
from celery.result import AsyncResult

QUEUE = "probe"

log = structlog.get_logger("probe")


@shared_task(name="tests.probe")
def probe(*, fails: bool = False, **_: object) -> None:
    log.info("probe.ran", token="s3cr3t-value")
    if fails:
        raise ValueError("a probe that fails")


def enqueue_probe(*, fails: bool = False) -> str:
    """Hand the task to the worker under test; return its id."""
    result: AsyncResult[None] = probe.apply_async(kwargs={"fails": fails}, queue=QUEUE)
    return str(result.id)
