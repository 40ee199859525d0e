"""How the web process hands requests to Django."""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from pytest_django import Settings

from portal.asgi_handler import OneThreadHandler

pytestmark = pytest.mark.asyncio

THREADS: list[int] = []


class Witness(MiddlewareMixin):
    """Notes the thread of each of its steps, as Django's own middleware would be called."""

    def process_request(self, request: HttpRequest) -> None:
        THREADS.append(threading.get_ident())

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        THREADS.append(threading.get_ident())

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        THREADS.append(threading.get_ident())
        return response


@pytest.fixture
def handler(settings: Settings) -> OneThreadHandler:
    witness = f"{__name__}.Witness"
    settings.MIDDLEWARE = [witness, *django_settings.MIDDLEWARE, witness]
    THREADS.clear()
    return OneThreadHandler()


async def ask(handler: OneThreadHandler, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=handler)  # type: ignore[arg-type]  # of django-stubs: a dict for any mapping
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path)


async def test_every_step_of_an_answer_is_taken_on_one_thread_beside_the_loop(handler: OneThreadHandler) -> None:
    assert (await ask(handler, "/api/v1/schema/")).status_code == 200
    assert len(THREADS) == 6
    assert set(THREADS) == {THREADS[0]}
    assert THREADS[0] != threading.get_ident()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "status"), [("/livez", 200), ("/static/none.css", 404)])
async def test_health_and_files_are_answered_too(handler: OneThreadHandler, path: str, status: int) -> None:
    assert (await ask(handler, path)).status_code == status


async def test_a_file_is_sent_whole(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "app.css").write_text("body { margin: 0 }" * 100_000)
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    settings.STATIC_ROOT = tmp_path
    answer = await ask(OneThreadHandler(), "/static/app.css")
    assert answer.status_code == 200
    assert answer.content == (tmp_path / "app.css").read_bytes()
