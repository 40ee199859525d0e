"""Tasks for a worker under test."""

import time

import structlog
from celery import shared_task
from celery.result import AsyncResult

from portal.celery import app as celery_app
from portal.redis_urls import celery_url

QUEUE = "probe"

log = structlog.get_logger("probe")


@shared_task(name="tests.probe")
def probe(*, fails: bool = False, lasts_s: float = 0, **_: object) -> None:
    log.info("probe.ran", token="s3cr3t-value")
    time.sleep(lasts_s)
    if fails:
        raise ValueError("a probe that fails")


def enqueue_probe(*, fails: bool = False) -> str:
    """Hand the task to the worker under test; return its id."""
    result: AsyncResult[None] = probe.apply_async(kwargs={"fails": fails}, queue=QUEUE)
    return str(result.id)


def enqueue_probe_in(redis_url: str, *, lasts_s: float = 0) -> str:
    """Hand the task to a worker that has a Redis of its own; return its id."""
    with celery_app.connection_for_write(celery_url(redis_url)) as connection:
        return str(celery_app.send_task(probe.name, kwargs={"lasts_s": lasts_s}, queue=QUEUE, connection=connection).id)
