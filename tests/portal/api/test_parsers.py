"""Bodies that are nearly JSON."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Movie
from portal.models import User

URL = "/api/v1/movies/"


def send(api: APIClient, editor: User, body: bytes) -> Any:
    api.force_authenticate(editor)
    return api.post(URL, body, content_type="application/json")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'\xef\xbb\xbf{"title": "A", "year": 2020}', "The body is no JSON: Unexpected UTF-8 BOM"),
        (b'{"title": "A",}', "The body is no JSON"),
        ('{"title": "A"}'.encode("utf-16"), "The body is not in UTF-8."),
        (b'{"title": "\xff"}', "The body is not in UTF-8."),
        (b"[" * 100_000, "The body is nested too deeply."),
        (b'{"title": "A", "year": NaN}', "NaN is no JSON."),
        (b'{"title": "A", "year": -Infinity}', "-Infinity is no JSON."),
        (b'{"title": "A", "year": ' + b"9" * 5000 + b"}", "A number in the body has too many digits."),
        (b'{"title": "A", "year": 2020, "title": "B"}', "“title” stands twice in one object."),
        (b'{"title": "A", "tags": [{"x": 1, "x": 2}]}', "“x” stands twice in one object."),
    ],
)
def test_a_broken_body_is_answered_by_what_is_wrong_with_it(
    api: APIClient, editor: User, body: bytes, detail: str
) -> None:
    answer = send(api, editor, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")
    assert answer.json()["detail"].startswith(detail)
    assert not Movie.objects.exists()


def test_a_format_in_the_address_is_an_unknown_parameter(api: APIClient, db: None) -> None:
    answer = api.get(URL, {"format": "xml"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"parameter": "format", "code": "unknown", "detail": "There is no such parameter."}
    ]


def test_a_stranger_is_told_of_a_hundred_faults_and_no_more(api: APIClient, db: None) -> None:
    body = {f"name{number}": 1 for number in range(5000)}

    answer = api.post("/api/v1/auth/token/", body)

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 100


@pytest.mark.parametrize("name", ["tags", "genres", "countries", "languages"])
def test_nobody_looks_into_a_list_that_is_too_long(api: APIClient, editor: User, name: str) -> None:
    api.force_authenticate(editor)

    answer = api.post(URL, {"title": "Meridian", "year": 2020, name: [[]] * 5000})

    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(f"/{name}", "max_length")]
