"""From when and where a request looks: the clock and the edge, or a preview by those who may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from catalog.viewpoints import Viewpoint, viewpoint_of, viewpoint_of_scope
from portal import clock
from portal.errors import MalformedRequest, NotAllowed
from portal.models import User


def look(query: str = "", *, user: Any = None, **headers: str) -> Viewpoint:
    request = RequestFactory().get(f"/movies/{query}", headers=headers)
    request.user = user or AnonymousUser()
    return viewpoint_of(request)


def test_a_visitor_looks_from_now() -> None:
    before = clock.now()
    found = look()

    assert before <= found.at <= clock.now()
    assert (found.territory, found.is_preview) == (None, False)


def test_without_a_trusted_header_nobody_names_a_territory() -> None:
    assert look(**{"CF-IPCountry": "TH"}).territory is None


@pytest.mark.parametrize(
    ("claimed", "territory"), [("TH", "TH"), ("th", "TH"), ("XX", None), ("T1", None), ("", None), ("THA", None)]
)
def test_the_trusted_edge_names_the_territory(settings: Any, claimed: str, territory: str | None) -> None:
    settings.NOVA_TERRITORY_HEADER = "CF-IPCountry"

    assert look(**{"CF-IPCountry": claimed}).territory == territory
    scope = {"headers": [(b"cf-ipcountry", claimed.encode())]}
    assert viewpoint_of_scope(scope).territory == territory


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "moment"),
    [
        ("?at=2026-12-24T20:00:00Z", datetime(2026, 12, 24, 20, tzinfo=UTC)),
        ("?at=2026-12-24T20:00%2B07:00", datetime(2026, 12, 24, 13, tzinfo=UTC)),
        ("?at=2026-12-24T20:00+07:00", datetime(2026, 12, 24, 13, tzinfo=UTC)),
        ("?at=2026-12-24 20:00", datetime(2026, 12, 24, 20, tzinfo=UTC)),
    ],
)
def test_who_runs_the_catalogue_looks_from_any_moment(editor: User, query: str, moment: datetime) -> None:
    found = look(query, user=editor)

    assert (found.at, found.is_preview) == (moment, True)


@pytest.mark.django_db
def test_a_moment_without_a_zone_is_one_of_the_portals(editor: User) -> None:
    with timezone.override("Asia/Bangkok"):
        assert look("?at=2026-12-24T20:00", user=editor).at == datetime(2026, 12, 24, 13, tzinfo=UTC)


@pytest.mark.django_db
def test_a_preview_may_be_from_elsewhere(editor: User, settings: Any) -> None:
    settings.NOVA_TERRITORY_HEADER = "CF-IPCountry"

    assert look("?at=2026-12-24T20:00&territory=LA", user=editor, **{"CF-IPCountry": "TH"}).territory == "LA"
    assert look("?at=2026-12-24T20:00", user=editor, **{"CF-IPCountry": "TH"}).territory == "TH"


@pytest.mark.django_db
def test_viewers_stay_in_the_present(viewer: User) -> None:
    for user in (viewer, None):
        with pytest.raises(NotAllowed):
            look("?at=2026-12-24T20:00", user=user)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["?at=tomorrow", "?at=2026-13-24T20:00", "?at=9999-12-31T23:59-23:00T", "?at=2026-12-24T20:00&territory=Laos"],
)
def test_what_is_no_moment_or_place_is_refused(editor: User, query: str) -> None:
    with pytest.raises(MalformedRequest):
        look(query, user=editor)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["0001-01-01T00:00:00", "0001-01-01T00:00:00%2B07:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-07:00"],
)
def test_a_moment_that_no_calendar_of_films_has_is_refused(editor: User, query: str) -> None:
    with pytest.raises(MalformedRequest):
        look(f"?at={query}", user=editor)


def test_a_viewpoint_does_not_change() -> None:
    found = look()
    with pytest.raises(AttributeError):
        found.at = found.at + timedelta(days=1)  # type: ignore[misc]
