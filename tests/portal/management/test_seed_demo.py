"""`manage.py seed_demo`: adds what is missing, and a second time nothing."""

import io

import pytest
from django.apps import apps
from django.core.management import call_command

from portal.models import AuditEntry, User
from streaming.demo import DEMO_CHANNEL
from streaming.models import Channel, StreamKey
from streaming.services.ingest import admit_publisher
from tests.factories import AT, make_channel

pytestmark = pytest.mark.django_db


def seed() -> dict[str, str]:
    """Run the command; return the lines that it prints, by their label."""
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return dict(line.split(": ", 1) for line in out.getvalue().splitlines())


def rows() -> dict[str, int]:
    models = [
        model for label in ("catalog", "streaming", "portal") for model in apps.get_app_config(label).get_models()
    ]
    return {model._meta.label: model._default_manager.count() for model in models}


def test_the_first_time_says_what_to_paste_into_the_encoder(administrator: User) -> None:
    said = seed()
    assert said["OBS server"].startswith("rtmp://")
    secret = said["OBS key"].split()[0]
    assert admit_publisher(presented_secret=secret, at=AT).channel_slug == DEMO_CHANNEL
    assert Channel.objects.get().owner == administrator


def test_the_second_time_adds_nothing_and_shows_no_secret(administrator: User) -> None:
    first = seed()
    before = rows()
    second = seed()
    assert rows() == before
    assert second["OBS server"] == first["OBS server"]
    assert second["OBS key"] == f"a new one: manage.py issue_stream_key {DEMO_CHANNEL}"


def test_what_an_editor_made_of_the_demo_content_stays(administrator: User) -> None:
    seed()
    Channel.objects.update(title="Renamed", description="")
    StreamKey.objects.update(revoked_at=AT)
    seed()
    assert Channel.objects.get().title == "Renamed"
    assert StreamKey.objects.get().revoked_at == AT


def test_a_portal_with_a_channel_of_its_own_gets_no_other(administrator: User) -> None:
    make_channel(slug="ours")
    seed()
    assert list(Channel.objects.values_list("slug", flat=True)) == ["ours"]


def test_without_an_administrator_there_is_nobody_to_own_a_channel() -> None:
    assert "issue_stream_key" in seed()["OBS key"]
    assert not Channel.objects.exists()


def test_the_trail_names_the_system_and_holds_no_secret(administrator: User) -> None:
    secret = seed()["OBS key"].split()[0]
    entries = AuditEntry.objects.filter(action__in=["channel.created", "stream_key.issued"])
    assert entries.count() == 2
    assert all(entry.actor is None and secret not in str(entry.after) for entry in entries)
