"""Figures over the API: their form, their periods, and what is refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.serializers import Serializer
from rest_framework.test import APIClient

from analytics.api import figures
from portal.ids import uuid7
from tests.analytics.figures import make_day, make_edges, make_seconds, make_session, make_subject
from tests.factories import make_channel, make_movie, make_stream

pytestmark = pytest.mark.django_db


def answer(api: APIClient, path: str, **query: str) -> Any:
    response = api.get(f"/api/v1/{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def assert_is_described(told: Any, serializer: Serializer[Any]) -> None:
    """The description has just what is told, in depth."""
    assert set(told) == set(serializer.fields)
    for name, field in serializer.fields.items():
        if isinstance(field, Serializer) and told[name] is not None:
            assert_is_described(told[name], field)
        elif isinstance(getattr(field, "child", None), Serializer):
            assert told[name], name
            for entry in told[name]:
                assert_is_described(entry, field.child)  # type: ignore[attr-defined]


def test_a_stream_is_told_as_long_as_it_is_on_air(desk: APIClient, at: datetime) -> None:
    stream = make_stream(started_at=at - timedelta(minutes=9), active_at=at - timedelta(minutes=9), playable_at=at)
    subject = make_subject(stream)
    make_seconds(subject, at - timedelta(minutes=8), [2, 4], joins=3, qualities={"1080p": 2})
    make_seconds(subject, at - timedelta(seconds=3), [9], sealed=False)
    make_day(subject, at.date(), scores=80.0, scored=1, success_scores=100.0)
    told = answer(desk, f"streams/{stream.pk}/metrics/")
    assert_is_described(told, figures.LineSerializer())
    assert (told["subject"], told["resolution"], told["is_coarser"]) == (f"stream:{stream.pk}", "1s", False)
    assert datetime.fromisoformat(told["from"]) == at - timedelta(minutes=9)
    start = int(at.timestamp())
    assert told["series"]["at"] == [start - 480, start - 479, start - 3]
    assert told["series"]["viewers"] == [2, 4, 9]
    assert told["series"]["qualities"][0] == {"1080p": 2}
    assert told["series"]["is_sealed"] == [True, True, False]
    assert (told["summary"]["peak"], told["summary"]["peak_is_sealed"], told["summary"]["sealed_peak"]) == (9, False, 4)
    assert (told["summary"]["watch_s"], told["summary"]["joins"], told["summary"]["average"]) == (15, 6, 5.0)
    assert (told["score"]["version"], told["score"]["overall"], told["score"]["quality"]) == (1, 80.0, None)


def test_a_stream_that_nobody_watched_has_no_points(desk: APIClient) -> None:
    told = answer(desk, f"streams/{make_stream().pk}/metrics/")
    assert_is_described(told, figures.LineSerializer())
    assert (told["series"]["at"], told["summary"]["peak"], told["score"], told["sealed_until"]) == (
        [],
        None,
        None,
        None,
    )


def test_the_period_and_the_resolution_are_as_asked_for(desk: APIClient, at: datetime) -> None:
    make_seconds(make_subject(), at - timedelta(seconds=200), [1] * 180)
    told = answer(
        desk,
        "audience/",
        **{"from": (at - timedelta(seconds=150)).isoformat(), "to": at.isoformat(), "resolution": "1m"},
    )
    assert told["resolution"] == "1m"
    assert sum(told["series"]["joins"]) == 0
    assert 130 <= told["summary"]["watch_s"] <= 180


def test_the_present_comes_without_a_period(desk: APIClient, at: datetime) -> None:
    told = answer(desk, "audience/", to=at.isoformat())
    assert datetime.fromisoformat(told["from"]) == at - timedelta(hours=1)


def test_the_portal_is_told_with_what_was_watched_most_and_with_the_days_before(desk: APIClient, at: datetime) -> None:
    portal, film = make_subject(), make_movie(title="Harbour")
    make_seconds(portal, at - timedelta(seconds=9), [3, 4])
    make_day(portal, at.date(), views=12)
    make_day(portal, at.date() - timedelta(days=1), views=6)
    make_day(make_subject(film), at.date())
    told = answer(desk, "audience/", **{"from": at.date().isoformat() + "T00:00:00Z"})
    assert_is_described(told, figures.PortalAudienceSerializer())
    assert (told["totals"]["now"]["views"], told["totals"]["before"]["views"]) == (12, 6)
    assert [(title["title"], title["movie"]) for title in told["titles"]] == [("Harbour", film.slug)]


def test_a_movie_is_told_day_by_day(desk: APIClient, at: datetime) -> None:
    film = make_movie(slug="harbour", visibility="HIDDEN")
    make_day(make_subject(film), at.date() - timedelta(days=1), views=4, scores=180.0, scored=2, success_scores=200.0)
    told = answer(desk, "movies/harbour/audience/")
    assert_is_described(told, figures.MovieAudienceSerializer())
    assert (len(told["days"]["day"]), told["days"]["views"][-2:], told["days"]["score"][-2:]) == (
        30,
        [4, 0],
        [90.0, None],
    )
    assert (told["movie"], told["totals"]["views"], told["score"]["overall"]) == ("harbour", 4, 90.0)
    day = (at.date() - timedelta(days=1)).isoformat()
    alone = answer(desk, "movies/harbour/audience/", **{"from": day, "to": day})
    assert (alone["days"]["day"], alone["totals"]["views"]) == ([day], 4)


def test_a_movie_has_its_curve(desk: APIClient, at: datetime) -> None:
    subject = make_subject(make_movie(slug="harbour"))
    make_day(subject, at.date(), plays=30)
    make_edges(subject, at.date(), [(0, 50)])
    told = answer(desk, "movies/harbour/retention/")
    assert_is_described(told, figures.RetentionSerializer())
    assert (told["views"], told["is_enough"], len(told["buckets"])) == (30, True, 100)
    assert told["buckets"][49:51] == [{"from": 0.49, "views": 1, "viewers": 1}, {"from": 0.5, "views": 0, "viewers": 0}]


def test_who_watches_is_told_without_who_they_are(desk: APIClient, at: datetime) -> None:
    stream = make_stream()
    subject = make_subject(stream)
    session = make_session(subject, at=at, latency_ms=3100, stall_count=2)
    for number in range(60):
        make_session(subject, at=at, started_at=at - timedelta(minutes=5 + number))
    told = answer(desk, f"streams/{stream.pk}/viewers/")
    assert (told["viewers"], told["sessions"], len(told["results"])) == (61, 61, 50)
    first = told["results"][0]
    assert (first["state"], first["quality"], first["latency_ms"], first["stall_count"]) == ("p", "1080p", 3100, 2)
    assert not {"session", "viewer_key", "user", "user_id", "id"} & set(first)
    assert str(session.viewer_key) not in str(told)
    rest = desk.get(told["next"]).json()
    assert (len(rest["results"]), rest["next"], rest["viewers"]) == (11, None, 61)


def test_an_answer_that_is_known_need_not_come_again(desk: APIClient, at: datetime) -> None:
    make_day(make_subject(make_movie(slug="harbour")), at.date())
    first = desk.get("/api/v1/movies/harbour/audience/")
    again = desk.get("/api/v1/movies/harbour/audience/", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert "private" in first.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("from=yesterday", "from"),
        ("from=2026-11-20T10:00:00", "from"),
        ("from=0001-01-01T00:00:00%2B14:00", "from"),
        ("to=9999-12-31T23:59:59-14:00", "to"),
        ("to=2026-13-01T00:00:00Z", "to"),
        ("from=2026-11-20T10:00:00Z&to=2026-11-20T10:00:00Z", "from"),
        ("resolution=2s", "resolution"),
        ("format=csv", "format"),
    ],
)
@pytest.mark.parametrize("path", ["audience/", "audience.csv"])
def test_a_query_that_makes_no_sense_is_refused(desk: APIClient, path: str, query: str, parameter: str) -> None:
    response = desk.get(f"/api/v1/{path}?{query}")
    assert (response.status_code, response.json()["code"]) == (400, "malformed-request")
    assert [fault["parameter"] for fault in response.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("from=2026-11-20T10:00:00Z", "from"),
        ("to=today", "to"),
        ("to=2026-02-30", "to"),
        ("from=2026-11-20&to=2026-11-19", "from"),
        ("from=2025-01-01&to=2026-11-19", "from"),
        ("from=0001-01-01", "from"),
        ("resolution=1h", "resolution"),
    ],
)
@pytest.mark.parametrize("address", ["audience/", "audience.csv", "retention/"])
def test_days_that_make_no_sense_are_refused(desk: APIClient, address: str, query: str, parameter: str) -> None:
    make_movie(slug="harbour")
    response = desk.get(f"/api/v1/movies/harbour/{address}?{query}")
    assert response.status_code == 400, response.content
    assert [fault["parameter"] for fault in response.json()["errors"]] == [parameter]


@pytest.mark.parametrize("path", ["audience/", "streams/{stream}/metrics/"])
def test_more_points_than_are_answered_are_refused_with_what_helps(desk: APIClient, path: str) -> None:
    place = path.format(stream=make_stream().pk)
    query = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z", "resolution": "1s"}
    response = desk.get(f"/api/v1/{place}", query)
    assert (response.status_code, response.json()["code"]) == (422, "period-too-long")
    assert (response.json()["most_points"], response.json()["errors"][0]["parameter"]) == (3600, "resolution")
    assert desk.get(f"/api/v1/{place}", {**query, "resolution": "auto"}).status_code == 200


def test_what_does_not_exist_is_not_found(desk: APIClient, at: datetime) -> None:
    for path in (f"streams/{uuid7(at)}/metrics/", f"streams/{uuid7(at)}/viewers/", "movies/nothing/audience/"):
        assert desk.get(f"/api/v1/{path}").status_code == 404


def test_a_former_address_of_a_movie_answers_with_its_present_one(desk: APIClient) -> None:
    film = make_movie(slug="harbour")
    film.slugs.create(slug="haven")
    assert answer(desk, "movies/haven/audience/")["movie"] == "harbour"


def test_a_stream_of_a_private_channel_is_there_for_operators(desk: APIClient) -> None:
    stream = make_stream(make_channel(visibility="PRIVATE"), is_test=True)
    assert answer(desk, f"streams/{stream.pk}/metrics/")["subject"] == f"stream:{stream.pk}"
