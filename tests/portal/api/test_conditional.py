"""ETags: what is read again only if it changed, and what a change is compared by."""

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from portal.api.conditional import revisions_in, tagged
from portal.errors import MalformedRequest

CONTENT = {"b": [1, {"c": None}], "a": "é"}


def request(method: str = "get", **headers: str) -> Request:
    return Request(getattr(APIRequestFactory(), method)("/", headers=headers))


def answer(content: Any = CONTENT, *, revision: str = "7", **headers: str) -> Response:
    return tagged(request(**headers), content, revision=revision)


def test_a_tag_is_the_revision_and_what_was_said() -> None:
    tag = answer().headers["ETag"]

    assert tag.startswith('"7-')
    assert answer(dict(reversed(CONTENT.items()))).headers["ETag"] == tag
    assert answer(CONTENT | {"a": "e"}).headers["ETag"] != tag
    assert answer(revision="8").headers["ETag"] != tag
    assert "-" not in answer(revision="").headers["ETag"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ('"7"', 200),
        ("nonsense", 200),
        ("", 200),
    ],
)
def test_what_is_kept_already_is_not_sent(header: str, status: int) -> None:
    again = answer(**{"If-None-Match": header.format(tag=answer().headers["ETag"])})

    assert (again.status_code, again.data) == (status, CONTENT if status == 200 else None)
    assert again.headers["ETag"] == answer().headers["ETag"]
    assert (again.headers["Cache-Control"], again.headers["Vary"]) == (
        "private, no-cache",
        "Accept-Language, Authorization, Cookie",
    )


def test_a_change_is_always_answered_whole_and_kept_by_nobody() -> None:
    changed = tagged(request("post", **{"If-None-Match": "*"}), CONTENT, revision="7", status=201)

    assert (changed.status_code, changed.data) == (201, CONTENT)
    assert "Cache-Control" not in changed.headers


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("*", None),
        (" * ", None),
        ('"7"', {"7"}),
        ('"7-0123abcd"', {"7"}),
        ('"7-a", "8-b"', {"7", "8"}),
        ('W/"7-a"', set()),
        ('W/"7-a", "8-b"', {"8"}),
    ],
)
def test_a_condition_names_revisions_strongly(header: str, named: set[str] | None) -> None:
    assert revisions_in(request(**{"If-Match": header})) == named


def test_without_a_condition_any_revision_will_do() -> None:
    assert revisions_in(request()) is None


@pytest.mark.parametrize("header", ["", "7", '"7', "W/7", ",", "*, *"])
def test_a_condition_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(MalformedRequest):
        revisions_in(request(**{"If-Match": header}))
