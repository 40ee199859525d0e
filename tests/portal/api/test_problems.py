import inspect
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils.functional import Promise
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.artwork.faults import PictureFault
from catalog.captions.findings import Code, Finding
from portal.api.problems import describe_problem, list_problems, problem_document
from portal.errors import FieldError, NotFound, PortalError, all_errors
from portal.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.api.probe_urls")]

ECHO = "/api/v1/probe/echo/"
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


@pytest.fixture
def quiet(client: Client) -> Client:
    """A client that sees the answer to an unforeseen error instead of the error."""
    client.raise_request_exception = False
    return client


def _problem(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) >= MEMBERS
    assert problem["status"] == response.status_code
    assert problem["type"] == f"/problems/{problem['code']}/"
    assert problem["instance"] == response.request["PATH_INFO"]
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert "secret" not in response.content.decode()
    return problem


EXPECTED = [
    ("404", 404, "not-found", {}),
    ("not-found", 404, "not-found", {}),
    ("denied", 403, "not-allowed", {"detail": "You are not on the list."}),
    ("own", 403, "not-allowed", {"detail": "You are not on the list."}),
    ("unsigned", 401, "not-signed-in", {}),
    ("faulty", 422, "invalid-input", {}),
    ("suspicious", 400, "malformed-request", {}),
    ("bad-request", 400, "malformed-request", {"detail": "The range is empty."}),
    ("limited", 429, "too-many-requests", {"scope": "probe"}),
    ("unforeseen", 500, "internal-error", {}),
    ("database", 503, "service-unavailable", {"part": "database"}),
    ("connection", 503, "service-unavailable", {"part": "database"}),
    ("redis", 503, "service-unavailable", {"part": "redis"}),
    ("broker", 503, "service-unavailable", {"part": "broker"}),
]


@pytest.mark.parametrize("where", ["fails", "plain"])
@pytest.mark.parametrize(("kind", "status", "code", "members"), EXPECTED)
def test_whatever_a_view_raises_is_a_problem(
    quiet: Client, where: str, kind: str, status: int, code: str, members: dict[str, str]
) -> None:
    response = quiet.get(f"/api/v1/probe/{where}/{kind}/")
    problem = _problem(response)
    assert (problem["status"], problem["code"]) == (status, code)
    assert {name: problem[name] for name in members} == members


@pytest.mark.parametrize(("kind", "seconds"), [("limited", "17"), ("database", "5"), ("redis", "5")])
def test_what_passes_by_itself_says_when_to_come_back(client: Client, kind: str, seconds: str) -> None:
    assert client.get(f"/api/v1/probe/fails/{kind}/").headers["Retry-After"] == seconds


def test_a_redis_that_is_gone_is_named(client: Client, settings: Settings) -> None:
    settings.NOVA_REDIS_URL = "unix:///nonexistent/redis.sock"
    assert _problem(client.get("/api/v1/"))["part"] == "redis"


def test_an_unforeseen_error_is_logged_with_its_cause(quiet: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        quiet.get("/api/v1/probe/fails/unforeseen/")
    assert any("api.internal_error" in record.getMessage() and record.exc_info for record in caplog.records)


@pytest.mark.parametrize("address", ["/api/", "/api/v1/nothing/", "/api/v1/auth/me", "/api/v2/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_addresses_below_api_are_problems_for_every_method(client: Client, address: str, method: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert _problem(strict.generic(method, address))["code"] == "not-found"


def test_a_missing_slash_is_named(client: Client) -> None:
    assert "slash" in _problem(client.get("/api/v1/auth/me"))["detail"]


def test_a_wrong_method_is_named_with_the_right_ones(api: APIClient) -> None:
    response = api.delete(ECHO)
    assert _problem(response)["code"] == "method-not-allowed"
    assert response.headers["Allow"] == "POST, OPTIONS"


def test_a_wrong_host_is_a_problem_too(client: Client) -> None:
    assert _problem(client.get("/api/v1/", headers={"host": "evil.example"}))["code"] == "malformed-request"


def test_an_unacceptable_format_is_a_problem(api: APIClient) -> None:
    assert _problem(api.get("/api/v1/", HTTP_ACCEPT="image/png"))["code"] == "not-acceptable"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b"\xff\xfe", b'{"title": NaN}', b"[" * 200_000, b'{"title": ' + b"9" * 5000 + b"}"],
    ids=["empty", "cut", "words", "not-utf-8", "nan", "deep", "long-number"],
)
def test_a_body_that_is_no_json_is_malformed(client: Client, body: bytes) -> None:
    response = client.post(ECHO, body, content_type="application/json")
    # An empty body is read as one without members.
    expected = "malformed-request" if body else "invalid-input"
    assert _problem(response)["code"] == expected


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_another_type_of_body_is_refused(client: Client, content_type: str) -> None:
    response = client.post(ECHO, b"title=x", content_type=content_type)
    assert _problem(response)["code"] == "unsupported-media-type"


def test_a_body_that_is_too_large_is_refused(client: Client, settings: Settings) -> None:
    body = b'{"title": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    assert _problem(client.post(ECHO, body, content_type="application/json"))["code"] == "request-too-large"


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("/title", "required")]),
        ({"title": "too long"}, [("/title", "max_length")]),
        ({"title": "never"}, [("", "contradiction")]),
        ({"title": "x", "rating": 5}, [("/rating", "unknown")]),
        ({"rating": 5}, [("/title", "required"), ("/rating", "unknown")]),
        ({"title": "x", "a/b~c": 5}, [("/a~1b~0c", "unknown")]),
        ({"title": "x", "windows": "soon"}, [("/windows", "not_a_list")]),
        (
            {"title": "x", "windows": [{"starts_at": "2026-01-01T00:00Z"}, {"starts_at": "soon"}, {}]},
            [("/windows/1/starts_at", "invalid"), ("/windows/2/starts_at", "required")],
        ),
        (
            {"title": "x", "windows": [{"starts_at": "2026-01-01T00:00Z", "ends_at": "2026-01-02T00:00Z"}]},
            [("/windows/0/ends_at", "unknown")],
        ),
        ({"title": "x", "tags": [1, "two", 3, "four"]}, [("/tags/1", "invalid"), ("/tags/3", "invalid")]),
        ({"title": "x", "names": {"en/GB": "long"}}, [("/names/en~1GB", "max_length")]),
        ("a text", [("", "invalid")]),
    ],
)
def test_each_fault_has_a_pointer_a_code_and_a_sentence(
    api: APIClient, body: object, faults: list[tuple[str, str]]
) -> None:
    problem = _problem(api.post(ECHO, body))
    assert problem["code"] == "invalid-input"
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == faults
    assert all(fault["detail"] for fault in problem["errors"])


