"""Who may call what of the catalogue's API: one table of calls and people."""

from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from portal.models import AuditEntry, User
from tests.factories import make_credit, make_genre, make_movie, make_person, make_tag, make_window

pytestmark = pytest.mark.django_db

PEOPLE = (None, "stranger", "viewer", "broadcaster", "operator", "editor", "administrator")
_EVERYBODY = (200,) * 7


def _editors(status: int = 200, others: int = 403) -> tuple[int, ...]:
    return (401, others, others, others, 403, status, status)


# The statuses that `PEOPLE` get, in their order.
CALLS: dict[tuple[str, str], tuple[Any, tuple[int, ...]]] = {
    ("get", "movies/"): (None, _EVERYBODY),
    ("get", "movies/?visibility=ANY"): (None, (403, 403, 403, 403, 200, 200, 200)),
    ("get", "movies/?at=2026-12-24"): (None, (403, 403, 403, 403, 200, 200, 200)),
    ("get", "movies/?territory=TH"): (None, (403, 403, 403, 403, 200, 200, 200)),
    ("post", "movies/"): ({"title": "New", "year": 2026}, _editors(201)),
    ("get", "movies/shown/"): (None, _EVERYBODY),
    ("patch", "movies/shown/"): ({"tagline": "New."}, _editors()),
    ("put", "movies/shown/visibility/"): ({"visibility": "HIDDEN"}, _editors()),
    ("get", "movies/shown/availability/"): (None, _EVERYBODY),
    ("put", "movies/shown/availability/"): ({"windows": [{"starts_at": "2026-01-01T00:00:00Z"}]}, _editors()),
    ("get", "movies/shown/credits/"): (None, _EVERYBODY),
    ("put", "movies/shown/credits/"): ({"credits": []}, _editors()),
    ("get", "movies/hidden/"): (None, (404, 404, 404, 404, 200, 200, 200)),
    ("patch", "movies/hidden/"): ({"tagline": "New."}, _editors(others=404)),
    ("put", "movies/hidden/visibility/"): ({"visibility": "DRAFT"}, _editors(409, others=404)),
    ("get", "movies/hidden/availability/"): (None, (404, 404, 404, 404, 200, 200, 200)),
    ("put", "movies/hidden/availability/"): ({"windows": []}, _editors(others=404)),
    ("get", "movies/hidden/credits/"): (None, (404, 404, 404, 404, 200, 200, 200)),
    ("put", "movies/hidden/credits/"): ({"credits": []}, _editors(others=404)),
    ("get", "genres/"): (None, _EVERYBODY),
    ("post", "genres/"): ({"name": "New"}, _editors(201)),
    ("get", "genres/drama/"): (None, _EVERYBODY),
    ("patch", "genres/drama/"): ({"name": "Dramas"}, _editors()),
    ("get", "tags/"): (None, _EVERYBODY),
    ("get", "tags/heist/"): (None, _EVERYBODY),
    ("patch", "tags/heist/"): ({"name": "robbery"}, _editors()),
    ("post", "tags/heist/merge/"): ({"into": "secret"}, _editors()),
    ("get", "tags/secret/"): (None, (404, 404, 404, 404, 200, 200, 200)),
    ("patch", "tags/secret/"): ({"name": "told"}, _editors(others=404)),
    ("get", "people/"): (None, _EVERYBODY),
    ("post", "people/"): ({"name": "New"}, _editors(201)),
    ("get", "people/ada/"): (None, _EVERYBODY),
    ("patch", "people/ada/"): ({"name": "New"}, _editors()),
    ("delete", "people/ada/"): (None, _editors(409)),
    ("get", "people/nobody/"): (None, (404, 404, 404, 404, 200, 200, 200)),
    ("delete", "people/nobody/"): (None, _editors(204, others=404)),
}


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_who_may_call_what(request: pytest.FixtureRequest, call: tuple[str, str]) -> None:
    (method, path), (body, statuses) = call, CALLS[call]
    shown = make_movie(slug="shown", genres=(make_genre(slug="drama"),), tags=(make_tag(slug="heist"),))
    hidden = make_movie(slug="hidden", visibility="HIDDEN", tags=(make_tag(slug="secret"),))
    make_window(hidden)
    make_credit(hidden)
    make_credit(shown, make_person(slug="ada"))
    make_person(slug="nobody")
    for person, status in zip(PEOPLE, statuses, strict=True):
        user: User | None = request.getfixturevalue(person) if person else None
        api, before = APIClient(), AuditEntry.objects.count()
        api.force_authenticate(user)
        with transaction.atomic():
            answer = getattr(api, method)(f"/api/v1/{path}", body)
            written = AuditEntry.objects.count() - before
            transaction.set_rollback(True)
        assert answer.status_code == status, (person, answer.content)
        assert (written > 0) == (method != "get" and status < 400), person
        if status >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
