"""`manage.py run_origin`: the process that takes live streams in and gives media out."""

import asyncio
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand

from streaming.origin.app import application


class Command(BaseCommand):
    help = "Run the origin."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        config = uvicorn.Config(
            application,
            host=settings.NOVA_HOST,
            port=settings.NOVA_ORIGIN_PORT,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        asyncio.run(uvicorn.Server(config).serve())
