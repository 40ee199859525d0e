"""A part of Nova is gone: what needs it says so and when to come back, and everything else goes on."""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.portal.processes import Answer, Web, free_port, get, running_web

# For its tables: the processes below use the database of the tests.
pytestmark = pytest.mark.django_db


def nowhere() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def without_database() -> Iterator[Web]:
    with running_web({"DATABASE_URL": f"postgresql://nova:hunter2@{nowhere()}/nova"}) as web:
        yield web


@pytest.fixture(scope="module")
def without_redis(django_db_setup: None) -> Iterator[Web]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    with running_web({"DATABASE_URL": database, "REDIS_URL": f"redis://:hunter2@{nowhere()}/0"}) as web:
        yield web


def checks_of(web: Web) -> dict[str, str]:
    answer = get(f"{web.url}/readyz")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    checks: dict[str, str] = json.loads(answer.body)["checks"]
    return checks


# A page of a database that is gone waits for it as long as for a connection of a busy one: ask for all at once.
_NEEDS_DATABASE = ("/api/v1/movies/", "/api/v1/genres/", "/api/v1/movies/meridian/", "/", "/movies/?q=x", "/movies/a/")


@pytest.fixture(scope="module")
def refusals(without_database: Web) -> Mapping[str, Answer]:
    """What those say that need the database."""
    headers = {"X-Request-ID": "part-is-gone-1"}
    with ThreadPoolExecutor(len(_NEEDS_DATABASE)) as pool:
        answers = pool.map(lambda path: get(f"{without_database.url}{path}", headers), _NEEDS_DATABASE)
        return dict(zip(_NEEDS_DATABASE, answers, strict=True))


def problem_in(answer: Answer) -> dict[str, Any]:
    """Return the problem, which tells a client that waits for how long."""
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.body)
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    return problem


def test_health_names_the_database_and_no_other_part(without_database: Web) -> None:
    checks = checks_of(without_database)
    assert (checks["database"], checks["redis"], checks["broker"]) == ("failed", "ok", "ok")
    assert get(f"{without_database.url}/livez").status == 200


def test_health_names_redis_and_the_broker_that_lives_in_it(without_redis: Web) -> None:
    checks = checks_of(without_redis)
    assert (checks["database"], checks["redis"], checks["broker"]) == ("ok", "failed", "failed")
    assert get(f"{without_redis.url}/livez").status == 200


@pytest.mark.parametrize("path", [path for path in _NEEDS_DATABASE if path.startswith("/api/")])
def test_a_call_that_needs_the_database_says_so(refusals: Mapping[str, Answer], path: str) -> None:
    problem = problem_in(refusals[path])
    assert (problem["part"], problem["request_id"]) == ("database", "part-is-gone-1")


@pytest.mark.parametrize("path", [path for path in _NEEDS_DATABASE if not path.startswith("/api/")])
def test_a_page_that_needs_the_database_is_a_page_that_says_so(refusals: Mapping[str, Answer], path: str) -> None:
    answer = refusals[path]
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert b"part-is-gone-1" in answer.body
    assert b"hunter2" not in answer.body
    assert answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/movies/", "/api/v1/genres/"])
def test_a_call_that_nobody_can_count_waits_for_redis(without_redis: Web, path: str) -> None:
    assert problem_in(get(f"{without_redis.url}{path}"))["part"] == "redis"


@pytest.mark.parametrize(("path", "status"), [("/accounts/login/", 200), ("/nowhere/", 404), ("/problems/", 200)])
def test_a_page_that_needs_no_database_is_shown_without_it(without_database: Web, path: str, status: int) -> None:
    assert get(f"{without_database.url}{path}").status == status


@pytest.mark.parametrize("path", ["/", "/movies/", "/accounts/login/", "/problems/"])
def test_visitors_watch_on_without_redis(without_redis: Web, path: str) -> None:
    assert get(f"{without_redis.url}{path}").status == 200


@pytest.mark.parametrize("path", ["/accounts/profile/", "/movies/", "/admin/"])
def test_who_has_a_session_meets_no_error_of_ours_without_redis(without_redis: Web, path: str) -> None:
    answer = get(f"{without_redis.url}{path}", {"Cookie": "nova_session=abcdefghijklmnopqrstuvwxyz012345"})
    assert answer.status in {200, 302, 503}
    if answer.status == 503:
        assert answer.headers["Retry-After"] == "5"


def test_the_log_tells_why_and_keeps_the_password(without_database: Web, without_redis: Web) -> None:
    for web, part in ((without_database, "database"), (without_redis, "redis")):
        checks_of(web)
        line = web.wait_for(partial(web.find, event="health.part_failed", part=part))
        assert line["level"] == "warning"
        assert line["error"]
        assert "hunter2" not in "\n".join(web.output)


def test_metrics_are_told_while_parts_are_gone(without_database: Web, without_redis: Web) -> None:
    for web in (without_database, without_redis):
        answer = get(f"{web.url}/metrics")
        assert answer.status == 200
        assert b"django_http_requests_total" in answer.body
