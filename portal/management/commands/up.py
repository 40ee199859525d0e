"""`manage.py up`: the whole portal on one machine."""

import asyncio
import contextlib
import fcntl
import os
import signal
from typing import Any, TextIO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from portal.embedded import ports, stack
from portal.embedded.console import Console
from portal.embedded.failures import CannotStart
from portal.embedded.preparation import Preparation
from portal.embedded.processes import Supervisor

_NAMES = ("nova", "postgres", "redis", "origin", "worker", "beat", "audience")


class Command(BaseCommand):
    help = "Run the whole portal: web, worker, beat, origin, audience; PostgreSQL and Redis where none are configured."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        _leave_settings_to_children()
        try:
            stack_options = _options()
            with _lock(stack_options):
                stack.forget_metrics(stack_options)
                asyncio.run(_run(stack_options, Console((*_NAMES, *stack.web_names(stack_options.web_processes)))))
        except (CannotStart, ImproperlyConfigured) as error:
            raise CommandError(str(error), returncode=1) from error


def _leave_settings_to_children() -> None:
    """Let each take the portal's settings, or its own: manage.py has chosen ours, which leave out all apps."""
    if os.environ["DJANGO_SETTINGS_MODULE"] == "portal.bare_settings":
        os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"


def _options() -> stack.StackOptions:
    return stack.StackOptions(
        base_dir=settings.BASE_DIR,
        data_dir=settings.NOVA_DATA_DIR,
        host=settings.NOVA_HOST,
        http_port=settings.NOVA_HTTP_PORT,
        origin_port=settings.NOVA_ORIGIN_PORT,
        audience_port=settings.NOVA_AUDIENCE_PORT,
        rtmp_port=settings.NOVA_RTMP_PORT,
        worker_metrics_port=settings.NOVA_WORKER_METRICS_PORT,
        rtmps_port=settings.NOVA_RTMPS.port if settings.NOVA_RTMPS.files else None,
        web_processes=settings.NOVA_WEB_PROCESSES,
        worker_concurrency=settings.NOVA_WORKER_CONCURRENCY,
        # The children write to a pipe, which would get JSON; here a person reads it.
        log_format=os.environ.get("NOVA_LOG_FORMAT", "console"),
        has_own_postgres=settings.NOVA_HAS_OWN_POSTGRES,
        has_own_redis=settings.NOVA_HAS_OWN_REDIS,
    )


def _lock(options: stack.StackOptions) -> TextIO:
    """Hold the data folder for this process; closing the file lets go of it."""
    path = options.data_dir / "up.lock"
    try:
        options.data_dir.mkdir(parents=True, exist_ok=True)
        (options.data_dir / "run").mkdir(exist_ok=True)
        held = path.open("a")
    except OSError as error:
        raise CannotStart(
            f"{error.filename} cannot be written ({error.strerror}). Choose another folder with NOVA_DATA_DIR."
        ) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise CannotStart(
            f"Nova runs already on {options.data_dir}. Stop it, or choose another folder with NOVA_DATA_DIR."
        ) from None
    return held


async def _run(options: stack.StackOptions, console: Console) -> None:
    ports.check_free(options.host, options.ports())
    supervisor = Supervisor(console)
    starting = asyncio.create_task(_start(options, supervisor, console))

    def on_signal() -> None:
        starting.cancel()
        supervisor.ask_to_stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        await supervisor.run_until_stopped()
    finally:
        await supervisor.stop()


async def _start(options: stack.StackOptions, supervisor: Supervisor, console: Console) -> None:
    async with Preparation(*stack.preparation_argv(options)) as preparation:
        services, opened = stack.service_specs(options)
        for folder in opened:
            console.line("nova", f"Let PostgreSQL's user pass through {folder} (chmod o+x).")
        await supervisor.start(*services)
        lines = await preparation.finish()
    await supervisor.start(*stack.process_specs(options))
    print(stack.welcome_text(options, lines), flush=True)
    await supervisor.start(*stack.further_web_specs(options))
