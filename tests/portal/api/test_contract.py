"""Whatever is sent to any operation of the committed description, its answer is one that the description names."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from pytest_django import Settings

from catalog.viewpoints import Viewpoint
from portal.ids import uuid7
from portal.models import AuditEntry, User
from streaming.models import QualityLevel
from streaming.services.playback import open_playback
from tests.factories import (
    AT,
    make_caption,
    make_channel,
    make_credit,
    make_genre,
    make_job,
    make_movie,
    make_package,
    make_person,
    make_plan,
    make_source,
    make_stream,
    make_stream_key,
    make_tag,
    make_window,
)
from tests.openapi import HOSTILE, Operation, faults, hostile_bodies, operations, sample

pytestmark = pytest.mark.django_db

# What Django does not answer is held to the description in tests/analytics/beacons/test_endpoint.py.
OPERATIONS = tuple(operation for operation in operations() if operation.name != "beacons_create")
WRITING = tuple(operation for operation in OPERATIONS if operation.body is not None)
WITH_QUERY = tuple(operation for operation in OPERATIONS if operation.query)
ROLES = (None, "stranger", "viewer", "editor", "broadcaster", "operator")
HOSTILE_TEXTS = tuple(value for value in HOSTILE if isinstance(value, str) and "\ud800" not in value)
PATHS = (
    "0",
    "-1",
    "9" * 40,
    "a" * 3000,
    "%00",
    "a%00b",
    "%ff%fe",
    "..",
    "%2e%2e%2f",
    "a%2fb",
    "é",
    "\u202ea",
    "%0d%0a",
)

by_name: Any = {"ids": lambda operation: operation.name}


@pytest.fixture(autouse=True)
def _without_limits(settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = dict.fromkeys(settings.NOVA_RATE_LIMITS, "off")


@pytest.fixture
def places() -> dict[str, str]:
    """What a path's braces stand for; each kind of thing has one of the same slug."""
    genre, tag, person = make_genre(slug="film"), make_tag(slug="film"), make_person(slug="film")
    movie = make_movie(
        slug="film", title='A "<b>film</b>" of & all', genres=(genre,), tags=(tag, make_tag()), runtime_s=None
    )
    make_credit(movie, person)
    make_window(movie)
    make_movie(visibility="DRAFT")
    make_package(make_source(movie=movie))
    entry = AuditEntry.objects.create(at=AT, action="test.done", after={"n": 1})
    caption = make_caption(movie)
    channel = make_channel(slug=movie.slug)
    level = QualityLevel.objects.create(name="Film", width_px=100, height_px=100, bitrate_bps=100_000)
    return {
        "slug": movie.slug,
        "id": str(entry.pk),
        "caption_id": str(caption.pk),
        "kind": "poster",
        "upload_id": str(uuid7(AT)),
        "job_id": str(make_job(state="FAILED").pk),
        "package_id": str(make_package().pk),
        "key_id": str(make_stream_key(channel=channel).key.pk),
        "stream_id": str(make_stream(channel).pk),
        "plan_id": str(make_plan(channel).pk),
        "level_id": str(level.pk),
        "session_id": str(open_playback(movie=movie, viewer=AnonymousUser(), viewpoint=Viewpoint(at=AT)).session_id),
    }


def sign_in(request: pytest.FixtureRequest, role: str | None) -> Client:
    client = Client()
    if role:
        person: User = request.getfixturevalue(role)
        client.force_login(person)
    return client


def send(client: Client, operation: Operation, path: str, body: object = None, **query: str) -> Any:
    content = json.dumps(body) if operation.body is not None else b""
    return client.generic(
        operation.method.upper(), path, content, content_type="application/json", query_params=query or None
    )


def check(operation: Operation, response: Any, sent: object) -> None:
    """Hold an answer to the description: a status that it names, and a body as it says."""
    content = b"(streamed)" if response.streaming else response.content
    told = f"{operation.name} got {sent!r:.200}: {response.status_code} {content!r:.300}"
    assert response.status_code < 500, told
    assert response.status_code in operation.answers, told
    schema, content_type = operation.answers[response.status_code], response.headers.get("Content-Type", "")
    if response.status_code >= 400:
        assert content_type == "application/problem+json", told
        assert response.json()["request_id"] == response.headers["X-Request-ID"], told
    if schema is not None and "json" in content_type:
        assert not list(faults(response.json(), schema)), told


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", OPERATIONS, **by_name)
def test_each_role_gets_an_answer_that_is_described(
    request: pytest.FixtureRequest, places: dict[str, str], operation: Operation, role: str | None
) -> None:
    client, path = sign_in(request, role), operation.path.format(**places)
    bodies = [sample(operation.body), {}, [], {"unknown": 1}] if operation.body else [None]
    for body in bodies:
        check(operation, send(client, operation, path, body), body)
    for name, schema in operation.query.items():
        check(operation, send(client, operation, path, **{name: str(sample(schema))}), name)


