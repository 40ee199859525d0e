"""Tasks for a worker under test."""

import time
from typing import Any

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


@shared_task(name="tests.second_time_probe", bind=True)
def second_time_probe(self: Any, /, **_: object) -> None:
    """Comes to a good end when it is tried again."""
    if not self.request.retries:
        raise self.retry(countdown=0)


@shared_task(name="tests.limited_probe", soft_time_limit=1, time_limit=20)
def limited_probe(**_: object) -> None:
    time.sleep(15)


def enqueue_by_name(name: str) -> str:
    """Send a task as somebody does who knows its name and nothing else of it; return its id."""
    # Without this Celery would look its limits up among the tasks of this process.
    unsaid: dict[str, Any] = {"time_limit": None, "soft_time_limit": None}
    return str(celery_app.send_task(name, queue=QUEUE, **unsaid).id)


def enqueue_probe(*, fails: bool = False) -> str:
    """Hand the task to the worker under test; return its id."""
    result: AsyncResult[None] = probe.apply_async(kwargs={"fails": fails}, queue=QUEUE)
    return str(result.id)


def enqueue_probe_in(redis_url: str, *, lasts_s: float = 0) -> str:
    """Hand the task to a worker that has a Redis of its own; return its id."""
    with celery_app.connection_for_write(celery_url(redis_url)) as connection:
        return str(celery_app.send_task(probe.name, kwargs={"lasts_s": lasts_s}, queue=QUEUE, connection=connection).id)
