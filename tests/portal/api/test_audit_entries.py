from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from portal.models import AuditEntry, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/audit-entries/"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def reader(api: APIClient, operator: User) -> APIClient:
    AuditEntry.objects.all().delete()
    api.force_login(operator)
    return api


def _entry(**overrides: object) -> AuditEntry:
    fields = {"at": NOON, "action": "movie.published", **overrides}
    return AuditEntry.objects.create(**fields)


def test_an_entry_tells_who_did_what_to_which_object_and_how_it_changed(reader: APIClient) -> None:
    ada = make_user(username="ada")
    entry = _entry(
        actor=ada,
        actor_label="ada",
        object_type="catalog.movie",
        object_id="7",
        object_label="Ember",
        before={"title": "Embers"},
        after={"title": "Ember"},
        request_id="req-12345678",
    )
    expected = {
        "id": entry.pk,
        "at": "2026-01-01T12:00:00Z",
        "action": "movie.published",
        "actor": "ada",
        "actor_id": ada.pk,
        "object_type": "catalog.movie",
        "object_id": "7",
        "object_label": "Ember",
        "before": {"title": "Embers"},
        "after": {"title": "Ember"},
        "request_id": "req-12345678",
    }
    assert reader.get(URL).json()["results"] == [expected]
    assert reader.get(f"{URL}{entry.pk}/").json() == expected


def test_the_name_stays_when_the_account_is_gone(reader: APIClient) -> None:
    ada = make_user(username="ada")
    entry = _entry(actor=ada, actor_label="ada")
    ada.delete()
    answer = reader.get(f"{URL}{entry.pk}/").json()
    assert (answer["actor"], answer["actor_id"]) == ("ada", None)


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_an_entry_that_is_not_there_is_not_found(reader: APIClient, pk: str) -> None:
    assert reader.get(f"{URL}{pk}/").status_code == 404


def test_the_newest_comes_first(reader: APIClient) -> None:
    ids = [_entry(at=NOON + timedelta(minutes=n)).pk for n in (1, 3, 2)]
    assert [row["id"] for row in reader.get(URL).json()["results"]] == [ids[1], ids[2], ids[0]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"action": "movie.published"}, {"published"}),
        ({"action": "movie."}, set()),
        ({"action_prefix": "movie."}, {"published", "hidden"}),
        ({"action_prefix": "movie_"}, set()),
        ({"action_prefix": "%"}, set()),
        ({"actor": "ada"}, {"hidden"}),
        ({"object_type": "catalog.movie", "object_id": "2"}, {"hidden"}),
        ({"request_id": "req-12345678"}, {"started"}),
        ({"from": "2026-01-01T12:01:00Z"}, {"hidden", "started"}),
        ({"to": "2026-01-01T12:01:00Z"}, {"published"}),
        ({"from": "2026-01-01T13:01:00+01:00", "to": "2026-01-01T12:02:00Z"}, {"hidden"}),
        ({}, {"published", "hidden", "started"}),
    ],
)
def test_filters_narrow_the_list(reader: APIClient, query: dict[str, str], expected: set[str]) -> None:
    _entry(object_type="catalog.movie", object_id="1")
    _entry(
        action="movie.hidden",
        at=NOON + timedelta(minutes=1),
        actor=make_user(username="ada"),
        actor_label="ada",
        object_type="catalog.movie",
        object_id="2",
    )
    _entry(action="stream.started", at=NOON + timedelta(minutes=2), request_id="req-12345678")
    found = reader.get(URL, query).json()["results"]
    assert {row["action"].partition(".")[2] for row in found} == expected


def test_the_actors_id_is_a_filter_too(reader: APIClient) -> None:
    ada = make_user()
    entry = _entry(actor=ada)
    _entry()
    assert [row["id"] for row in reader.get(URL, {"actor_id": ada.pk}).json()["results"]] == [entry.pk]


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ({"from": "yesterday"}, "from", "invalid"),
        ({"actor_id": "ada"}, "actor_id", "invalid"),
        ({"acton": "movie.published"}, "acton", "unknown"),
        ({"action": "a\0b"}, "action", "null_characters_not_allowed"),
    ],
)
def test_a_query_that_cannot_be_used_is_refused_by_parameter(
    reader: APIClient, query: dict[str, str], parameter: str, code: str
) -> None:
    response = reader.get(URL, query)
    assert response.status_code == 400
    problem = response.json()
    assert problem["code"] == "malformed-request"
    assert [(fault["parameter"], fault["code"]) for fault in problem["errors"]] == [(parameter, code)]


def test_more_rows_need_no_more_queries(reader: APIClient) -> None:
    def queries_of_one_list() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert reader.get(URL).status_code == 200
        return len(captured)

    _entry(actor=make_user())
    queries_of_one_list()
    with_one = queries_of_one_list()
    for _ in range(20):
        _entry(actor=make_user())
    assert queries_of_one_list() == with_one
    assert with_one <= 4


def test_entries_are_for_reading_only(api: APIClient, administrator: User) -> None:
    entry = _entry()
    api.force_authenticate(administrator)
    for method in ("post", "put", "patch", "delete"):
        for address in (URL, f"{URL}{entry.pk}/"):
            assert getattr(api, method)(address, {}).status_code == 405
    assert AuditEntry.objects.filter(pk=entry.pk).exists()
