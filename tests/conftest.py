"""Fixtures that every layer uses; people are roles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import translation
from django_redis import get_redis_connection
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog import groups
from portal.accounts.roles import Role
from portal.models import User
from tests.factories import make_user
from tests.redis_servers import OwnRedis, running_redis

# What takes 200 ms on a machine that has much else to do is no fault.
hypothesis_settings.register_profile("nova", deadline=None)
hypothesis_settings.load_profile("nova")


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """Start every test with nothing counted, cached or queued."""
    get_redis_connection("default").flushdb()


@pytest.fixture(autouse=True)
def _noticed_changes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let what is remembered of the catalogue end with a row that a test changes.

    The test's own transaction never commits, so no event tells of the change. Where tests do commit, this does nothing.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is None or marker.kwargs.get("transaction"):
        yield
        return

    def notice(sender: type[Model], **_: object) -> None:
        if sender._meta.app_label == "catalog":
            get_redis_connection("default").incr(f"nova:sequence:{groups.CATALOGUE}")

    signals = (post_save, post_delete, m2m_changed)
    for signal in signals:
        signal.connect(notice, weak=False)
    yield
    for signal in signals:
        signal.disconnect(notice)


@pytest.fixture(scope="session", autouse=True)
def _own_channels(worker_id: str) -> None:
    """Keep test processes from hearing each other: Redis' channels are the same in all of its databases."""
    layer: Any = django_settings.CHANNEL_LAYERS["default"]
    layer["CONFIG"]["prefix"] += f":{worker_id}"


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings) -> None:
    """Let pages render without a built front end: the addresses of static files are those of their sources."""
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _light_passwords(settings: Settings) -> None:
    """Hash passwords in microseconds: what Argon2 costs on purpose, each test would pay again."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Let no test inherit the language of another: a request leaves its own active in the thread."""
    with translation.override(translation.get_language()):
        yield


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> Path:
    """An empty folder in which uploaded files are stored."""
    folder = tmp_path / "media"
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    return folder


@pytest.fixture
def api() -> APIClient:
    """An API client that must send a CSRF token wherever a browser must."""
    return APIClient(enforce_csrf_checks=True)


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """A Redis that can be killed without anybody else noticing."""
    with running_redis() as server:
        yield server


@pytest.fixture
def viewer(db: None) -> User:
    return make_user(Role.VIEWER, username="viewer")


@pytest.fixture
def editor(db: None) -> User:
    return make_user(Role.EDITOR, username="editor")


@pytest.fixture
def broadcaster(db: None) -> User:
    return make_user(Role.BROADCASTER, username="broadcaster")


@pytest.fixture
def operator(db: None) -> User:
    return make_user(Role.OPERATOR, username="operator")


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody who is signed in and has no role at all."""
    return make_user(username="stranger")


@pytest.fixture
def administrator(db: None) -> User:
    return make_user(username="administrator", is_staff=True, is_superuser=True)
