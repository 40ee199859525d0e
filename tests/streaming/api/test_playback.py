"""Opening playback by the API: who may watch what, and what a player is told."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_redis import get_redis_connection
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.models import Movie
from portal import clock
from portal.models import User
from streaming.keys import playback_keyring
from streaming.models import Package, WatchPosition
from streaming.services.playback_sessions import find_session
from streaming.tokens import PlaybackClaims, verify_token
from tests.factories import AT, make_artwork, make_job, make_movie, make_package, make_source, make_window

pytestmark = pytest.mark.django_db
URL = "/api/v1/movies/meridian/playback/"
TEXT = {
    "name": "c1",
    "label": "English",
    "files": [["5640", 1200]],
    "language": "en",
    "kind": "captions",
    "is_default": True,
    "is_forced": False,
}
IMAGES = {
    "name": "storyboard",
    "width_px": 160,
    "height_px": 90,
    "columns": 5,
    "rows": 5,
    "interval_s": "10",
    "sheets": 23,
    "size_bytes": 400_000,
}


def movie_of(package: Package) -> Movie:
    assert package.movie is not None
    return package.movie


def make_film(movie: dict[str, Any] | None = None, **overrides: Any) -> Package:
    """Make a published movie with a package that is ready."""
    return make_package(make_source(movie=make_movie(**{"slug": "meridian", **(movie or {})})), **overrides)


def claims_of(answer: Any) -> PlaybackClaims:
    _, mark, token, name = urlsplit(answer.json()["hls_url"]).path.split("/")
    assert (mark, name) == ("m", "master.m3u8")
    return verify_token(token, playback_keyring(), at=clock.now())


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_anybody_may_watch_a_published_movie(api: APIClient) -> None:
    package, began_at = make_film(), clock.now()
    answer = api.post(URL)
    assert answer.status_code == 201, answer.content
    claims = claims_of(answer)
    assert (claims.subject, f"packages/{claims.package}") == (f"movie:{package.movie_id}", package.path)
    assert str(claims.session_id) == answer.json()["session"]
    assert datetime.fromisoformat(answer.json()["expires_at"]) == claims.expires_at
    assert claims.expires_at >= began_at + timedelta(hours=12, seconds=-1)
    assert answer.json()["lasts_s"] == pytest.approx((claims.expires_at - began_at).total_seconds(), abs=60)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_player_is_told_all_that_the_package_has(api: APIClient, settings: Settings) -> None:
    texts = [TEXT, {**TEXT, "name": "t1", "label": "?", "language": None, "is_forced": True, "is_default": False}]
    package = make_film(index={"texts": texts, "images": [IMAGES]})
    chapters = [
        {"start_s": "0", "end_s": "1001/30", "title": "Dawn"},
        {"start_s": "1001/30", "end_s": "6000", "title": ""},
        {"start_s": "6000", "end_s": "6001", "title": "Behind the end"},
    ]
    make_job(package.source, state="SUCCEEDED", package=package, probe={"chapters": chapters, "duration_s": "5641"})
    backdrop = make_artwork(movie_of(package), kind="BACKDROP")
    make_artwork(movie_of(package))
    told = api.post(URL).json()
    base = told["hls_url"].removesuffix("master.m3u8")
    assert base.startswith(f"{settings.NOVA_ORIGIN_URL}/m/")
    assert told["dash_url"] == f"{base}manifest.mpd"
    assert told["captions"] == [
        {"language": "en", "label": "English", "kind": "captions", "is_default": True, "url": f"{base}c1/1.vtt"},
        {"language": "und", "label": "?", "kind": "forced", "is_default": False, "url": f"{base}t1/1.vtt"},
    ]
    assert told["storyboard_url"] == f"{base}storyboard.vtt"
    assert told["chapters"] == [{"start_s": 0.0, "title": "Dawn"}, {"start_s": 33.367, "title": ""}]
    assert told["poster_url"] == f"/art/movies/{package.movie_id}/{backdrop.edition}/1280.jpg"
    assert (told["is_whole"], told["duration_s"], told["position_s"]) == (True, 5640.0, None)
    assert f"packages/{told['package']}" == package.path


def test_what_a_package_lacks_is_told_as_such(api: APIClient) -> None:
    make_film()
    told = api.post(URL).json()
    assert (told["captions"], told["chapters"]) == ([], [])
    assert (told["storyboard_url"], told["poster_url"], told["position_s"]) == (None, None, None)


def test_a_package_that_grows_can_be_watched(api: APIClient) -> None:
    package = make_film(state="GROWING", ready_at=None, duration_s=12.0)
    make_job(package.source, state="RUNNING", package=package, probe={"chapters": [], "duration_s": "11280/2"})
    told = api.post(URL).json()
    assert (told["is_whole"], told["duration_s"], told["dash_url"]) == (False, 5640.0, None)
    assert told["hls_url"].endswith("/master.m3u8")


def test_the_package_that_is_whole_serves_until_the_next_one_is(api: APIClient) -> None:
    whole = make_film()
    another = make_source(movie=whole.movie)
    make_package(another, state="GROWING", ready_at=None, playable_at=AT + timedelta(days=1))
    make_package(another, state="RETIRED", retired_at=AT)
    assert f"packages/{claims_of(api.post(URL)).package}" == whole.path


@pytest.mark.parametrize("state", ["MAKING", "RETIRED", "DELETED"])
def test_what_no_player_could_start_is_not_ready(api: APIClient, state: str) -> None:
    make_film(state=state, ready_at=None, playable_at=None, retired_at=AT)
    answer = api.post(URL)
    assert code_of(answer) == (409, "movie-not-ready")
    assert (answer.json()["is_being_prepared"], answer.json()["percent"]) == (False, None)


@pytest.mark.parametrize(("state", "percent"), [("QUEUED", None), ("RUNNING", 41.5)])
def test_a_film_that_is_being_prepared_says_how_far_it_is(api: APIClient, state: str, percent: float | None) -> None:
    make_job(make_source(movie=make_movie(slug="meridian")), state=state, percent=41.5)
    answer = api.post(URL)
    assert code_of(answer) == (409, "movie-not-ready")
    assert (answer.json()["is_being_prepared"], answer.json()["percent"]) == (True, percent)


def test_an_unlisted_movie_is_for_those_who_know_its_address(api: APIClient) -> None:
    make_film({"visibility": "UNLISTED"})
    assert api.post(URL).status_code == 201


@pytest.mark.parametrize("facts", [{"visibility": "HIDDEN"}, {"visibility": "DRAFT"}])
def test_what_viewers_may_not_see_is_not_there(api: APIClient, viewer: User, facts: dict[str, Any]) -> None:
    make_film(facts)
    assert code_of(api.post(URL)) == (404, "not-found")
    api.force_authenticate(viewer)
    assert code_of(api.post(URL)) == (404, "not-found")


@pytest.mark.parametrize("visibility", ["HIDDEN", "DRAFT"])
@pytest.mark.parametrize("role", ["editor", "operator"])
def test_those_who_run_the_catalogue_watch_it_before_viewers_do(
    request: pytest.FixtureRequest, api: APIClient, role: str, visibility: str
) -> None:
    make_film({"visibility": visibility})
    api.force_authenticate(request.getfixturevalue(role))
    assert api.post(URL).status_code == 201


def test_a_former_address_plays_as_well(api: APIClient) -> None:
    movie = movie_of(make_film())
    movie.slugs.create(slug="former")
    assert api.post("/api/v1/movies/former/playback/").status_code == 201


# --- Windows and places -----------------------------------------------------------------------------------------------


def make_film_with_window(starts_h: float, ends_h: float | None, *territories: str, **facts: Any) -> Movie:
    movie = movie_of(make_film(facts))
    now = clock.now()
    ends_at = None if ends_h is None else now + timedelta(hours=ends_h)
    make_window(movie, starts_at=now + timedelta(hours=starts_h), ends_at=ends_at, territories=list(territories))
    return movie


def test_a_token_ends_with_the_window(api: APIClient) -> None:
    movie = make_film_with_window(-1, 2)
    ends_at = movie.windows.get().ends_at
    assert ends_at is not None
    claims = claims_of(api.post(URL))
    assert claims.expires_at == ends_at.replace(microsecond=0)
    # Redis forgets the session with it.
    kept_s = get_redis_connection("default").ttl(f"nova:playback:session:{claims.session_id}")
    assert 7000 < kept_s <= 7200


def test_those_whom_no_window_shuts_out_have_the_whole_time(api: APIClient, editor: User) -> None:
    make_film_with_window(-1, 2)
    api.force_authenticate(editor)
    assert claims_of(api.post(URL)).expires_at > clock.now() + timedelta(hours=11)


def test_what_viewers_may_not_see_is_played_for_an_hour_at_a_time(api: APIClient, editor: User) -> None:
    make_film({"visibility": "DRAFT"})
    api.force_authenticate(editor)
    assert claims_of(api.post(URL)).expires_at <= clock.now() + timedelta(hours=1)


def test_strangers_are_remembered_for_three_hours(api: APIClient, viewer: User) -> None:
    make_film()
    strangers = claims_of(api.post(URL)).session_id
    api.force_authenticate(viewer)
    own = claims_of(api.post(URL)).session_id
    redis = get_redis_connection("default")
    kept_s = [redis.ttl(f"nova:playback:session:{session}") for session in (strangers, own)]
    assert kept_s[0] <= 3 * 3600 < kept_s[1]


def test_an_announced_movie_says_when_it_opens(api: APIClient, editor: User) -> None:
    movie = make_film_with_window(3, None, is_announced=True)
    answer = api.post(URL)
    assert code_of(answer) == (403, "movie-not-available")
    late = movie.windows.get().starts_at - datetime.fromisoformat(answer.json()["opens_at"])
    assert abs(late) < timedelta(milliseconds=2)
    api.force_authenticate(editor)
    assert api.post(URL).status_code == 201


@pytest.mark.parametrize(("starts_h", "ends_h"), [(3, None), (-3, -1)])
def test_outside_its_windows_a_movie_is_not_there(api: APIClient, starts_h: float, ends_h: float | None) -> None:
    make_film_with_window(starts_h, ends_h)
    assert code_of(api.post(URL)) == (404, "not-found")


def test_a_window_for_some_places_is_shut_elsewhere(api: APIClient, settings: Settings) -> None:
    settings.NOVA_TERRITORY_HEADER = "CF-IPCountry"
    make_film_with_window(-1, 2, "TH")
    assert code_of(api.post(URL)) == (404, "not-found")
    assert code_of(api.post(URL, headers={"CF-IPCountry": "DE"})) == (404, "not-found")
    answer = api.post(URL, headers={"CF-IPCountry": "TH"})
    assert answer.status_code == 201
    session = find_session(claims_of(answer).session_id)
    assert session is not None
    assert session.territory == "TH"


@pytest.mark.parametrize("query", ["?at=2026-12-24T20:00", "?territory=TH", "?page=2"])
def test_nothing_is_played_at_another_moment_or_place_than_ones_own(api: APIClient, editor: User, query: str) -> None:
    make_film()
    api.force_authenticate(editor)
    assert code_of(api.post(URL + query)) == (400, "malformed-request")


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_every_viewer_has_a_session_of_their_own(api: APIClient, viewer: User) -> None:
    package = make_film()
    first = claims_of(api.post(URL))
    api.force_authenticate(viewer)
    second = claims_of(api.post(URL))
    assert first.session_id != second.session_id
    nobody, somebody = find_session(first.session_id), find_session(second.session_id)
    assert nobody is not None
    assert somebody is not None
    assert (nobody.user_id, somebody.user_id) == (None, viewer.pk)
    assert (somebody.movie_id, f"packages/{somebody.package}") == (package.movie_id, package.path)


def test_viewers_go_on_where_they_left_off(api: APIClient, viewer: User, stranger: User) -> None:
    movie = movie_of(make_film())
    WatchPosition.objects.create(user=viewer, movie=movie, position_s=83.2, duration_s=5640, updated_at=AT)
    assert api.post(URL).json()["position_s"] is None
    api.force_authenticate(viewer)
    assert api.post(URL).json()["position_s"] == 83.2
    api.force_authenticate(stranger)
    assert api.post(URL).json()["position_s"] is None


def test_sessions_are_opened_so_often_and_no_more(api: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "playback": "2/hour"}
    make_film()
    assert [api.post(URL).status_code for _ in range(3)] == [201, 201, 429]


def test_a_form_of_another_site_opens_no_session_for_a_viewer(api: APIClient, viewer: User) -> None:
    make_film()
    api.force_login(viewer)
    assert api.post(URL).status_code == 403


def test_playing_costs_few_queries_however_much_a_package_holds(api: APIClient, viewer: User) -> None:
    package = make_film()
    api.force_authenticate(viewer)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.post(URL).status_code == 201
        return len(queries)

    count()
    few = count()
    texts = [{**TEXT, "name": f"c{number}", "label": str(number)} for number in range(60)]
    Package.objects.filter(pk=package.pk).update(index={"texts": texts, "images": [IMAGES]})
    for kind in ("POSTER", "BACKDROP"):
        make_artwork(movie_of(package), kind=kind)
    for number in range(5):
        start = clock.now() - timedelta(days=10 - number)
        make_window(movie_of(package), starts_at=start, ends_at=start + timedelta(days=1) if number < 4 else None)
    assert count() == few <= 7
