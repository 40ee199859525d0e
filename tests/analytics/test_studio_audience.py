"""What the studio shows of audiences: the place for the one of now, and what became of earlier ones."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from portal import clock
from portal.models import User
from streaming.models import Channel, Stream
from tests.analytics.figures import make_minutes, make_seconds, make_subject
from tests.factories import make_channel, make_stream

pytestmark = pytest.mark.django_db

PATH = "/studio/harbour/"


@pytest.fixture
def channel(broadcaster: User) -> Channel:
    return make_channel(slug="harbour", title="Harbour", owner=broadcaster)


@pytest.fixture
def desk(client: Client, channel: Channel) -> Client:
    client.force_login(channel.owner)
    return client


def page_of(client: Client) -> str:
    return client.get(PATH).content.decode()


def followed(html: str) -> str:
    """Return the id of the stream whose figures the page follows, "" for none."""
    found = re.search(r'data-region="figures-of"[^>]*>([^<]*)<', html)
    assert found is not None
    return found[1].strip()


def rows(html: str) -> list[list[str]]:
    table = html.partition("Earlier broadcasts")[2]
    body = table.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    ]


def test_the_figures_of_what_is_on_air_are_followed(desk: Client, channel: Channel) -> None:
    assert followed(page_of(desk)) == ""
    stream = make_stream(channel)
    assert followed(page_of(desk)) == str(stream.pk)


def test_their_place_waits_for_a_stream(desk: Client) -> None:
    html = page_of(desk)
    assert re.search(r"<section[^>]*data-studio-figures\s+hidden>", html)
    assert html.count("data-plot=") == 5


def test_earlier_broadcasts_say_who_watched(desk: Client, channel: Channel) -> None:
    at = clock.now().replace(second=0, microsecond=0)
    watched, unwatched = (make_stream(channel, phase="ended", started_at=at - timedelta(hours=ago)) for ago in (2, 3))
    make_minutes(make_subject(watched), at - timedelta(hours=2), [100, 1400])
    first, second = rows(page_of(desk))
    assert first[2:5] == ["1,400", "750", "25 h 0 min"]
    assert second[2] == "Nothing was counted"
    assert f"/dashboard/streams/{watched.pk}/" in page_of(desk)
    assert f"/dashboard/streams/{unwatched.pk}/" not in page_of(desk)


def test_a_broadcast_that_has_just_ended_says_what_is_known_by_then(desk: Client, channel: Channel) -> None:
    at = clock.now()
    stream = make_stream(channel, phase="ended", started_at=at - timedelta(minutes=2))
    make_seconds(make_subject(stream), at - timedelta(seconds=30), [3] * 20, sealed=False)
    assert rows(page_of(desk))[0][2:5] == ["3 still being counted", "3.0", "1 min 0 s"]


def test_streams_of_others_are_left_alone(desk: Client, channel: Channel) -> None:
    other = make_stream(phase="ended")
    make_minutes(make_subject(other), clock.now(), [5])
    assert "Earlier broadcasts" not in page_of(desk)
    assert Stream.objects.count() == 1
