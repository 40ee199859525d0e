"""Nova's project and shared kernel. Loading it makes the Celery application known to `shared_task`."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
