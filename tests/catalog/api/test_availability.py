"""`/api/v1/movies/<slug>/availability/`: when and where a movie can be seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.models import AvailabilityWindow, Movie
from portal import clock
from portal.models import AuditEntry, User
from tests.factories import AT, make_movie, make_window

pytestmark = pytest.mark.django_db

URL = "/api/v1/movies/meridian/availability/"
DAY = timedelta(days=1)
OPEN = {"starts_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_a_viewer_is_told_of_their_own_time_and_place_only(api: APIClient, settings: Settings) -> None:
    settings.NOVA_TERRITORY_HEADER = "CF-IPCountry"
    movie, now = make_movie(slug="meridian"), clock.now()
    make_window(movie, starts_at=AT - DAY, ends_at=now + DAY, territories=["TH"])
    make_window(movie, starts_at=now + 9 * DAY, ends_at=now + 10 * DAY, territories=["FR"])

    answer = api.get(URL, headers={"CF-IPCountry": "TH"})

    assert answer.json() == {
        "availability": {"now": True, "until": stamp(now + DAY), "from": None},
        "windows": None,
    }
    assert "FR" not in answer.content.decode()
    assert api.get(URL, headers={"CF-IPCountry": "FR"}).status_code == 404
    assert api.get(URL).status_code == 404


def test_what_is_announced_tells_from_when_on(api: APIClient) -> None:
    movie, opens_at = make_movie(slug="meridian", is_announced=True), clock.now() + DAY
    make_window(movie, starts_at=opens_at)

    assert api.get(URL).json()["availability"] == {"now": False, "until": None, "from": stamp(opens_at)}


def test_what_is_hidden_is_not_available_whatever_its_windows_say(desk: APIClient) -> None:
    make_window(make_movie(slug="meridian", visibility="HIDDEN"))

    answer = desk.get(URL).json()

    assert answer["availability"] == {"now": False, "until": None, "from": None}
    assert [window["starts_at"] for window in answer["windows"]] == [stamp(AT)]


def test_an_editor_replaces_the_windows(desk: APIClient) -> None:
    movie = make_movie(slug="meridian")
    make_window(movie)
    windows = [
        {
            "starts_at": "2026-12-03T20:00:00+07:00",
            "ends_at": "2027-01-03T00:00:00+07:00",
            "time_zone": "Asia/Bangkok",
            "territories": ["th", "LA", "TH"],
        },
        {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-12-03T13:00:00Z"},
    ]

    answer = desk.put(URL, {"windows": windows}, headers={"If-Match": '"1"'})

    assert answer.status_code == 200, answer.content
    assert answer.headers["ETag"].startswith('"2-')
    assert answer.json()["windows"] == [
        {
            "starts_at": "2026-01-01T00:00:00Z",
            "ends_at": "2026-12-03T13:00:00Z",
            "time_zone": "UTC",
            "territories": [],
        },
        {
            "starts_at": "2026-12-03T13:00:00Z",
            "ends_at": "2027-01-02T17:00:00Z",
            "time_zone": "Asia/Bangkok",
            "territories": ["TH", "LA"],
        },
    ]
    assert AuditEntry.objects.get(object_type="catalog.movie").action == "movie.scheduled"


def test_no_windows_are_no_limit(desk: APIClient) -> None:
    make_window(make_movie(slug="meridian"), starts_at=clock.now() + DAY)

    answer = desk.put(URL, {"windows": []}).json()

    assert answer == {"availability": {"now": True, "until": None, "from": None}, "windows": []}


def test_the_same_windows_again_change_nothing(desk: APIClient) -> None:
    make_movie(slug="meridian")
    first, again = (desk.put(URL, {"windows": [OPEN]}) for _ in range(2))

    assert first.headers["ETag"] == again.headers["ETag"]
    assert AuditEntry.objects.filter(action="movie.scheduled").count() == 1


@pytest.mark.parametrize(
    ("windows", "faults"),
    [
        (None, {("/windows", "null")}),
        ("always", {("/windows", "not_a_list")}),
        ([1], {("/windows/0", "invalid")}),
        ([OPEN, {}], {("/windows/1/starts_at", "required")}),
        ([{"starts_at": None}], {("/windows/0/starts_at", "null")}),
        ([{"starts_at": "2026-12-03T20:00:00"}], {("/windows/0/starts_at", "no_offset")}),
        ([{"starts_at": "soon"}], {("/windows/0/starts_at", "invalid")}),
        ([{"starts_at": "0001-01-01T00:00:00+14:00"}], {("/windows/0/starts_at", "overflow")}),
        ([{**OPEN, "ends_at": "9999-12-31T23:59:59Z"}], {("/windows/0/ends_at", "overflow")}),
        ([{**OPEN, "ends_at": "2026-12-03"}], {("/windows/0/ends_at", "no_offset")}),
        ([{**OPEN, "ends_at": "2025-12-03T00:00:00Z"}], {("/windows/0/ends_at", "window-ends-before-start")}),
        ([{**OPEN, "ends_at": OPEN["starts_at"]}], {("/windows/0/ends_at", "window-ends-before-start")}),
        ([OPEN, {"starts_at": "2027-01-01T00:00:00Z"}], {("/windows/1/starts_at", "windows-overlap")}),
        ([{**OPEN, "time_zone": "Mars/Olympus"}], {("/windows/0/time_zone", "unknown_time_zone")}),
        ([{**OPEN, "time_zone": "../../etc/passwd"}], {("/windows/0/time_zone", "unknown_time_zone")}),
        ([{**OPEN, "territories": ["TH", "ZZ"]}], {("/windows/0/territories/1", "unknown_territory")}),
        ([{**OPEN, "territories": ["TH"] * 251}], {("/windows/0/territories", "max_length")}),
        ([{**OPEN, "place": "TH"}], {("/windows/0/place", "unknown")}),
        ([OPEN] * 101, {("/windows", "max_length")}),
    ],
)
def test_each_fault_is_pointed_at_and_nothing_is_saved(
    desk: APIClient, windows: Any, faults: set[tuple[str, str]]
) -> None:
    kept = make_window(make_movie(slug="meridian"))

    answer = desk.put(URL, {"windows": windows})

    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == faults
    assert AvailabilityWindow.objects.get() == kept


def test_windows_on_top_of_another_change_are_refused(desk: APIClient) -> None:
    make_movie(slug="meridian", version=2)

    answer = desk.put(URL, {"windows": [OPEN]}, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.json()["version"]) == (412, 2)
    assert not AvailabilityWindow.objects.exists()


def test_a_preview_shows_what_viewers_get_then_and_there(desk: APIClient) -> None:
    movie = make_movie(slug="meridian")
    make_window(movie, starts_at=datetime(2027, 1, 1, tzinfo=UTC), territories=["TH"])

    seen = desk.get(URL, {"at": "2027-06-01T00:00:00Z", "territory": "TH"})

    assert seen.json() == {"availability": {"now": True, "until": None, "from": None}, "windows": None}
    assert desk.get(URL, {"at": "2027-06-01T00:00:00Z", "territory": "FR"}).status_code == 404
    assert desk.get(URL, {"territory": "TH"}).status_code == 404
    assert desk.get(URL).status_code == 200


def test_what_is_kept_holds_until_an_edge_passes(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes anything, and yet it is another answer."""
    movie, edge = make_movie(slug="meridian", is_announced=True), AT + DAY
    make_window(movie, starts_at=edge)
    monkeypatch.setattr(clock, "now", lambda: edge - timedelta(seconds=1))
    kept = {"If-None-Match": api.get(URL).headers["ETag"]}

    still = api.get(URL, headers=kept)
    monkeypatch.setattr(clock, "now", lambda: edge)
    changed = api.get(URL, headers=kept)

    assert (still.status_code, still.content, changed.status_code) == (304, b"", 200)
    assert changed.json()["availability"]["now"] is True
    assert Movie.objects.get().version == 1
