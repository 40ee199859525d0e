"""The streaming app's migrations, there and back again on a real database."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from streaming.models import Stream
from streaming.services.ingest import admit_publisher
from tests.factories import AT, make_channel, make_stream_key

OURS = [key[1] for key in sorted(MigrationExecutor(None).loader.disk_migrations) if key[0] == "streaming"]
LONGEST_CODEC = "hvc1.A31.FFFFFFFF.H255.FF.FF.FF.FF.FF.FF"


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("streaming_")}


def migrate_back() -> None:
    """Do all again, also what other apps have built on ours and lost with it."""
    call_command("migrate", verbosity=0, interactive=False)


@pytest.mark.django_db
def test_the_models_ask_for_no_further_migration() -> None:
    call_command("makemigrations", "streaming", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_every_migration_can_be_undone_and_done_again() -> None:
    whole = tables()
    try:
        call_command("migrate", "streaming", "zero", verbosity=0, interactive=False)
        assert tables() == set()
    finally:
        migrate_back()
    assert tables() == whole
    assert {model._meta.db_table for model in apps.get_app_config("streaming").get_models()} <= whole


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", OURS)
def test_a_migration_keeps_the_rows_when_it_is_done_again(name: str) -> None:
    make_stream_key()
    call_command("migrate", "streaming", name, verbosity=0, interactive=False)
    migrate_back()
    stream_id = admit_publisher(presented_secret=make_stream_key().secret, at=AT).stream_id
    Stream.objects.filter(pk=stream_id).update(video_codec=LONGEST_CODEC)


@pytest.mark.django_db
def test_the_database_itself_refuses_two_live_streams_of_a_channel() -> None:
    first = admit_publisher(presented_secret=make_stream_key().secret, at=AT)
    stream = Stream.objects.get(pk=first.stream_id)
    with pytest.raises(IntegrityError, match="stream_one_live_a_channel"), transaction.atomic():
        Stream.objects.create(id="01890000-0000-7000-8000-000000000000", channel=stream.channel, started_at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "ended_at"), [("ENDED", None), ("ERROR", None), ("PENDING", AT), ("ACTIVE", AT), ("PAUSED", None)]
)
def test_the_database_itself_refuses_an_end_without_a_time_and_a_time_without_an_end(
    state: str, ended_at: object
) -> None:
    admitted = admit_publisher(presented_secret=make_stream_key().secret, at=AT)
    with pytest.raises(IntegrityError, match="stream_ended_has_time"), transaction.atomic():
        Stream.objects.filter(pk=admitted.stream_id).update(state=state, ended_at=ended_at)


@pytest.mark.django_db
def test_the_database_itself_refuses_a_channel_without_a_title() -> None:
    with pytest.raises(IntegrityError, match="channel_has_title"), transaction.atomic():
        make_channel(title="")
