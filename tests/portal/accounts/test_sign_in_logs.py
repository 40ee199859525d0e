"""A whole life of signing in, at the chattiest level: what the log says of it, and what it never says."""

import io
import json
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from portal.models import User
from portal.telemetry.log_config import build_logging
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

WRONG = "w r o n g but long enough"
NEW = "another horse, another battery"


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    config = build_logging(request.param, level="DEBUG")
    config["handlers"]["stderr"]["stream"] = stream
    logging.config.dictConfig(config)
    yield stream
    logging.config.dictConfig(django_settings.LOGGING)


@pytest.fixture
def ada() -> User:
    return make_user(username="ada", email="ada@example.com", password=PASSWORD)


def live(browser: Client) -> set[str]:
    """Sign in wrongly and rightly, by page and by token, go around, change the password, go; return every secret."""
    known = {PASSWORD, WRONG, NEW}
    browser.get("/accounts/login/?next=/movies/")
    for password in (WRONG, PASSWORD):
        browser.post("/accounts/login/?next=/movies/", {"name": "ada", "password": password})
        known |= {cookie.value for cookie in browser.cookies.values()}
    for password in (WRONG, PASSWORD):
        answer = _send(browser, "token/", {"username": "ada@example.com", "password": password}).json()
        known |= {answer[name] for name in ("access", "refresh") if name in answer}
    renewed = _send(browser, "token/refresh/", {"refresh": answer["refresh"]}).json()
    _send(browser, "token/refresh/", {"refresh": answer["refresh"]})
    _send(browser, "token/", {"username": "ada", "password": ["nested", {"password": PASSWORD}]})
    browser.get("/api/v1/auth/me/", headers={"authorization": f"Bearer {renewed['access']}"})
    browser.get("/api/v1/auth/me/", headers={"authorization": f"Bearer {renewed['access']}x"})
    browser.get(f"/movies/?access_token={renewed['access']}")
    browser.post("/accounts/password/", dict.fromkeys(("old_password", "new_password1", "new_password2"), WRONG))
    changed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    browser.post("/accounts/password/", changed)
    known |= {renewed["access"], renewed["refresh"], *(cookie.value for cookie in browser.cookies.values())}
    browser.post("/accounts/logout/")
    return {secret for secret in known if len(secret) > 8}


def _send(browser: Client, path: str, body: dict[str, Any]) -> Any:
    return browser.post(f"/api/v1/auth/{path}", body, content_type="application/json")


def test_no_secret_of_a_whole_life_is_logged(log: io.StringIO, ada: User) -> None:
    browser = Client(headers={"x-request-id": "a-life-of-ada"})
    secrets = live(browser)
    ada.refresh_from_db()

    text = log.getvalue()
    assert len(secrets) >= 9
    assert [secret for secret in {*secrets, ada.password} if secret in text] == []
    assert "ada@example.com" not in text


def test_every_line_of_a_life_carries_the_id_of_its_request(log: io.StringIO, ada: User) -> None:
    live(Client(headers={"x-request-id": "a-life-of-ada"}))

    lines = [line for line in log.getvalue().splitlines() if "request.finished" in line]
    assert len(lines) == 14
    assert [line for line in lines if "a-life-of-ada" not in line] == []


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_a_life_in_the_log_is_paths_and_statuses_in_their_order(log: io.StringIO, ada: User) -> None:
    live(Client())

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    told = [(line["path"], line["status"]) for line in lines if line["event"] == "request.finished"]
    assert told == [
        *[("/accounts/login/", 200)] * 2,
        ("/accounts/login/", 302),
        ("/api/v1/auth/token/", 401),
        ("/api/v1/auth/token/", 200),
        ("/api/v1/auth/token/refresh/", 200),
        ("/api/v1/auth/token/refresh/", 401),
        ("/api/v1/auth/token/", 422),
        ("/api/v1/auth/me/", 200),
        ("/api/v1/auth/me/", 401),
        ("/movies/", 200),
        ("/accounts/password/", 200),
        ("/accounts/password/", 302),
        ("/accounts/logout/", 302),
    ]
    assert {line["level"] for line in lines} <= {"info", "debug"}
