"""How many watch a stream, wherever it is said: the pages, the studio, the admin and the API."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal import clock
from portal.models import User
from streaming.models import Stream
from streaming.viewers import viewers_of_streams
from tests.factories import AT, make_channel, make_stream
from tests.viewer_counts import count_viewers

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(broadcaster: User) -> Stream:
    return make_stream(make_channel(slug="harbour", title="Harbour", owner=broadcaster))


@pytest.fixture
def watched(stream: Stream) -> Stream:
    """A stream that 1,234 people watch."""
    count_viewers({f"stream:{stream.pk}": 1234})
    return stream


def page_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def told_in(html: str) -> list[str]:
    """Return what is read out of each place of the page that says how many watch, "" for one that is not shown."""
    return re.findall(r"data-viewers-exact>([^<]*)<", html)


# --- Pages ------------------------------------------------------------------------------------------------------------

PAGES = ("/live/", "/live/harbour/", "/studio/", "/studio/harbour/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_say_how_many_watch(client: Client, watched: Stream, path: str) -> None:
    client.force_login(watched.channel.owner)
    html = page_of(client, path)
    assert told_in(html) == ["1,234 viewers"]
    assert f'data-viewers="stream:{watched.pk}"' in html
    assert "1.2K" in html


@pytest.mark.parametrize("path", PAGES)
def test_pages_tell_nobody_from_nobody_knows(client: Client, stream: Stream, path: str) -> None:
    client.force_login(stream.channel.owner)
    assert told_in(page_of(client, path)) == [""]
    count_viewers({})
    assert told_in(page_of(client, path)) == ["0 viewers"]
    count_viewers({f"stream:{stream.pk}": 5}, at=clock.now() - timedelta(minutes=1))
    assert told_in(page_of(client, path)) == [""]


def test_a_channel_that_is_off_air_is_watched_by_nobody_known(client: Client, watched: Stream) -> None:
    Stream.objects.update(state=Stream.State.ENDED, ended_at=AT)
    client.force_login(watched.channel.owner)
    assert told_in(page_of(client, "/live/")) == []
    assert told_in(page_of(client, "/studio/")) == []
    assert told_in(page_of(client, "/live/harbour/")) == [""]
    assert 'data-viewers=""' in page_of(client, "/studio/harbour/")


def test_the_page_of_a_channel_reads_it_out_to_nobody_who_did_not_ask(client: Client, watched: Stream) -> None:
    html = page_of(client, "/live/harbour/")
    (status,) = re.findall(r'<p role="status">.*?</p>', html, re.DOTALL)
    assert "data-viewers" not in status


# --- The admin --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/streaming/stream/", "/admin/streaming/channel/"])
def test_lists_of_the_admin_say_how_many_watch_what_is_live(
    client: Client, editor: User, watched: Stream, path: str
) -> None:
    make_stream(make_channel(title="Nobody's"), phase="ended")
    client.force_login(editor)
    cells = re.findall(r"<td[^>]*field-viewers[^>]*>(.*?)</td>", page_of(client, path), re.DOTALL)
    assert sorted(" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in cells) == ["1,234", "–"]


# --- The API ----------------------------------------------------------------------------------------------------------


def test_the_api_says_how_many_watch(api: APIClient, watched: Stream) -> None:
    make_stream(watched.channel, phase="ended", started_at=AT - timedelta(days=1))
    assert [row["viewers"] for row in api.get("/api/v1/streams/").json()["results"]] == [1234, 0]
    assert api.get(f"/api/v1/streams/{watched.pk}/").json()["viewers"] == 1234
    assert api.get("/api/v1/channels/").json()["results"][0]["stream"]["viewers"] == 1234
    assert api.get("/api/v1/channels/harbour/").json()["stream"]["viewers"] == 1234


def test_the_api_says_null_where_nobody_knows(api: APIClient, stream: Stream) -> None:
    assert [row["viewers"] for row in api.get("/api/v1/streams/").json()["results"]] == [None]
    assert api.get(f"/api/v1/streams/{stream.pk}/").json()["viewers"] is None
    assert api.get("/api/v1/channels/harbour/").json()["stream"]["viewers"] is None


@pytest.mark.parametrize("path", ["streams/", "streams/{id}/", "channels/", "channels/harbour/"])
def test_an_answer_that_was_kept_holds_for_as_long_as_its_count(api: APIClient, watched: Stream, path: str) -> None:
    url = f"/api/v1/{path.format(id=watched.pk)}"
    etag = api.get(url).headers["ETag"]
    assert api.get(url, headers={"If-None-Match": etag}).status_code == 304
    count_viewers({f"stream:{watched.pk}": 1235})
    answer = api.get(url, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != etag


def test_streams_are_asked_for_together(stream: Stream) -> None:
    other = make_stream()
    count_viewers({f"stream:{stream.pk}": 2})
    assert viewers_of_streams([stream.pk, other.pk]) == {stream.pk: 2, other.pk: 0}
    assert viewers_of_streams([]) == {}