@pytest.mark.parametrize("operation", WRITING, **by_name)
def test_no_body_brings_an_operation_down(
    request: pytest.FixtureRequest, places: dict[str, str], operation: Operation
) -> None:
    assert operation.body is not None
    client, path = sign_in(request, "editor"), operation.path.format(**places)
    for body in hostile_bodies(operation.body):
        check(operation, send(client, operation, path, body), body)


def broken_bodies() -> Iterator[bytes]:
    yield from (b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"title": Infinity}', b'{"title": "\\ud800"}', b"\0")
    yield b'{"year": 1' + b"0" * 5000 + b"}"
    yield b"[" * 50_000 + b"]" * 50_000
    yield b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    yield b'{"title": "' + b"\xc3\x28" + b'"}'


@pytest.mark.parametrize("operation", WRITING, **by_name)
def test_bytes_that_are_no_proper_json_are_refused(
    request: pytest.FixtureRequest, places: dict[str, str], operation: Operation
) -> None:
    client, path = sign_in(request, "editor"), operation.path.format(**places)
    for body in broken_bodies():
        response = client.generic(operation.method.upper(), path, body, content_type="application/json")
        check(operation, response, body)
        assert response.status_code in {400, 422}, body[:40]


@pytest.mark.parametrize("operation", WITH_QUERY, **by_name)
def test_no_query_brings_an_operation_down(
    request: pytest.FixtureRequest, places: dict[str, str], operation: Operation
) -> None:
    client, path = sign_in(request, "operator"), operation.path.format(**places)
    for name in operation.query:
        for value in HOSTILE_TEXTS:
            check(operation, send(client, operation, path, **{name: value}), {name: value})


@pytest.mark.parametrize("operation", WITH_QUERY, **by_name)
def test_a_parameter_that_nobody_described_is_refused(
    request: pytest.FixtureRequest, places: dict[str, str], operation: Operation
) -> None:
    """A misspelt filter that is ignored shows everything, and looks as if it had worked."""
    role = "editor" if "stream-keys" in operation.path else "operator"
    response = send(sign_in(request, role), operation, operation.path.format(**places), pagesize="5")
    check(operation, response, "pagesize")
    assert response.status_code == 400
    assert [fault["parameter"] for fault in response.json()["errors"]] == ["pagesize"]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if "{" in o.path], **by_name)
def test_no_address_brings_an_operation_down(request: pytest.FixtureRequest, operation: Operation) -> None:
    client = sign_in(request, "operator")
    before = operation.path.partition("{")[0]
    after = operation.path.partition("}")[2]
    body = sample(operation.body) if operation.body else None
    for place in PATHS:
        response = send(client, operation, before + (place if "%" in place else quote(place)) + after, body)
        assert response.status_code in {403, 404}, (place, response.content)
        assert response.headers["Content-Type"] == "application/problem+json", place


@pytest.mark.parametrize("operation", WRITING, **by_name)
def test_a_member_that_comes_twice_is_read_once_and_no_error(
    request: pytest.FixtureRequest, places: dict[str, str], operation: Operation
) -> None:
    assert operation.body is not None
    client, path = sign_in(request, "editor"), operation.path.format(**places)
    (first, value), *_ = sample(operation.body).items()
    body = f'{{"{first}": [], "{first}": {json.dumps(value)}}}'
    check(operation, client.generic(operation.method.upper(), path, body, content_type="application/json"), body)


@pytest.mark.parametrize("operation", OPERATIONS, **by_name)
def test_no_authorization_header_brings_an_operation_down(places: dict[str, str], operation: Operation) -> None:
    body = sample(operation.body) if operation.body else None
    path = operation.path.format(**places)
    for header in ("Bearer", "Bearer a b", "Bearer \xff", "Basic YTpi", "Bearer " + "x" * 9000, "\0"):
        client = Client(headers={"authorization": header})
        check(operation, send(client, operation, path, body), header)


def test_what_does_not_fit_the_description_is_found() -> None:
    """The judge itself: each of these is a fault, and none of them is another's."""
    schema = {
        "type": "object",
        "required": ["id", "at"],
        "properties": {"id": {"type": "integer"}, "at": {"type": "string", "format": "date-time"}},
    }
    assert list(faults({"id": 1, "at": "2026-01-01T00:00:00Z"}, schema)) == []
    assert list(faults({"id": True, "at": "2026-01-01T00:00:00Z"}, schema)) == ["/id is True and no integer"]
    assert list(faults({"id": None, "at": "2026-01-01T00:00:00"}, schema)) == [
        "/id is null",
        "/at is '2026-01-01T00:00:00' and no string",
    ]
    assert list(faults({"at": "2026-01-01T00:00:00Z", "x": 1}, schema)) == ["/id is missing", "/x is not described"]
