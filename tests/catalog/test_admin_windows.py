"""The tab "Availability" of a movie: windows in local time."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from catalog.models import Movie
from portal.models import AuditEntry, User
from tests.catalog.desk import MOVIES, filled_in, rows, window
from tests.factories import make_movie, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def save(desk: Client, movie: Movie, *lines: dict[str, Any], known: int = 0, **overrides: Any) -> Any:
    sent = filled_in(movie, **overrides) | rows("windows", *lines, known=known)
    return desk.post(f"{MOVIES}{movie.pk}/change/", sent)


def faults(response: Any) -> dict[str, list[str]]:
    """Return what is wrong with the rows, by field, and that all of the page says so."""
    assert response.status_code == 200
    form = response.context["adminform"].form
    assert form.tab_errors()["availability"] == 1
    assert "Availability: look at row" in str(form.non_field_errors())
    return {name: list(errors) for row in form.windows for name, errors in row.errors.items()}


def test_a_window_is_written_in_its_own_time_zone(desk: Client, editor: User) -> None:
    movie = make_movie()

    response = save(desk, movie, window("2026-12-03T20:00", "2026-12-24T23:30", "Asia/Bangkok", "th la"))

    assert response.status_code == 302
    saved = movie.windows.get()
    assert (saved.starts_at, saved.ends_at) == (
        datetime(2026, 12, 3, 13, 0, tzinfo=UTC),
        datetime(2026, 12, 24, 16, 30, tzinfo=UTC),
    )
    assert (saved.time_zone, saved.territories) == ("Asia/Bangkok", ["TH", "LA"])
    assert AuditEntry.objects.get(action="movie.scheduled").actor == editor


def test_the_form_shows_the_time_as_the_editor_wrote_it(desk: Client) -> None:
    movie = make_movie()
    make_window(movie, starts_at=datetime(2026, 12, 3, 13, 0, tzinfo=UTC), time_zone="Asia/Bangkok", territories=["TH"])

    html = desk.get(f"{MOVIES}{movie.pk}/change/").content.decode()

    assert 'value="2026-12-03T20:00"' in html
    assert 'value="Asia/Bangkok"' in html
    assert 'value="TH"' in html


def test_a_window_that_nobody_touched_keeps_its_microseconds(desk: Client) -> None:
    movie = make_movie()
    start = datetime(2026, 12, 3, 13, 0, 7, 123456, tzinfo=UTC)
    make_window(movie, starts_at=start)

    save(desk, movie, window("2026-12-03T13:00:07"), window(), known=1, tagline="New")

    assert movie.windows.get().starts_at == start
    assert not AuditEntry.objects.filter(action="movie.scheduled").exists()


def test_a_window_is_removed(desk: Client) -> None:
    movie = make_movie()
    make_window(movie, starts_at=datetime(2026, 12, 3, tzinfo=UTC))

    save(desk, movie, window("2026-12-03T00:00", DELETE="on"), known=1)

    assert not movie.windows.exists()


def test_what_was_not_sent_stays(desk: Client) -> None:
    movie = make_movie()
    make_window(movie)

    desk.post(f"{MOVIES}{movie.pk}/change/", filled_in(movie, tagline="New"))

    assert movie.windows.count() == 1


@pytest.mark.parametrize(
    ("line", "field", "sentence"),
    [
        (window("2026-12-03T20:00", "2026-12-03T20:00"), "ends_local", "later than the start"),
        (window("2026-12-03T20:00", "2026-12-01T20:00"), "ends_local", "later than the start"),
        (window("soon"), "starts_local", "Write a day and a time"),
        (window("", "2026-12-01T20:00"), "starts_local", "required"),
        (window("2026-12-03T20:00", zone="Mars/Olympus"), "time_zone", "“Mars/Olympus” is no time zone"),
        (window("2026-12-03T20:00", zone="../../etc/passwd"), "time_zone", "is no time zone"),
        (window("2026-12-03T20:00", zone=""), "time_zone", "required"),
        (window("2026-12-03T20:00", territories="TH, ZZ"), "territories", "“ZZ” is no territory"),
        (window("2026-12-03T20:00", territories="<b>TH</b>"), "territories", "is no territory"),
        (window("2026-03-29T02:30", zone="Europe/Berlin"), "starts_local", "next that they show is 29 Mar 2026 03:00"),
        (window("2026-10-25T02:30", zone="Europe/Berlin"), "starts_local", "Say which of the two is meant"),
        (window("2026-10-01T00:00", "2026-10-25T02:30", "Europe/Berlin"), "ends_local", "Say which of the two"),
        (window("0001-01-01T00:00", zone="Asia/Tokyo"), "starts_local", "between the years"),
        (window("2026-12-03T20:00", starts_which="7"), "starts_which", "not one of the available choices"),
    ],
)
def test_a_faulty_window_is_answered_at_its_field(
    desk: Client, line: dict[str, Any], field: str, sentence: str
) -> None:
    movie = make_movie(tagline="Before")

    response = save(desk, movie, line, tagline="After")

    assert sentence in " ".join(faults(response)[field])
    movie.refresh_from_db()
    assert (movie.tagline, movie.version, movie.windows.count()) == ("Before", 1, 0)


@pytest.mark.parametrize(("which", "hour"), [("0", 0), ("1", 1)])
def test_a_time_that_comes_twice_is_chosen(desk: Client, which: str, hour: int) -> None:
    movie = make_movie()

    asked = save(desk, movie, window("2026-10-25T02:30", zone="Europe/Berlin"))
    save(desk, movie, window("2026-10-25T02:30", zone="Europe/Berlin", starts_which=which))

    assert 'name="windows-0-starts_which"' in asked.content.decode()
    assert 'name="windows-0-ends_which"' not in asked.content.decode()
    assert movie.windows.get().starts_at == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    shown = desk.get(f"{MOVIES}{movie.pk}/change/").context["adminform"].form.windows[0]
    assert shown["starts_which"].value() == which


def test_windows_that_overlap_are_named(desk: Client) -> None:
    movie = make_movie()

    response = save(
        desk, movie, window("2026-12-01T00:00", "2026-12-10T00:00"), window("2026-12-05T00:00", territories="TH")
    )

    assert faults(response) == {
        "starts_local": ["This window is open while that from 1 Dec 2026 00:00 is. Let it start where the other ends."]
    }
    assert not movie.windows.exists()


def test_windows_may_follow_each_other_and_lie_in_other_territories(desk: Client) -> None:
    movie = make_movie()
    lines = (
        window("2026-12-01T00:00", "2026-12-10T00:00", territories="TH"),
        window("2026-12-10T00:00", territories="TH"),
        window("2026-12-05T00:00", territories="LA"),
    )

    assert save(desk, movie, *lines).status_code == 302
    assert movie.windows.count() == 3


def test_too_many_windows_are_refused(desk: Client) -> None:
    movie = make_movie()
    lines = [window(f"{2030 + number}-01-01T00:00", f"{2030 + number}-02-01T00:00") for number in range(51)]

    response = save(desk, movie, *lines)

    assert response.status_code == 200
    assert "at most 50" in response.content.decode()
    assert not movie.windows.exists()


@pytest.mark.parametrize("total", ["", "-1", "x", "9" * 30])
def test_a_count_of_rows_that_lies_is_refused(desk: Client, total: str) -> None:
    movie = make_movie(tagline="Before")
    sent = filled_in(movie, tagline="After") | {"windows-TOTAL_FORMS": total, "windows-INITIAL_FORMS": "0"}

    response = desk.post(f"{MOVIES}{movie.pk}/change/", sent)

    assert response.status_code == 200
    movie.refresh_from_db()
    assert movie.tagline == "Before"


def test_an_operator_reads_the_windows(client: Client, operator: User) -> None:
    movie = make_movie()
    make_window(movie, starts_at=datetime(2026, 12, 3, 13, 0, tzinfo=UTC), time_zone="Asia/Bangkok")
    client.force_login(operator)

    html = client.get(f"{MOVIES}{movie.pk}/change/").content.decode()

    assert "2026-12-03 20:00" in html
    assert 'name="windows-0-starts_local"' not in html


def test_a_preview_opens_the_public_page_at_another_moment(desk: Client) -> None:
    movie = make_movie(slug="overtime")

    html = desk.get(f"{MOVIES}{movie.pk}/change/").content.decode()

    assert 'name="at" form="preview-form"' in " ".join(html.split())
    assert "As clocks in UTC show it." in html
    answer = desk.get("/movies/overtime/", {"at": "2030-01-01T20:00", "territory": "TH"})
    assert answer.status_code == 200


@pytest.mark.parametrize("start", ["1899-12-31T12:00", "0001-01-01T00:00", "3000-01-01T12:00", "9999-12-31T23:59"])
def test_a_moment_that_some_time_zones_do_not_have_is_refused(desk: Client, start: str) -> None:
    movie = make_movie()

    response = save(desk, movie, window(start, time_zone="America/New_York"))

    assert faults(response) == {"starts_local": ["Write a day between the years 1900 and 2999."]}
    assert not movie.windows.exists()
