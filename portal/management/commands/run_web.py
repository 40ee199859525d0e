"""`manage.py run_web`: the web process, served by Daphne."""

import socket
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from django.conf import settings
from django.core.management.base import BaseCommand

from portal.garbage import set_loaded_aside
from portal.security import server_limits
from portal.telemetry.asgi import Application

# As many as Linux lets wait to be taken, where nobody has told it otherwise.
_BACKLOG = 4096


class Command(BaseCommand):
    help = "Serve pages, admin, API and sockets."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="web", help="Which of several web processes this is, in lists of them.")

    def handle(self, *args: Any, **options: Any) -> None:
        from portal.asgi import application

        _get_ready()
        build_server(application).run()


def _get_ready() -> None:
    """Import every view, so that no visitor waits for it, or for the garbage collector to go through all of them."""
    import_module(settings.ROOT_URLCONF)
    set_loaded_aside()


def build_server(application: Application) -> Server:
    """Return the server for `application`, as the settings want it and within our limits."""
    server_limits.install()
    return Server(
        application=application,
        endpoints=_endpoints(),
        signal_handlers=True,
        server_name="nova",
        # A proxy in front says who the client is; believed only where settings name one.
        proxy_forwarded_address_header="X-Forwarded-For" if settings.NOVA_HAS_TRUSTED_PROXY else None,
        proxy_forwarded_proto_header="X-Forwarded-Proto" if settings.NOVA_HAS_TRUSTED_PROXY else None,
        # A client's frame is a command of a few fields. The other limit holds for our snapshots as well.
        websocket_max_frame_size=server_limits.FRAME_LIMIT,
        websocket_max_message_size=server_limits.MESSAGE_LIMIT,
        websocket_timeout=86400,
        application_close_timeout=5,
        verbosity=0,
    )


def _endpoints() -> list[str]:
    """Listen alone, or beside other web processes: the kernel gives each of them its share of the connections."""
    host, port = settings.NOVA_HOST, settings.NOVA_HTTP_PORT
    if settings.NOVA_WEB_PROCESSES == 1:
        return list(build_endpoint_description_strings(host=host, port=port))
    listening = socket.create_server((host, port), backlog=_BACKLOG, reuse_port=True)
    # Twisted makes a descriptor of its own of it.
    return [f"fd:fileno={listening.detach()}"]
