"""`manage.py run_audience`: the process that counts who watches what."""

from typing import Any

import uvloop
from django.core.management.base import BaseCommand, CommandError

from analytics.audience.run import run_audience


class Command(BaseCommand):
    help = "Count who watches what."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            uvloop.run(run_audience())
        except OSError as error:
            raise CommandError(f"The audience process cannot listen: {error}", returncode=1) from error
