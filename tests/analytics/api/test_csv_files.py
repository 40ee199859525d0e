"""Figures as files."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.testing import HttpCommunicator
from django.conf import settings
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from analytics.api.csv_files import cell_of
from analytics.reading.series import COLUMNS
from portal.accounts.roles import Role
from portal.asgi import application
from tests.analytics.figures import make_day, make_seconds, make_subject
from tests.factories import make_movie, make_stream, make_user

pytestmark = pytest.mark.django_db


@async_to_sync
async def content(response: Any) -> bytes:
    return b"".join([piece async for piece in response])


def read(api: APIClient, path: str, **query: str) -> list[list[str]]:
    response = api.get(f"/api/v1/{path}", query)
    assert response.status_code == 200
    text = content(response).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_a_line_is_a_row_for_each_point(desk: APIClient, at: datetime) -> None:
    stream = make_stream(started_at=at - timedelta(minutes=9), active_at=at - timedelta(minutes=9), playable_at=at)
    make_seconds(make_subject(stream), at - timedelta(seconds=60), [2, None, 4], qualities={"=cmd": 2})
    header, *rows = read(desk, f"streams/{stream.pk}/metrics.csv")
    assert header == list(COLUMNS)
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["at"], row["viewers"]) for row in told] == [
        ((at - timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%SZ"), "2"),
        ((at - timedelta(seconds=58)).strftime("%Y-%m-%dT%H:%M:%SZ"), "4"),
    ]
    assert (told[0]["is_sealed"], told[0]["latency_ms"], told[0]["qualities"]) == ("true", "", '{"=cmd": 2}')


def test_a_long_line_comes_in_pieces_without_a_seam(desk: APIClient, at: datetime) -> None:
    start = at - timedelta(hours=3)
    make_seconds(make_subject(), start, range(1, 9001))
    period = {"from": start.isoformat(), "to": (start + timedelta(seconds=8000)).isoformat(), "resolution": "1s"}
    _header, *rows = read(desk, "audience.csv", **period)
    assert [int(row[1]) for row in rows] == list(range(1, 8001))


def test_a_file_has_room_for_a_day_of_seconds_and_no_more(desk: APIClient) -> None:
    period = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z", "resolution": "1s"}
    assert desk.get("/api/v1/audience.csv", period).status_code == 200
    refused = desk.get("/api/v1/audience.csv", {**period, "to": "2026-11-02T00:00:01Z"})
    assert (refused.status_code, refused.json()["code"]) == (422, "period-too-long")


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_the_web_server_sends_it_as_it_is_read(at: datetime) -> None:
    cookie = await database_sync_to_async(_fill)(at)
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
    browser = HttpCommunicator(application, "GET", "/api/v1/audience.csv?resolution=1s", headers=headers)
    await browser.send_input({"type": "http.request", "body": b""})
    start, body = await browser.receive_output(timeout=20), b""
    while (piece := await browser.receive_output(timeout=20)).get("more_body"):
        body += piece["body"]
    # Only then is its connection to the database given back.
    await browser.wait(timeout=20)
    assert (start["status"], body.count(b"\r\n")) == (200, 101)


def _fill(at: datetime) -> str:
    make_seconds(make_subject(), at - timedelta(seconds=200), [1] * 100)
    client = Client()
    client.force_login(make_user(Role.OPERATOR))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_it_is_kept_by_who_asked_and_nobody_else(desk: APIClient) -> None:
    make_movie(slug="harbour")
    response = desk.get("/api/v1/movies/harbour/audience.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["Content-Disposition"] == 'attachment; filename="movie-harbour.csv"'
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("accept", "status"), [("text/csv", 200), ("text/html,*/*;q=0.8", 200), ("image/png", 406)])
def test_who_takes_files_gets_one(desk: APIClient, accept: str, status: int) -> None:
    assert desk.get("/api/v1/audience.csv", headers={"Accept": accept}).status_code == status


def test_the_days_of_a_movie_are_rows(desk: APIClient, at: datetime) -> None:
    make_day(make_subject(make_movie(slug="harbour")), at.date(), views=3)
    header, *rows = read(desk, "movies/harbour/audience.csv")
    assert header[:3] == ["day", "views", "viewers"]
    assert (len(rows), rows[-1][:2]) == (30, [at.date().isoformat(), "3"])


def test_a_title_cannot_begin_a_formula(desk: APIClient, at: datetime) -> None:
    make_day(make_subject(make_movie(title='=HYPERLINK("http://example.com")')), at.date())
    header, row = read(desk, "audience.csv", table="titles")
    assert row[header.index("title")] == '\'=HYPERLINK("http://example.com")'
    assert row[header.index("watch_s")] == "600"


def test_there_are_two_tables_of_the_portal(desk: APIClient) -> None:
    response = desk.get("/api/v1/audience.csv?table=viewers")
    assert (response.status_code, response.json()["errors"][0]["parameter"]) == (400, "table")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Harbour", "Harbour"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", " '=1"),
        ("\t=1", "\t'=1"),
        ("\r=1", "\r'=1"),
        ("\n=1", "\n'=1"),
        ("＝1", "'＝1"),
        ("News; @home", "News; '@home"),
        ("News;=1;-2", "News;'=1;'-2"),
        ("2 + 2 = 4; yes", "2 + 2 = 4; yes"),
        ("", ""),
        (-1, -1),
        (0.12345, 0.123),
        (True, "true"),
        (None, None),
        ({"720p": 1}, '{"720p": 1}'),
        ({";=cmd|x!A1": 1}, '{";\'=cmd|x!A1": 1}'),
        (datetime(2026, 11, 20, 18, tzinfo=UTC), "2026-11-20T18:00:00Z"),
    ],
)
def test_what_stands_in_a_cell(value: object, cell: object) -> None:
    assert cell_of(value) == cell


def test_files_have_a_limit_of_their_own(desk: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "figures-export": "1/minute"}
    assert desk.get("/api/v1/audience.csv").status_code == 200
    refused = desk.get("/api/v1/audience.csv")
    assert (refused.status_code, refused.json()["scope"]) == (429, "figures-export")
    assert desk.get("/api/v1/audience/").status_code == 200
