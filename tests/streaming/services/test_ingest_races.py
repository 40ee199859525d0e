"""Two at once on the real database: each thread has a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from portal.errors import PortalError
from portal.models import AuditEntry
from streaming.errors import ChannelIsLive, StreamKeyUnknown
from streaming.models import Stream, StreamKey
from streaming.services.channels import update_channel
from streaming.services.ingest import admit_publisher
from streaming.services.live import end_abandoned_streams, end_stream, mark_active
from streaming.services.stream_keys import revoke_stream_key, rotate_stream_key
from tests.factories import AT, make_channel, make_stream_key, make_user
from tests.streaming.database import another_hand

pytestmark = pytest.mark.django_db(transaction=True)

LATER = AT + timedelta(minutes=5)
RACERS = 6


def outcome(step: Callable[[], object]) -> str:
    """Run a step in this thread; return the code of the error that it met, or "done"."""
    try:
        step()
    except PortalError as error:
        return error.code
    finally:
        connection.close()
    return "done"


def race(*steps: Callable[[], object]) -> list[str]:
    """Run the steps at the same moment, each in a thread of its own; return how each came out."""
    start = threading.Barrier(len(steps))

    def run(step: Callable[[], object]) -> str:
        start.wait(10)
        return outcome(step)

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(run, steps))


@contextmanager
def behind(statement: str, *values: object) -> Iterator[Callable[[Callable[[], object]], "Future[str]"]]:
    """Let steps run into a change that somebody else has made and not committed; it is committed at the end."""
    with ThreadPoolExecutor(2) as threads, another_hand() as other:
        other.execute(statement, values)
        yield lambda step: threads.submit(outcome, step)
        other.commit()


def admit(secret: str) -> Callable[[], object]:
    return lambda: admit_publisher(presented_secret=secret, at=LATER)


def waits(result: "Future[str]") -> bool:
    """Tell whether the step is held up by what is not committed."""
    try:
        result.result(0.3)
    except TimeoutError:
        return True
    return False


def test_of_encoders_that_race_for_one_channel_exactly_one_is_admitted() -> None:
    channel = make_channel()
    secrets = [make_stream_key(channel=channel).secret for _ in range(RACERS)]
    outcomes = race(*(admit(secret) for secret in secrets))
    assert sorted(outcomes) == ["channel-is-live"] * (RACERS - 1) + ["done"]
    assert Stream.objects.count() == 1
    assert AuditEntry.objects.filter(action="stream.admitted").count() == 1
    assert StreamKey.objects.exclude(last_used_at=None).count() == 1


def test_of_encoders_that_race_with_one_key_exactly_one_is_admitted() -> None:
    secret = make_stream_key().secret
    outcomes = race(*[admit(secret)] * RACERS)
    assert sorted(outcomes) == ["channel-is-live"] * (RACERS - 1) + ["done"]


def test_encoders_of_different_channels_do_not_hold_each_other_up() -> None:
    secrets = [make_stream_key().secret for _ in range(RACERS)]
    assert race(*(admit(secret) for secret in secrets)) == ["done"] * RACERS
    assert Stream.objects.filter(state=Stream.State.PENDING).count() == RACERS


def test_a_stream_that_two_end_at_once_ends_once() -> None:
    stream_id = admit_publisher(presented_secret=make_stream_key().secret, at=AT).stream_id
    reasons = [Stream.EndReason.UNPUBLISHED, Stream.EndReason.KICKED, Stream.EndReason.DISCONNECTED]
    steps = [lambda reason=reason: end_stream(stream_id=stream_id, reason=reason, at=LATER) for reason in reasons]
    assert race(*steps) == ["done"] * 3
    entry = AuditEntry.objects.get(action="stream.ended")
    assert entry.after["reason"] == Stream.objects.get().end_reason


def test_the_channel_is_free_for_exactly_one_when_its_stream_has_ended() -> None:
    channel = make_channel()
    first = admit_publisher(presented_secret=make_stream_key(channel=channel).secret, at=AT)
    end_stream(stream_id=first.stream_id, reason=Stream.EndReason.UNPUBLISHED, at=AT)
    waiting = [make_stream_key(channel=channel).secret for _ in range(3)]
    assert sorted(race(*(admit(secret) for secret in waiting)))[-1] == "done"
    assert Stream.objects.filter(channel=channel, state__in=Stream.LIVE_STATES).count() == 1


def test_a_key_that_is_revoked_meanwhile_admits_nobody() -> None:
    issued = make_stream_key()
    revocation = "UPDATE streaming_streamkey SET revoked_at = %s WHERE id = %s"
    with behind(revocation, AT, issued.key.pk) as run:
        result = run(admit(issued.secret))
        assert waits(result)
    assert result.result(5) == StreamKeyUnknown.code
    assert not Stream.objects.exists()


def test_a_channel_that_is_deleted_meanwhile_leaves_an_unknown_key_behind() -> None:
    issued = make_stream_key()
    with behind("DELETE FROM streaming_streamkey WHERE id = %s", issued.key.pk) as run:
        result = run(admit(issued.secret))
        assert waits(result)
    assert result.result(5) == StreamKeyUnknown.code


def test_an_admission_and_a_revocation_at_once_come_one_after_the_other() -> None:
    issued = make_stream_key()
    admitted, revoked = race(admit(issued.secret), lambda: revoke_stream_key(key_id=issued.key.pk, by=None, at=LATER))
    assert revoked == "done"
    assert (admitted == "done") is Stream.objects.exists()
    with pytest.raises((StreamKeyUnknown, ChannelIsLive)):
        admit_publisher(presented_secret=issued.secret, at=LATER)


def test_a_new_key_admits_at_once_while_the_old_one_is_being_revoked() -> None:
    channel = make_channel()
    old, new = make_stream_key(channel=channel), make_stream_key(channel=channel)
    with behind("UPDATE streaming_streamkey SET revoked_at = %s WHERE id = %s", AT, old.key.pk) as run:
        assert run(admit(new.secret)).result(5) == "done"


@pytest.mark.parametrize("attempt", range(5))
def test_a_channel_changes_hands_while_its_keys_are_used_and_changed(attempt: int) -> None:
    channel, person = make_channel(), make_user()
    issued, other = make_stream_key(channel=channel), make_stream_key(channel=channel)
    outcomes = race(
        lambda: update_channel(channel_id=channel.pk, facts={"owner": person}, by=person, at=LATER),
        lambda: rotate_stream_key(key_id=other.key.pk, by=person, at=LATER),
        admit(issued.secret),
    )
    assert outcomes[0] == "done"
    assert not Stream.objects.live().exists()
    # One that was rotated before is revoked with the rest; nothing is put in the place of one that was revoked.
    assert not StreamKey.objects.filter(channel=channel, revoked_at=None).exists()


def test_media_and_the_end_at_once_leave_the_stream_ended() -> None:
    stream_id = admit_publisher(presented_secret=make_stream_key().secret, at=AT).stream_id
    media, end = race(
        lambda: mark_active(stream_id=stream_id, facts={"audio_codec": "mp4a.40.2"}, at=LATER),
        lambda: end_stream(stream_id=stream_id, reason=Stream.EndReason.KICKED, at=LATER),
    )
    assert end == "done"
    assert media in {"done", "stream-is-over"}
    stream = Stream.objects.get(pk=stream_id)
    assert (stream.state, stream.ended_at) == (Stream.State.ENDED, LATER)
    assert (stream.active_at is not None) is (media == "done")


def test_two_origins_that_start_at_once_end_each_abandoned_stream_once() -> None:
    for _ in range(4):
        admit_publisher(presented_secret=make_stream_key().secret, at=AT)
    assert race(*[lambda: end_abandoned_streams(at=LATER)] * 2) == ["done"] * 2
    assert AuditEntry.objects.filter(action="stream.ended").count() == 4


def test_two_editors_of_one_channel_lose_nothing_of_each_other() -> None:
    channel, person = make_channel(title="Old", description="Old"), make_user()
    steps = [
        lambda facts=facts: update_channel(channel_id=channel.pk, facts=facts, by=person, at=LATER)
        for facts in ({"title": "New title"}, {"description": "New description"})
    ]
    assert race(*steps) == ["done"] * 2
    channel.refresh_from_db()
    assert (channel.title, channel.description) == ("New title", "New description")
    assert sorted(tuple(entry.after) for entry in AuditEntry.objects.filter(action="channel.updated")) == [
        ("description",),
        ("title",),
    ]
