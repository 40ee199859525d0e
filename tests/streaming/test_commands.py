import io

import pytest
from django.core.management import CommandError, call_command

from streaming.demo import DEMO_CHANNEL, seed_channel
from streaming.models import Channel, StreamKey
from streaming.services.ingest import admit_publisher
from tests.factories import AT, make_channel, make_user

pytestmark = pytest.mark.django_db


def test_issue_stream_key_prints_a_key_that_admits_an_encoder() -> None:
    make_channel(slug="studio")
    out = io.StringIO()
    call_command("issue_stream_key", "studio", label="Van", stdout=out)
    secret = out.getvalue().split()[-1]
    assert admit_publisher(presented_secret=secret, at=AT).channel_slug == "studio"
    assert StreamKey.objects.get().label == "Van"


def test_issue_stream_key_names_the_channels_there_are() -> None:
    make_channel(slug="studio")
    with pytest.raises(CommandError, match=r"no channel 'nowhere'. Channels: studio"):
        call_command("issue_stream_key", "nowhere")


def test_the_first_start_makes_a_channel_and_says_its_key_once() -> None:
    make_user(is_superuser=True)
    first = {line.label: line.value for line in seed_channel()}
    second = {line.label: line.value for line in seed_channel()}
    secret = first["OBS key"].split()[0]
    assert admit_publisher(presented_secret=secret, at=AT).channel_slug == DEMO_CHANNEL
    assert secret not in second["OBS key"]
    assert Channel.objects.count() == StreamKey.objects.count() == 1
