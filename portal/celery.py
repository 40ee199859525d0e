"""The Celery application: two queues, one static schedule.

Tasks are declared by this module's `shared_task`: whoever can send one has the application at hand, and a process that
sends none need not load it.
"""

import os
import warnings

from celery import Celery, shared_task
from celery.exceptions import SecurityWarning
from celery.schedules import crontab

from portal import redis_transport, worker_memory, worker_stop
from portal.telemetry import celery_tasks, task_metrics, worker_metrics

__all__ = ["app", "shared_task"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

redis_transport.connect()
app = Celery("nova")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
celery_tasks.connect()
task_metrics.connect()
worker_metrics.connect()
worker_stop.connect()
worker_memory.connect()

# Tasks carry JSON only, so what reaches the worker cannot make it run code; a container user is no root anyway.
warnings.filterwarnings("ignore", category=SecurityWarning)

app.conf.beat_schedule = {
    "forget old audit entries": {
        "task": "portal.forget_old_audit_entries",
        "schedule": crontab(hour="3", minute="20"),
    },
    "forget answers to idempotency keys": {
        "task": "portal.forget_answers",
        "schedule": crontab(minute="10"),
    },
    "finish pictures and delete replaced ones": {
        "task": "catalog.tend_artwork",
        "schedule": crontab(minute="50"),
    },
    "delete pictures that were never saved": {
        "task": "catalog.sweep_artwork",
        "schedule": crontab(hour="4", minute="5"),
    },
    "delete abandoned uploads": {
        "task": "catalog.expire_uploads",
        "schedule": crontab(minute="15"),
    },
    "give jobs of dead workers to living ones": {
        "task": "streaming.sweep_jobs",
        "schedule": 10.0,
    },
    "see to streams whose origin is lost": {
        "task": "streaming.heal_streams",
        "schedule": 5.0,
    },
    "finish recordings that an origin has left": {
        "task": "streaming.recover_recordings",
        "schedule": crontab(),
    },
    "delete packages that were replaced": {
        "task": "streaming.sweep_packages",
        "schedule": crontab(minute="35"),
    },
    "bring captions in of which no worker was told": {
        "task": "streaming.follow_missed_captions",
        "schedule": crontab(minute="*/10"),
    },
    "forget expired revocations and old positions": {
        "task": "streaming.forget_playback",
        "schedule": crontab(minute="25"),
    },
    "make room for figures, and drop old ones": {
        "task": "analytics.tend_partitions",
        "schedule": crontab(minute="5"),
    },
    "count yesterday's viewers": {
        "task": "analytics.count_viewers",
        "schedule": crontab(hour="13", minute="45"),
    },
    "forget expired sessions and tokens": {
        "task": "portal.forget_expired_sign_ins",
        "schedule": crontab(hour="3", minute="40"),
    },
}
