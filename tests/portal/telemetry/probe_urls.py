"""Addresses for a web process under test."""

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django_redis import get_redis_connection

from tests.portal.telemetry.probe_tasks import enqueue_probe

log = structlog.get_logger("probe")


def enqueue(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    get_redis_connection("default").set("probe", "1", ex=5)
    enqueue_probe()
    log.info("probe.enqueued")
    return HttpResponse("enqueued")


def crash(request: HttpRequest) -> HttpResponse:
    raise ValueError("postgresql://nova:hunter2@db/nova does not answer")


def whoami(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


urlpatterns = [
    path("probe/<int:number>/", lambda request, number: enqueue(request)),
    path("crash/", crash),
    path("whoami/", whoami),
]
