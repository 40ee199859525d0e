"""The pages of live channels: who is listed, what a channel's page says, and whom it gives a player."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from portal import clock
from portal.models import User
from streaming.models import Channel
from streaming.services.playback_sessions import find_session
from tests.factories import AT, make_channel, make_movie, make_package, make_plan, make_source, make_stream

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
PATH = "/live/harbour/"


@pytest.fixture
def channel() -> Channel:
    return make_channel(slug="harbour", title="Harbour", description="Ships, day and night.")


def page_of(client: Client, path: str = PATH, **headers: str) -> str:
    response = client.get(path, headers={"User-Agent": BROWSER, **headers})
    assert response.status_code == 200, path
    return response.content.decode()


def phase_of(html: str) -> str:
    (phase,) = re.findall(r'<article[^>]*data-phase="([a-z]+)"', html)
    return str(phase)


def on_the_screen(html: str) -> str:
    """Return what stands on the screen, without what waits in a template."""
    return html.partition("data-live-screen>")[2].partition("<template data-live-spare>")[0]


def told(html: str) -> dict[str, Any]:
    """Return what the script of the player on the screen is given."""
    (script,) = re.findall(r'<script id="playback" type="application/json">(.*?)</script>', on_the_screen(html))
    found: dict[str, Any] = json.loads(script)
    return found


# --- The list ---------------------------------------------------------------------------------------------------------


def test_who_is_on_air_stands_before_who_is_not(client: Client, channel: Channel) -> None:
    make_channel(title="Lighthouse")
    make_stream(channel)
    html = page_of(client, "/live/")
    assert html.index("Harbour") < html.index("Off air") < html.index("Lighthouse")
    assert html.count('data-variant="live"') == 1
    assert f'href="{PATH}"' in html


@pytest.mark.parametrize("visibility", ["UNLISTED", "PRIVATE"])
def test_channels_that_are_not_public_are_not_listed(client: Client, visibility: str) -> None:
    make_stream(make_channel(title="Backstage", visibility=visibility))
    make_channel(title="Dressing room", visibility=visibility)
    html = page_of(client, "/live/")
    assert "Backstage" not in html
    assert "Dressing room" not in html
    assert "Nobody is on air" in html


@pytest.mark.parametrize(("phase", "word"), [("pending", "Starting"), ("reconnecting", "Reconnecting")])
def test_the_list_says_no_more_than_is_true(client: Client, channel: Channel, phase: str, word: str) -> None:
    make_stream(channel, phase=phase)
    html = page_of(client, "/live/")
    assert word in html
    assert 'data-variant="live"' not in html


def test_a_stream_that_has_ended_makes_nobody_live(client: Client, channel: Channel) -> None:
    make_stream(channel, phase="ended")
    assert 'data-variant="live"' not in page_of(client, "/live/")


def test_the_menu_leads_to_it(client: Client) -> None:
    assert '<a href="/live/"' in page_of(client, "/")


def test_the_home_page_leads_to_who_is_on_air(client: Client, channel: Channel) -> None:
    assert "Live now" not in page_of(client, "/")
    make_stream(channel)
    html = page_of(client, "/")
    assert "Live now" in html
    assert f'href="{PATH}"' in html


def test_the_home_page_names_no_channel_that_is_not_public(client: Client) -> None:
    make_stream(make_channel(title="Backstage", visibility="UNLISTED"))
    assert "Backstage" not in page_of(client, "/")


# --- One channel ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "shown", "plays"),
    [
        ("pending", "starting", False),
        ("starting", "starting", False),
        ("live", "live", True),
        ("reconnecting", "reconnecting", True),
        ("ended", "offline", False),
        ("failed", "offline", False),
    ],
)
def test_a_page_says_where_its_channel_stands(
    client: Client, channel: Channel, phase: str, shown: str, plays: bool
) -> None:
    make_stream(channel, phase=phase)
    html = page_of(client)
    assert phase_of(html) == shown
    assert ("data-player-frame" in on_the_screen(html)) is plays
    assert "/ws/channels/harbour/" in html


def test_a_channel_that_was_never_on_air_is_offline(client: Client, channel: Channel) -> None:
    html = page_of(client)
    assert phase_of(html) == "offline"
    assert "The last broadcast ended" not in html


def test_a_page_has_a_player_for_the_next_stream_whatever_plays_now(client: Client, channel: Channel) -> None:
    assert "data-player-frame" in page_of(client).partition("<template data-live-spare>")[2]
    make_stream(channel)
    assert "data-player-frame" in page_of(client).partition("<template data-live-spare>")[2]


def test_who_opens_the_page_of_what_is_on_air_has_a_session(client: Client, channel: Channel) -> None:
    stream = make_stream(channel)
    html = page_of(client)
    playback = told(html)
    assert playback["is_live"] is True
    assert playback["stream"] == str(stream.pk)
    assert f'data-playback-url="/api/v1/streams/{stream.pk}/playback/"' in on_the_screen(html)
    # The script asks for it first: the browser may do so before.
    assert f'href="{playback["hls_url"]}"' in html
    session = find_session(playback["session"])
    assert session is not None
    assert session.channel_id == channel.pk


@pytest.mark.parametrize(
    "headers", [{"Purpose": "prefetch"}, {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}]
)
def test_who_does_not_watch_has_a_player_and_no_session(
    client: Client, channel: Channel, headers: dict[str, str]
) -> None:
    make_stream(channel)
    response = client.get(PATH, headers={"User-Agent": BROWSER, **headers})
    playback = told(response.content.decode())
    assert "hls_url" not in playback
    assert playback["is_live"] is True


def test_a_private_channel_is_its_owners(client: Client, stranger: User) -> None:
    channel = make_channel(slug="harbour", visibility="PRIVATE")
    make_stream(channel)
    assert client.get(PATH).status_code == 404
    client.force_login(stranger)
    assert client.get(PATH).status_code == 404
    client.force_login(channel.owner)
    assert "hls_url" in told(page_of(client))


def test_an_unlisted_channel_is_for_whoever_has_its_address_and_no_search_engine(client: Client) -> None:
    make_channel(slug="harbour", visibility="UNLISTED")
    assert '<meta name="robots" content="noindex">' in page_of(client)


def test_a_channel_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/live/nowhere/").status_code == 404


def test_a_page_is_kept_by_no_shared_cache(client: Client, channel: Channel) -> None:
    make_stream(channel)
    for path in ("/live/", PATH):
        assert "private" in client.get(path).headers["Cache-Control"]


def test_what_a_broadcaster_writes_is_text(client: Client) -> None:
    make_stream(make_channel(slug="harbour", title="<script>alert(1)</script>", description="<b>bold</b>"))
    html = page_of(client) + page_of(client, "/live/")
    assert "<script>alert(1)" not in html
    assert "<b>bold" not in html


# --- Earlier broadcasts -----------------------------------------------------------------------------------------------


def record(channel: Channel, *, at: datetime, **movie: Any) -> None:
    film = make_package(make_source(movie=make_movie(**movie)))
    make_stream(channel, phase="ended", recording=film, started_at=at, ended_at=at)


def test_earlier_broadcasts_that_became_films_stand_below_the_latest_first(client: Client, channel: Channel) -> None:
    record(channel, at=AT, title="Storm in May")
    record(channel, at=AT + timedelta(days=1), title="Regatta in June")
    html = page_of(client).partition("Earlier broadcasts")[2]
    assert 0 < html.index("Regatta in June") < html.index("Storm in May")


@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN", "UNLISTED"])
def test_a_recording_that_nobody_published_is_not_named(client: Client, channel: Channel, visibility: str) -> None:
    record(channel, at=AT, title="Storm in May", visibility=visibility)
    html = page_of(client)
    assert "Storm in May" not in html
    assert "Earlier broadcasts" not in html


def test_recordings_of_other_channels_are_on_their_own_pages(client: Client, channel: Channel) -> None:
    record(make_channel(), at=AT, title="Storm in May")
    assert "Earlier broadcasts" not in page_of(client)


# --- What is to come --------------------------------------------------------------------------------------------------


def test_the_list_says_what_is_to_come_the_next_first(client: Client, channel: Channel) -> None:
    now = clock.now()
    make_plan(channel, title="Regatta", starts_at=now + timedelta(days=2))
    make_plan(make_channel(), title="Storm", starts_at=now + timedelta(days=1))
    html = page_of(client, "/live/")
    coming_up = html.partition('data-region="coming-up"')[2].partition('data-region="off-air"')[0]
    assert 0 < coming_up.index("Storm") < coming_up.index("Regatta")
    assert f'href="{PATH}"' in coming_up


@pytest.mark.parametrize("visibility", ["UNLISTED", "PRIVATE"])
def test_what_other_channels_have_announced_is_not_listed(client: Client, visibility: str) -> None:
    make_plan(make_channel(visibility=visibility), title="Storm", starts_at=clock.now() + timedelta(days=1))
    html = page_of(client, "/live/")
    assert "Storm" not in html
    assert "Coming up" not in html


def test_a_channel_that_is_off_air_says_when_it_begins(client: Client, channel: Channel) -> None:
    starts_at = clock.now() + timedelta(days=1)
    plan = make_plan(channel, title="Regatta", description="With <b>wind</b>.", starts_at=starts_at)
    html = page_of(client)
    assert "Regatta" in on_the_screen(html)
    assert f'datetime="{starts_at.isoformat()}"' in on_the_screen(html)
    below = html.partition('data-region="plans"')[2]
    assert f'data-plan="{plan.pk}"' in below
    assert "With &lt;b&gt;wind&lt;/b&gt;." in below


def test_what_has_begun_is_told_as_what_it_was_announced_as(client: Client, channel: Channel) -> None:
    plan = make_plan(channel, title="Regatta", starts_at=clock.now() + timedelta(minutes=5))
    make_stream(channel, plan=plan, title=plan.title)
    html = page_of(client)
    assert "data-stream-title>Regatta<" in html
    assert "Coming up" not in html
    assert "Regatta" in page_of(client, "/live/").partition('data-region="coming-up"')[0]
