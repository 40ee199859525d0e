"""`/api/v1/streams/<id>/health/`: what a broadcaster is told of a stream."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.utils import translation
from rest_framework.test import APIClient

from portal import clock
from portal.models import User
from streaming.ingest_samples import IngestSample
from streaming.models import Stream
from streaming.stream_health_reading import read_health, read_samples
from tests.factories import make_channel, make_stream
from tests.streaming.origin_samples import write_samples

pytestmark = pytest.mark.django_db


def url_of(stream: Stream) -> str:
    return f"/api/v1/streams/{stream.pk}/health/"


def test_a_broadcaster_is_told_what_to_change(api: APIClient, broadcaster: User) -> None:
    stream = make_stream(make_channel(owner=broadcaster), height_px=1080, started_at=clock.now())
    other = make_stream(make_channel())
    write_samples(other, seconds=12, ago_s=11, sessions=99)
    write_samples(stream, gop_s=4.5)
    api.force_authenticate(broadcaster)
    answer = api.get(url_of(stream))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    health = answer.json()
    assert health["verdict"] == "bad"
    (finding,) = health["findings"]
    assert (finding["code"], finding["severity"]) == ("key-frames-far", "bad")
    assert (finding["measured"], finding["expected"]) == ("4.5 s", "2.0 s")
    assert "Keyframe Interval" in finding["advice"]
    assert health["at"] == health["ingest"]["at"]
    assert set(health["ingest"]) == set(IngestSample.__struct_fields__) - {"stream"}
    assert health["ingest"]["sessions"] == 12


def test_a_stream_of_which_the_origin_says_nothing_is_not_called_well(api: APIClient, broadcaster: User) -> None:
    stream = make_stream(make_channel(owner=broadcaster))
    write_samples(stream, ago_s=30)
    api.force_authenticate(broadcaster)
    assert api.get(url_of(stream)).json() == {"verdict": "unknown", "at": None, "findings": [], "ingest": None}


def test_words_come_in_the_language_of_who_asks(api: APIClient, broadcaster: User) -> None:
    stream = make_stream(make_channel(owner=broadcaster), started_at=clock.now())
    write_samples(stream, is_sending=False)
    with translation.override("th"):
        (finding,) = read_health(stream, at=clock.now())["findings"]
    assert finding["code"] == "encoder-away"
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in finding["title"])


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("viewer", 404), ("editor", 200), ("", 404)])
def test_only_who_runs_a_channel_is_told(request: pytest.FixtureRequest, api: APIClient, who: str, status: int) -> None:
    stream = make_stream(make_channel())
    if who:
        api.force_authenticate(request.getfixturevalue(who))
    assert api.get(url_of(stream)).status_code == status


def test_who_reads_figures_is_told_of_every_stream(api: APIClient, stranger: User) -> None:
    stranger.user_permissions.add(Permission.objects.get(codename="view_metricsecond"))
    api.force_authenticate(User.objects.get(pk=stranger.pk))
    assert api.get(url_of(make_stream(make_channel(visibility="PRIVATE")))).status_code == 200


def test_a_stream_that_is_none_is_not_found(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    assert api.get(f"/api/v1/streams/{UUID(int=1)}/health/").status_code == 404


def test_connections_of_five_minutes_ago_are_read_and_nothing_in_between() -> None:
    stream = make_stream(started_at=clock.now() - timedelta(hours=1))
    write_samples(stream, seconds=3, ago_s=298, connections=2, runs=2)
    write_samples(stream, seconds=5, ago_s=100)
    write_samples(stream, connections=3, runs=3)
    at = clock.now()
    found = read_samples(at=at)[str(stream.pk)]
    assert len(found) >= 11
    assert {sample.at for sample in found if 40_000 < at.timestamp() * 1000 - sample.at < 290_000} == set()
    (finding,) = read_health(stream, at=at)["findings"]
    assert (finding["code"], finding["measured"]) == ("reconnects", "1 ×")
