from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from portal.models import AuditEntry, User

pytestmark = pytest.mark.django_db

URL = "/api/v1/audit-entries/"
START = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def reader(api: APIClient, operator: User) -> APIClient:
    AuditEntry.objects.all().delete()
    api.force_login(operator)
    return api


def _add(count: int, *, step: timedelta = timedelta(seconds=1)) -> list[int]:
    """Add entries and return their ids, newest first."""
    entries = [AuditEntry(at=START + n * step, action="test.done") for n in range(count)]
    return [entry.pk for entry in reversed(AuditEntry.objects.bulk_create(entries))]


def _ids(page: dict[str, Any]) -> list[int]:
    return [row["id"] for row in page["results"]]


def _walk(client: APIClient, url: str, direction: str) -> list[dict[str, Any]]:
    pages = [client.get(url).json()]
    while pages[-1][direction]:
        pages.append(client.get(pages[-1][direction]).json())
    return pages


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(microseconds=1), timedelta(0)])
def test_walking_forward_and_back_meets_each_row_once(reader: APIClient, step: timedelta) -> None:
    ids = _add(23, step=step)
    forward = _walk(reader, f"{URL}?page_size=5", "next")
    assert [len(page["results"]) for page in forward] == [5, 5, 5, 5, 3]
    assert [pk for page in forward for pk in _ids(page)] == ids
    assert forward[0]["previous"] is None
    back = _walk(reader, forward[-1]["previous"], "previous")
    assert [_ids(page) for page in back] == [_ids(page) for page in reversed(forward[:-1])]
    assert all(page["next"] for page in back)


def test_more_rows_of_one_moment_than_any_offset_would_bear(reader: APIClient) -> None:
    ids = _add(2500, step=timedelta(0))
    pages = _walk(reader, f"{URL}?page_size=100", "next")
    assert [pk for page in pages for pk in _ids(page)] == ids


def test_rows_that_come_meanwhile_shift_nothing(reader: APIClient) -> None:
    ids = _add(4)
    first = reader.get(f"{URL}?page_size=2").json()
    AuditEntry.objects.create(at=START + timedelta(hours=1), action="test.done")
    assert _ids(reader.get(first["next"]).json()) == ids[2:]


def test_a_page_goes_on_where_its_row_was_even_if_that_row_is_gone(reader: APIClient) -> None:
    ids = _add(4)
    first = reader.get(f"{URL}?page_size=2").json()
    AuditEntry.objects.filter(pk=ids[1]).delete()
    assert _ids(reader.get(first["next"]).json()) == ids[2:]


def test_an_empty_list_is_one_empty_page(reader: APIClient) -> None:
    assert reader.get(URL).json() == {"next": None, "previous": None, "results": []}


def test_links_keep_the_filters(reader: APIClient) -> None:
    _add(3)
    AuditEntry.objects.create(at=START, action="other.done")
    pages = _walk(reader, f"{URL}?action=test.done&page_size=2", "next")
    assert [len(page["results"]) for page in pages] == [2, 1]


def test_a_page_holds_fifty_rows_unless_asked_otherwise(reader: APIClient) -> None:
    _add(120)
    assert len(reader.get(URL).json()["results"]) == 50
    assert len(reader.get(f"{URL}?page_size=100").json()["results"]) == 100


@pytest.mark.parametrize("size", ["0", "101", "-1", "1.5", "many", "", "９", "9" * 5000])
def test_an_impossible_page_size_is_refused(reader: APIClient, size: str) -> None:
    response = reader.get(URL, {"page_size": size})
    assert response.status_code == 400
    assert response.json()["code"] == "malformed-request"


@pytest.mark.parametrize("cursor", ["garbage", "W10", "eyJhIjoxfQ:abc", "é", "\0"])
def test_a_cursor_that_is_not_ours_is_refused(reader: APIClient, cursor: str) -> None:
    _add(1)
    response = reader.get(URL, {"cursor": cursor})
    assert response.status_code == 400
    assert "cursor" in response.json()["detail"]


def test_a_changed_cursor_is_refused(reader: APIClient) -> None:
    _add(3)
    following = reader.get(f"{URL}?page_size=1").json()["next"]
    changed = following.replace("cursor=", "cursor=x")
    assert reader.get(changed).status_code == 400
