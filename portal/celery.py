"""The Celery application: two queues, one static schedule."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("nova")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "forget old audit entries": {
        "task": "portal.forget_old_audit_entries",
        "schedule": crontab(hour="3", minute="20"),
    },
    "forget expired sessions and tokens": {
        "task": "portal.forget_expired_sign_ins",
        "schedule": crontab(hour="3", minute="40"),
    },
}
