from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import AuditEntry, User

pytestmark = pytest.mark.django_db

LIST = "/admin/portal/auditentry/"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def desk(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def entry(db: None) -> AuditEntry:
    return AuditEntry.objects.create(
        at=NOON,
        action="movie.published",
        actor_label="ada",
        object_type="catalog.movie",
        object_id="7",
        object_label="Ember",
        after={"title": "<script>alert(1)</script>"},
    )


def test_operators_read_the_trail(desk: Client, entry: AuditEntry) -> None:
    html = desk.get(LIST).content.decode()
    assert "movie.published" in html
    assert "Ember" in html


def test_an_entry_shows_its_values_as_text(desk: Client, entry: AuditEntry) -> None:
    html = desk.get(reverse("admin:portal_auditentry_change", args=[entry.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"q": "ember"}, True),
        ({"q": "7"}, True),
        ({"q": "Night Ferry"}, False),
        ({"action__icontains": "movie."}, True),
        ({"action__icontains": "stream."}, False),
        ({"actor_label": "ada"}, True),
        ({"object_type": "catalog.movie", "object_id": "7"}, True),
        ({"object_type": "catalog.movie", "object_id": "8"}, False),
        ({"at_from_0": "2026-01-01", "at_from_1": "12:00:00"}, True),
        ({"at_from_0": "2026-01-01", "at_from_1": "12:00:01"}, False),
        ({"at_from_0": "2026-01-01", "at_to_0": "2026-01-01"}, True),
        ({"at_to_0": "2025-12-31"}, False),
    ],
)
def test_search_and_filters_narrow_the_list(
    desk: Client, entry: AuditEntry, query: dict[str, str], is_found: bool
) -> None:
    response = desk.get(LIST, query)
    assert response.status_code == 200
    assert ("movie.published" in response.content.decode()) is is_found


def test_a_date_that_is_none_is_said_to_be_wrong(desk: Client, entry: AuditEntry) -> None:
    assert desk.get(LIST, {"at_from_0": "yesterday"}).headers["Location"] == f"{LIST}?e=1"


def test_nobody_changes_the_past(client: Client, administrator: User, entry: AuditEntry) -> None:
    client.force_login(administrator)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(reverse("admin:portal_auditentry_change", args=[entry.pk]), {"action": "x"}).status_code == 403
    assert client.post(reverse("admin:portal_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    entry.refresh_from_db()
    assert entry.action == "movie.published"


@pytest.mark.parametrize("person", ["viewer", "editor", "broadcaster"])
def test_others_do_not_read_it(client: Client, request: pytest.FixtureRequest, person: str) -> None:
    client.force_login(request.getfixturevalue(person))
    assert client.get(LIST).status_code in {302, 403}


def test_more_entries_need_no_more_queries(desk: Client, entry: AuditEntry, administrator: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(LIST)
        return len(captured)

    queries()
    with_one = queries()
    for n in range(20):
        AuditEntry.objects.create(at=NOON + timedelta(minutes=n), action="movie.hidden", actor=administrator)
    assert queries() == with_one
