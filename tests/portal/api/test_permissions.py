"""Who may call what: every endpoint of the portal's own API, for every kind of caller."""

from dataclasses import dataclass

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from portal.models import AuditEntry, User

pytestmark = pytest.mark.django_db

CALLERS = ("anonymous", "stranger", "viewer", "editor", "broadcaster", "operator", "administrator")


@dataclass(frozen=True)
class Endpoint:
    """One call and the statuses it answers to `CALLERS`, in their order."""

    name: str
    method: str
    path: str
    statuses: tuple[int, ...]


def _all(status: int) -> tuple[int, ...]:
    return (status,) * len(CALLERS)


AUDIT = (401, 403, 403, 403, 403, 200, 200)
MATRIX = (
    Endpoint("root", "get", "/api/v1/", _all(200)),
    Endpoint("token", "post", "/api/v1/auth/token/", _all(422)),
    Endpoint("token-refresh", "post", "/api/v1/auth/token/refresh/", _all(422)),
    Endpoint("me", "get", "/api/v1/auth/me/", (401, 200, 200, 200, 200, 200, 200)),
    Endpoint("audit-entry-list", "get", "/api/v1/audit-entries/", AUDIT),
    Endpoint("audit-entry-detail", "get", "/api/v1/audit-entries/{entry}/", AUDIT),
    Endpoint("schema", "get", "/api/v1/schema/", _all(200)),
    Endpoint("docs", "get", "/api/v1/docs/", _all(200)),
    Endpoint("redoc", "get", "/api/v1/redoc/", _all(200)),
)


@pytest.mark.parametrize("endpoint", MATRIX, ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_gets_what_the_matrix_says(
    api: APIClient, request: pytest.FixtureRequest, caller: str, endpoint: Endpoint
) -> None:
    entry = AuditEntry.objects.create(at="2026-01-01T00:00Z", action="test.done")
    if caller != "anonymous":
        user: User = request.getfixturevalue(caller)
        api.force_authenticate(user)
    response = getattr(api, endpoint.method)(endpoint.path.format(entry=entry.pk))
    assert response.status_code == endpoint.statuses[CALLERS.index(caller)]


def test_the_matrix_knows_every_endpoint() -> None:
    (kernel,) = (
        entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver) and entry.namespace == "api"
    )
    names = {pattern.name for pattern in kernel.url_patterns if isinstance(pattern, URLPattern)}
    assert names == {endpoint.name for endpoint in MATRIX}
