"""House-keeping of figures, which beat starts."""

from django.conf import settings

from analytics.store import retention
from portal import clock
from portal.celery import shared_task


@shared_task(name="analytics.tend_partitions", time_limit=300, soft_time_limit=280)
def tend_partitions(**_: object) -> None:
    """Make room for the figures of days to come, and drop those that are too old."""
    hours, days = settings.NOVA_METRICS_SECONDS_HOURS, settings.NOVA_AUDIENCE_SESSION_DAYS
    retention.tend_partitions(at=clock.now(), seconds_hours=hours, session_days=days)


@shared_task(name="analytics.count_viewers", time_limit=1800, soft_time_limit=1780)
def count_viewers(**_: object) -> None:
    """Count the people of yesterday for good."""
    retention.count_viewers_of_yesterday(at=clock.now())
