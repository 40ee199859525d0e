"""How the web process hands a request from its event loop to Django."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django import setup
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OneThreadHandler(ASGIHandler):
    """Answers a request on one thread, from the first middleware through the view and back.

    Every view here waits for the database, so it needs a thread. Django's own handler keeps the middleware on the event
    loop and sends each of its steps to a thread by itself: sixteen changes of threads for one answer, each of which
    waits for its turn while other requests compute.
    """

    _middleware_chain: Any

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)
        answer: Callable[[HttpRequest], HttpResponseBase] = self._middleware_chain
        self._middleware_chain = sync_to_async(answer, thread_sensitive=True)


def make_django_application() -> OneThreadHandler:
    """Load the apps, and return what answers their requests."""
    setup(set_prefix=False)
    return OneThreadHandler()
