"""The pages of figures: whose affair they are, what they say while nobody watches, and what they show."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings

from analytics.definitions import DEFINITIONS
from analytics.models import Subject
from analytics.pages.live import healths_of, live_streams, portal_now, stream_now
from catalog.models import Movie
from portal import clock
from portal.models import User
from streaming.models import Stream
from streaming.stream_health_words import all_advice
from tests.analytics.figures import (
    make_day,
    make_edges,
    make_hours,
    make_minutes,
    make_seconds,
    make_session,
    make_subject,
)
from tests.factories import make_channel, make_movie, make_stream, make_user
from tests.streaming.origin_samples import write_samples

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "editor", "broadcaster", "stranger", "operator", "administrator")


@pytest.fixture
def movie(db: None) -> Movie:
    return make_movie(slug="meridian", title="Meridian")


@pytest.fixture
def stream(broadcaster: User) -> Stream:
    return make_stream(make_channel(slug="harbour", title="Harbour", owner=broadcaster), started_at=clock.now())


@pytest.fixture
def desk(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def page_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def told_in(html: str, name: str) -> Any:
    (text,) = re.findall(rf'<script id="{name}" type="application/json">(.*?)</script>', html, re.DOTALL)
    return json.loads(text)


def gauge(html: str, name: str) -> str:
    """Return what a large number says, the first of that name."""
    found = re.search(rf'data-gauge="{name}".*?data-gauge-value>([^<]*)<', html, re.DOTALL)
    assert found is not None, name
    return found[1]


def cells(html: str, mark: str) -> list[str]:
    """Return the texts of the cells of the first row that bears a mark."""
    row = re.search(rf"<tr(?:(?!</tr>).)*?{mark}.*?</tr>", html, re.DOTALL)
    assert row is not None, html
    return [
        " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[dh].*?</t[dh]>", row[0], re.DOTALL)
    ]


# --- Whose affair they are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_the_dashboard_is_the_operators(client: Client, request: pytest.FixtureRequest, role: str) -> None:
    client.force_login(request.getfixturevalue(role))
    status = 200 if role in ("operator", "administrator") else 404
    assert client.get("/dashboard/").status_code == status
    is_named = 'href="/dashboard/"' in client.get("/accounts/profile/").content.decode()
    assert is_named is (status == 200)


@pytest.mark.parametrize("role", ROLES)
def test_figures_of_a_movie_are_for_who_runs_the_catalogue(
    client: Client, request: pytest.FixtureRequest, movie: Movie, role: str
) -> None:
    client.force_login(request.getfixturevalue(role))
    status = 200 if role in ("editor", "operator", "administrator") else 404
    assert client.get("/dashboard/movies/meridian/").status_code == status


@pytest.mark.parametrize("role", ROLES)
def test_figures_of_a_stream_are_for_who_runs_it(
    client: Client, request: pytest.FixtureRequest, stream: Stream, role: str
) -> None:
    client.force_login(request.getfixturevalue(role))
    # Editors run all channels.
    status = 404 if role in ("viewer", "stranger") else 200
    assert client.get(f"/dashboard/streams/{stream.pk}/").status_code == status


def test_strangers_are_told_that_there_is_no_such_page(client: Client, movie: Movie, stream: Stream) -> None:
    for path in ("/dashboard/", "/dashboard/movies/meridian/", f"/dashboard/streams/{stream.pk}/"):
        assert client.get(path).status_code == 404


def test_what_does_not_exist_is_not_found(desk: Client) -> None:
    for path in ("/dashboard/movies/nothing/", "/dashboard/streams/00000000-0000-0000-0000-000000000001/"):
        assert desk.get(path).status_code == 404


def test_figures_are_kept_by_no_cache_and_changed_by_no_post(desk: Client) -> None:
    assert "no-store" in desk.get("/dashboard/").headers["Cache-Control"]
    assert desk.post("/dashboard/").status_code == 405


def test_everybody_may_read_what_the_numbers_mean(client: Client) -> None:
    html = page_of(client, "/dashboard/definitions/")
    assert all(f'id="{definition.id}"' in html for definition in DEFINITIONS)


# --- While nobody watches ---------------------------------------------------------------------------------------------


def test_an_empty_portal_says_so(desk: Client) -> None:
    html = page_of(desk, "/dashboard/")
    assert gauge(html, "viewers") == "–"
    assert "Nothing is being counted at the moment." in html
    assert "No stream is live right now." in html
    assert "Nobody is watching right now." in html
    assert told_in(html, "live-figures")["is_late"]


def test_a_movie_of_few_views_has_no_curve_and_no_score(desk: Client, movie: Movie) -> None:
    subject = make_subject(movie)
    make_day(subject, clock.now().date(), views=29, plays=29, scores=29 * 90.0, scored=29)
    html = page_of(desk, "/dashboard/movies/meridian/")
    assert "There are 29 views in this time." in html
    assert "data-retention" not in html
    assert "score-value" not in html
    assert told_in(html, "movie-figures")["retention"] is None


def test_a_stream_of_nobody_has_its_page(desk: Client, stream: Stream) -> None:
    html = page_of(desk, f"/dashboard/streams/{stream.pk}/")
    assert "Nobody is watching right now." in html
    assert gauge(html, "viewers") == "–"


# --- What they show ---------------------------------------------------------------------------------------------------


@pytest.fixture
def watched(stream: Stream, movie: Movie) -> Subject:
    """Ten seconds of a stream and of the portal, the last one two seconds ago."""
    start = clock.now().replace(microsecond=0) - timedelta(seconds=12)
    portal, channel = make_subject(), make_subject(stream)
    make_seconds(portal, start, [*range(1200, 1209), 1234], sealed=False, egress_bps=4_200_000_000, rebuffering=12)
    figures = {"ingress_bps": 6_000_000, "egress_bps": 1_500_000, "latency_ms": 2300, "qualities": {"720p": 3}}
    make_seconds(channel, start, [2] * 9 + [3], sealed=False, errors=1, **figures)
    return channel


def test_the_dashboard_shows_the_latest_second(desk: Client, watched: Subject) -> None:
    html = page_of(desk, "/dashboard/")
    assert gauge(html, "viewers") == "1,234"
    assert gauge(html, "egress") == "4.2 Gbit/s"
    assert gauge(html, "rebuffering") == "1.0 %"
    told = told_in(html, "live-figures")
    assert not told["is_late"]
    assert told["subjects"][0]["subject"] == "portal"
    assert told["window"]["series"]["viewers"][-2:] == [1208, 1234]


def test_a_live_stream_has_its_line_with_figures_and_verdict(desk: Client, watched: Subject) -> None:
    row = cells(page_of(desk, "/dashboard/"), f'data-subject="{watched.name}"')
    assert row[0] == "Harbour Live"
    assert row[2:] == ["3", "3", "6.0 Mbit/s", "1.5 Mbit/s", "0.0 %", "2.3 s"]


def test_how_an_encoder_does_is_said_on_the_pages(desk: Client, stream: Stream, watched: Subject) -> None:
    assert 'data-verdict="unknown"' in page_of(desk, "/dashboard/")
    write_samples(stream, is_sending=False)
    row = page_of(desk, "/dashboard/").partition(f'data-subject="{watched.name}"')[2].partition("</tr>")[0]
    assert 'data-verdict="bad"' in row
    assert "Nothing comes from the encoder" in row
    html = page_of(desk, f"/dashboard/streams/{stream.pk}/")
    section = html.partition("data-health")[2].partition("</ul>")[0]
    assert 'data-verdict="bad"' in section
    assert "Look whether it is streaming still" in section
    assert told_in(html, "live-figures")["health"]["findings"][0]["code"] == "encoder-away"


def test_how_an_encoder_does_is_said_in_the_language_of_who_reads(desk: Client, stream: Stream) -> None:
    write_samples(stream, is_sending=False)
    desk.cookies["django_language"] = "th"
    thai = all_advice()["encoder-away"]
    with translation.override("th"):
        title, advice = str(thai.title), str(thai.advice)
    for path in ("/dashboard/", f"/dashboard/streams/{stream.pk}/"):
        html = page_of(desk, path)
        assert title in html
        # What comes by the socket is in one language only: its codes are looked up.
        assert told_in(html, "figure-words")["findings"]["encoder-away"] == {"title": title, "advice": advice}


def test_while_redis_is_away_nobody_judges_and_the_figures_are_shown(
    stream: Stream, watched: Subject, settings: Settings
) -> None:
    write_samples(stream, is_sending=False)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    at = clock.now()
    healths = healths_of(live_streams(), at=at)
    assert healths == {}
    assert [row["viewers"] for row in portal_now(healths, at=at).subjects] == [1234, 3]
    now = stream_now(stream, at=at)
    assert now.health is None
    assert now.metrics is not None
    assert now.metrics["viewers"] == 3


def test_a_movie_says_who_watches_it_now(desk: Client, movie: Movie) -> None:
    start = clock.now().replace(microsecond=0) - timedelta(seconds=4)
    make_seconds(make_subject(), start, [9, 9, 9], sealed=False)
    make_seconds(make_subject(movie), start, [1, 2, 5], sealed=False, rebuffering=1, egress_bps=9_000_000)
    html = page_of(desk, "/dashboard/movies/meridian/")
    assert [gauge(html, name) for name in ("viewers", "sessions", "peak", "egress", "rebuffering", "errors")] == [
        "5", "5", "5", "9.0 Mbit/s", "20.0 %", "0",
    ]  # fmt: skip
    assert 'data-line-state="live"' in html


def test_a_movie_that_nobody_watches_says_so_while_others_are_watched(desk: Client, movie: Movie) -> None:
    html = page_of(desk, "/dashboard/movies/meridian/")
    assert gauge(html, "viewers") == "–"
    assert "Nothing is being counted at the moment." in html
    make_seconds(make_subject(), clock.now().replace(microsecond=0) - timedelta(seconds=2), [9], sealed=False)
    html = page_of(desk, "/dashboard/movies/meridian/")
    assert (gauge(html, "viewers"), gauge(html, "rebuffering")) == ("0", "–")
    assert 'data-line-state="live"' in html


def test_a_peak_is_provisional_until_it_is_sealed(desk: Client, watched: Subject) -> None:
    marked = re.compile(r'data-gauge="peak".*?data-gauge-note\s*(hidden)?>', re.DOTALL)
    found = marked.search(page_of(desk, "/dashboard/"))
    assert found is not None
    assert found[1] is None
    make_minutes(Subject.objects.get(name="portal"), clock.now() - timedelta(hours=2), [5000])
    html = page_of(desk, "/dashboard/")
    assert gauge(html, "peak") == "5,000"
    found = marked.search(html)
    assert found is not None
    assert found[1] == "hidden"


@pytest.mark.parametrize(
    ("query", "make", "resolution", "ago"),
    [
        ("hour", make_seconds, "1s", timedelta(minutes=10)),
        ("day", make_minutes, "1m", timedelta(hours=3)),
        ("month", make_hours, "1h", timedelta(hours=3)),
    ],
)
def test_a_time_is_shown_as_finely_as_suits_it(
    desk: Client, query: str, make: Callable[..., None], resolution: str, ago: timedelta
) -> None:
    at = clock.now() - ago
    make(make_subject(), at.replace(microsecond=0) if query == "hour" else at.replace(minute=0, second=0), [7])
    html = page_of(desk, f"/dashboard/?range={query}")
    told = told_in(html, "range-figures")
    assert (told["resolution"], told["series"]["viewers"]) == (resolution, [7])
    assert re.search(rf'href="\?range={query}#over-time"\s+aria-current="true"', html)


def test_a_time_that_makes_no_sense_is_said_beside_its_field(desk: Client) -> None:
    html = page_of(desk, "/dashboard/?range=custom&from=2026-11-20T10:00&to=2026-11-19T10:00", status=422)
    assert "It has to begin before it ends, and before now." in html
    assert told_in(html, "range-figures")["resolution"] == "1s"


def test_the_figures_can_be_had_as_a_file(desk: Client, stream: Stream, movie: Movie) -> None:
    query = "?from=2026-11-20T10%3A00%3A00Z&amp;to=2026-11-20T11%3A00%3A00Z"
    chosen = "?range=custom&from=2026-11-20T10:00&to=2026-11-20T11:00"
    for page, file in (
        ("/dashboard/", "/api/v1/audience.csv"),
        (f"/dashboard/streams/{stream.pk}/", f"/api/v1/streams/{stream.pk}/metrics.csv"),
    ):
        assert f'href="{file}{query}"' in page_of(desk, f"{page}{chosen}")
    days = "/api/v1/movies/meridian/audience.csv?from=2026-11-20&amp;to=2026-11-20"
    assert f'href="{days}"' in page_of(desk, f"/dashboard/movies/meridian/{chosen}")
    assert desk.get(days.replace("&amp;", "&")).status_code == 200


def test_what_is_not_kept_so_finely_is_said(desk: Client) -> None:
    at = clock.now()
    make_seconds(make_subject(), at, [3])
    first, last = (f"{at - timedelta(hours=ago):%Y-%m-%dT%H:00}" for ago in (120, 119))
    html = page_of(desk, f"/dashboard/?range=custom&from={first}&to={last}")
    assert told_in(html, "range-figures")["resolution"] != "1s"
    assert "not kept so long" in html
    assert "not kept so long" not in page_of(desk, "/dashboard/")


def test_titles_stand_in_the_order_of_their_watch_time(desk: Client, movie: Movie, stream: Stream) -> None:
    today = clock.now().date()
    make_day(make_subject(movie), today, watch_ms=7_300_000)
    make_day(make_subject(stream), today, watch_ms=3_600_000)
    make_day(make_subject(), today, watch_ms=99_000_000)
    html = page_of(desk, "/dashboard/")
    assert cells(html, "Meridian")[:2] == ["Meridian", "2 h 1 min"]
    assert cells(html, "/dashboard/streams/")[:1]
    assert html.index("Meridian") < html.index("1 h 0 min")


def test_a_stream_shows_its_players_and_names_nobody(desk: Client, stream: Stream) -> None:
    session = make_session(
        make_subject(stream),
        at=clock.now(),
        user=make_user(username="nobody-in-particular"),
        bitrate_kbps=2400,
        latency_ms=2100,
    )
    html = page_of(desk, f"/dashboard/streams/{stream.pk}/")
    row = cells(html, "playing")
    assert row[1:] == ["playing", "phone", "TH", "1080p", "2.4 Mbit/s", "2.1 s", "0"]
    assert str(session.viewer_key) not in html
    assert "nobody-in-particular" not in html


def test_a_stream_that_is_over_shows_what_became_of_it(desk: Client, broadcaster: User) -> None:
    at = clock.now().replace(second=0, microsecond=0)
    stream = make_stream(make_channel(owner=broadcaster), phase="ended", started_at=at - timedelta(hours=3))
    Stream.objects.update(ended_at=at - timedelta(hours=1))
    make_minutes(make_subject(stream), at - timedelta(hours=2), [40, 60])
    html = page_of(desk, f"/dashboard/streams/{stream.pk}/")
    assert "data-live-figures" not in html
    assert (gauge(html, "peak"), gauge(html, "average"), gauge(html, "watch")) == ("60", "50.0", "1 h 40 min")


def test_a_movie_of_enough_views_shows_its_curve_and_its_score(desk: Client, movie: Movie) -> None:
    subject, today = make_subject(movie), clock.now().date()
    parts = {"success_scores": 40 * 100, "startup_scores": 40 * 91, "smoothness_scores": 40 * 70, "quality_scores": 0}
    scores = {"scores": 40 * 87.4, "scored": 40, "started_scored": 40, "quality_scored": 0, **parts}
    make_day(subject, today, views=40, plays=40, watch_ms=40 * 60_000, startup_ms=40 * 800, **scores)
    make_edges(subject, today, [(0, 50)] * 20 + [(0, 100)] * 20)
    html = page_of(desk, "/dashboard/movies/meridian/")
    assert (gauge(html, "views"), gauge(html, "watch"), gauge(html, "view")) == ("40", "40 min 0 s", "1 min 0 s")
    assert gauge(html, "startup") == "0.8 s"
    curve = told_in(html, "movie-figures")["retention"]
    assert (curve["views"][0], curve["views"][49], curve["views"][50]) == (100.0, 100.0, 50.0)
    assert html.count("<rect") == 100
    assert re.search(r'class="score-value">\s*87<', html)
    assert re.findall(r"<meter[^>]*value=\"(\d+)\"[^>]*aria-label=\"(\w+)\"", html) == [
        ("100", "Success"),
        ("91", "Startup"),
        ("70", "Smoothness"),
    ]
    assert "What pulls it down most: playback that stops to load." in html


def test_days_of_nobody_are_drawn_and_not_listed(desk: Client, movie: Movie) -> None:
    today = clock.now().date()
    make_day(make_subject(movie), today - timedelta(days=2), watch_ms=7_200_000, failures=3)
    html = page_of(desk, "/dashboard/movies/meridian/?range=week")
    days = told_in(html, "movie-figures")["days"]
    assert days["hours"] == [0.0] * 5 + [2.0, 0.0, 0.0]
    assert html.partition("days-title")[2].count('<th scope="row">') == 1
    assert cells(html.partition('id="days-title"')[2], '<th scope="row">')[1:] == ["10", "8", "2 h 0 min", "3"]


def test_a_stream_of_enough_views_shows_its_score(desk: Client, stream: Stream) -> None:
    scores = {"scores": 30 * 95.0, "scored": 30, "success_scores": 30 * 95.0}
    day = make_day(make_subject(stream), clock.now().date(), views=30, plays=30, **scores)
    html = page_of(desk, f"/dashboard/streams/{stream.pk}/")
    assert re.search(r'class="score-value">\s*95<', html)
    assert "Averaged over 30 views." in html
    # Of three parts nothing is known.
    assert html.partition("score-parts")[2].partition("</dl>")[0].count("–") == 3
    type(day).objects.update(scored=29, scores=29 * 95.0, success_scores=29 * 95.0)
    assert "score-value" not in page_of(desk, f"/dashboard/streams/{stream.pk}/")


def test_a_broadcast_that_never_ends_is_shown_as_far_back_as_can_be(desk: Client, broadcaster: User) -> None:
    began_at = clock.now() - timedelta(days=400)
    stream = make_stream(make_channel(owner=broadcaster), started_at=began_at, active_at=began_at, playable_at=began_at)
    told = told_in(page_of(desk, f"/dashboard/streams/{stream.pk}/"), "range-figures")
    assert told["resolution"] == "1h"
    assert datetime.fromisoformat(told["from"]) > began_at + timedelta(days=200)


def test_the_range_that_goes_on_says_how_long_it_is(desk: Client, stream: Stream) -> None:
    assert 'data-goes-on="86400"' in page_of(desk, "/dashboard/?range=day")
    # All of a broadcast begins where it began.
    assert 'data-goes-on=""' in page_of(desk, f"/dashboard/streams/{stream.pk}/")
    past = "?range=custom&from=2026-11-20T10:00&to=2026-11-20T11:00"
    assert "data-goes-on" not in page_of(desk, f"/dashboard/{past}")


def test_a_former_address_of_a_movie_leads_to_the_present_one(desk: Client, movie: Movie) -> None:
    movie.slugs.create(slug="midnight")
    response = desk.get("/dashboard/movies/midnight/")
    assert (response.status_code, response.headers["Location"]) == (302, "/dashboard/movies/meridian/")


def test_the_number_of_queries_does_not_grow_with_what_is_watched(desk: Client, watched: Subject) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get("/dashboard/")
        return len(queries)

    make_day(watched, clock.now().date())
    desk.get("/dashboard/")
    few = count()
    start = clock.now().replace(microsecond=0) - timedelta(seconds=3)
    for _ in range(5):
        more = make_stream(make_channel())
        make_seconds(make_subject(more), start, [4], sealed=False)
        make_day(make_subject(make_movie()), start.date())
    assert count() <= few <= 24


def test_the_pages_speak_thai(desk: Client, stream: Stream, movie: Movie) -> None:
    desk.cookies["django_language"] = "th"
    for path in ("/dashboard/", f"/dashboard/streams/{stream.pk}/", "/dashboard/movies/meridian/"):
        html = page_of(desk, path)
        assert 'lang="th"' in html
        with translation.override("th"):
            assert re.search("[ก-๛]", told_in(html, "figure-words")["viewers"])