def test_a_writing_call_by_session_needs_the_csrf_token(viewer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(viewer)
    response = strict.post("/api/v1/probe/private/", "{}", content_type="application/json")
    assert "CSRF" in _problem(response)["detail"]
    assert response.status_code == 403
    strict.get("/accounts/profile/")
    token = strict.cookies["csrftoken"].value
    again = strict.post("/api/v1/probe/private/", "{}", content_type="application/json", headers={"x-csrftoken": token})
    assert again.status_code == 200


def test_reading_and_writing_are_limited_apart(api: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "api-read": "2/minute", "api-write": "1/minute"}
    assert [api.get("/api/v1/").status_code for _ in range(3)] == [200, 200, 429]
    assert [api.post(ECHO, {"title": "x"}).status_code for _ in range(2)] == [200, 429]


def test_the_signed_in_are_counted_by_account_not_by_network(api: APIClient, settings: Settings, viewer: User) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "api-read": "1/minute"}
    assert [api.get("/api/v1/").status_code for _ in range(2)] == [200, 429]
    api.force_login(viewer)
    assert [api.get("/api/v1/").status_code for _ in range(2)] == [200, 429]


def test_the_texts_come_in_the_readers_language(client: Client, settings: Settings) -> None:
    response = client.get("/api/v1/nothing/", headers={"accept-language": "th"})
    assert response.headers["Content-Language"] == "th"


_SAMPLES: dict[Any, Any] = {
    int: 3,
    bool: True,
    str: "sample",
    UUID: UUID(int=7),
    Iterable[str]: ("one", "two"),
    tuple[str, ...]: ("one", "two"),
    list[str]: ["one", "two"],
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
    datetime | None: datetime(2026, 1, 1, tzinfo=UTC),
    float | None: 12.5,
    tuple[FieldError, ...]: (FieldError(pointer="/title", code="required", detail="Required."),),
    str | Promise: "sample",
    Sequence[Finding]: (Finding(code=Code.FILE_EMPTY),),
    Sequence[Mapping[str, object]]: ({"pointer": "/offset_s", "code": "invalid", "detail": "Choose another."},),
    PictureFault: PictureFault.NO_PICTURE,
}


def _instance(kind: type[PortalError]) -> PortalError:
    """Make an error of this kind: each argument that it needs is a sample of its type."""
    values = {
        name: _SAMPLES[parameter.annotation]
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }
    return kind(**values)


@pytest.mark.parametrize("kind", list(all_errors()), ids=lambda kind: kind.__name__)
def test_every_error_renders_and_is_explained(kind: type[PortalError]) -> None:
    document = problem_document(_instance(kind), instance="/api/v1/x/")
    assert set(document) >= MEMBERS
    assert json.loads(json.dumps(document))["code"] == kind.code
    described = describe_problem(kind.code)
    assert (described.status, described.title) == (int(kind.status), str(kind.title))
    assert kind.__doc__ is not None
    assert len(described.paragraphs[0]) > 30


def test_every_code_is_unique_and_kebab_case() -> None:
    codes = [kind.code for kind in all_errors()]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.replace("-", "").isalpha() for code in codes)
    assert {problem.code for problem in list_problems()} == set(codes)


def test_an_unknown_code_is_not_found() -> None:
    with pytest.raises(NotFound):
        describe_problem("no-such-code")
