"""`manage.py run_beat`: the process that sends tasks at their times."""

from argparse import ArgumentParser
from typing import Any

from celery.apps.beat import Beat
from django.core.management.base import BaseCommand

from portal.celery import app


class Command(BaseCommand):
    help = "Send the tasks that are due."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--schedule", required=True, help="The file in which it notes when it sent each task.")

    def handle(self, *args: Any, **options: Any) -> None:
        _Beat(app=app, schedule=options["schedule"], quiet=True).run()


class _Beat(Beat):
    """Celery's, without the tasks: it sends them by their names, and workers know their limits."""

    def init_loader(self) -> None:
        app.finalize()
