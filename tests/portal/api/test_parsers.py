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
