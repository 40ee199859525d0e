"""`manage.py prepare`: what `manage.py up` has done before the portal's processes start."""

import io
import json
import sys
from dataclasses import asdict
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from redis import Redis
from redis.exceptions import RedisError

from portal import clock, welcome
from portal.accounts.services import create_first_administrator
from portal.embedded import postgres
from portal.embedded.failures import CannotStart
from portal.welcome import WelcomeLine


class Command(BaseCommand):
    help = (
        "Bring database and static files up to date, make the first administrator, add demo content. Begins when it "
        "is sent a line; prints as JSON what the newcomer must be told, or why it cannot be done."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        # By now all is loaded. Where the line does not come, whoever was to send it is gone.
        if not sys.stdin.readline():
            return
        try:
            lines = _prepare()
        except (CannotStart, ImproperlyConfigured, CommandError) as error:
            self.stdout.write(str(error))
            sys.exit(1)
        self.stdout.write(json.dumps([asdict(line) for line in lines]))


def _prepare() -> list[WelcomeLine]:
    if settings.NOVA_HAS_OWN_POSTGRES:
        postgres.ensure_database(settings.NOVA_DATABASE_URL)
    _require_services()
    call_command("check", fail_level="ERROR", verbosity=0, stdout=io.StringIO())
    call_command("migrate", interactive=False, verbosity=0)
    call_command("publish_static", verbosity=0)
    return [*create_first_administrator(at=clock.now()), *welcome.seed()]


def _require_services() -> None:
    """Try both services directly: a pool would wait, and hide the cause."""
    try:
        psycopg.connect(settings.NOVA_DATABASE_URL, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        cause = str(error).strip().splitlines()[-1]
        raise CannotStart(f"DATABASE_URL names a PostgreSQL that cannot be reached: {cause}") from error
    try:
        Redis.from_url(settings.NOVA_REDIS_URL, socket_connect_timeout=5).ping()
    except RedisError as error:
        raise CannotStart(f"REDIS_URL names a Redis that cannot be reached: {error}") from error
