"""`manage.py run_origin`: the process that takes live streams in and gives media out."""

from typing import Any

import uvloop
from django.core.management.base import BaseCommand, CommandError

from streaming.origin.run import run_origin
from streaming.rtmp.certificates import BadCertificate


class Command(BaseCommand):
    help = "Run the origin."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            uvloop.run(run_origin())
        except OSError as error:
            raise CommandError(f"The origin cannot listen: {error}", returncode=1) from error
        except BadCertificate as error:
            raise CommandError(f"The origin cannot serve RTMPS: {error}", returncode=1) from error
