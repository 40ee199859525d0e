"""What becomes of a stream: its row, the trail, and what open pages and origins are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from portal import clock
from portal.celery import app
from portal.models import AuditEntry, User
from streaming import groups, live_commands, tasks
from streaming.errors import StreamIsOver
from streaming.live_commands import EndStream
from streaming.models import PlaybackRevocation, Stream
from streaming.services import live
from streaming.services.stream_keys import revoke_stream_key
from tests.factories import AT, make_stream, make_stream_key
from tests.overhearing import overhear, overhear_events

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
GRACE = timedelta(seconds=30)
Reason = Stream.EndReason
Published = Callable[..., list[str]]


@pytest.fixture
def published(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Published:
    """Carry out a change; return the types of the events that watchers of the first stream's channel got."""

    def run(change: Callable[..., object], **arguments: Any) -> list[str]:
        group = groups.channel(Stream.objects.earliest("channel_id").channel_id)
        with overhear_events(group) as envelopes, django_capture_on_commit_callbacks(execute=True):
            change(**arguments)
        return [envelope["type"] for envelope in envelopes]

    return run


def read(stream: Stream) -> Stream:
    return Stream.objects.get(pk=stream.pk)


def test_a_stream_is_on_air_with_its_first_media_and_keeps_what_its_headers_say(published: Published) -> None:
    stream = make_stream(phase="pending")
    facts = {"width_px": 1280, "height_px": 720, "video_codec": "avc1.64001F", "audio_codec": "mp4a.40.2"}
    assert published(live.mark_active, stream_id=stream.pk, facts=facts, at=AT + SECOND) == ["stream.started"]
    row = read(stream)
    assert (row.state, row.active_at, row.phase) == ("ACTIVE", AT + SECOND, Stream.Phase.STARTING)
    assert (row.width_px, row.height_px) == (1280, 720)
    assert published(live.mark_active, stream_id=stream.pk, facts={"width_px": 640}, at=AT + 2 * SECOND) == []
    assert (read(stream).active_at, read(stream).width_px) == (AT + SECOND, 640)


def test_pages_are_told_once_that_players_can_start(published: Published) -> None:
    stream = make_stream(phase="starting")
    assert published(live.mark_playable, stream_id=stream.pk, at=AT + SECOND) == ["stream.playable"]
    assert published(live.mark_playable, stream_id=stream.pk, at=AT + 2 * SECOND) == []
    assert (read(stream).playable_at, read(stream).phase) == (AT + SECOND, Stream.Phase.LIVE)


def test_a_lost_encoder_may_come_back(published: Published) -> None:
    stream = make_stream()
    assert published(live.interrupt_stream, stream_id=stream.pk, at=AT + SECOND) == ["stream.interrupted"]
    assert (read(stream).state, read(stream).phase) == ("ACTIVE", Stream.Phase.RECONNECTING)
    assert published(live.interrupt_stream, stream_id=stream.pk, at=AT + 2 * SECOND) == []
    assert read(stream).interrupted_at == AT + SECOND
    assert published(live.resume_stream, stream_id=stream.pk, at=AT + 9 * SECOND) == ["stream.resumed"]
    assert (read(stream).interrupted_at, read(stream).phase) == (None, Stream.Phase.LIVE)


@pytest.mark.parametrize(("phase", "grace_s"), [("pending", 30), ("live", 0)])
def test_what_nobody_can_come_back_to_ends_at_once(
    published: Published, settings: Settings, phase: str, grace_s: int
) -> None:
    settings.NOVA_LIVE_GRACE_S = grace_s
    stream = make_stream(phase=phase)
    assert live.interrupt_stream(stream_id=stream.pk, at=AT + SECOND) is False
    assert (read(stream).state, read(stream).end_reason) == ("ENDED", Reason.DISCONNECTED)
    assert live.interrupt_stream(stream_id=stream.pk, at=AT + SECOND) is False


@pytest.mark.parametrize(
    ("reason", "event", "state"),
    [
        (Reason.UNPUBLISHED, "stream.ended", "ENDED"),
        (Reason.DISCONNECTED, "stream.ended", "ENDED"),
        (Reason.MEDIA, "stream.failed", "ERROR"),
        (Reason.INTERNAL, "stream.failed", "ERROR"),
    ],
)
def test_the_end_is_told_with_its_cause(published: Published, reason: Reason, event: str, state: str) -> None:
    stream = make_stream(phase="reconnecting")
    end = {"stream_id": stream.pk, "reason": reason, "error": "hevc-in-old-flv", "at": AT + SECOND}
    assert published(live.end_stream, **end) == [event]
    row = read(stream)
    assert (row.state, row.error, row.ended_at) == (state, "hevc-in-old-flv", AT + SECOND)
    assert (row.interrupted_at, row.lease_until) == (None, None)
    assert published(live.end_stream, **end) == []


def test_nothing_changes_a_stream_that_is_over() -> None:
    stream = make_stream(phase="ended")
    changes: list[Callable[[], object]] = [
        lambda: live.mark_active(stream_id=stream.pk, facts={}, at=AT),
        lambda: live.mark_playable(stream_id=stream.pk, at=AT),
        lambda: live.resume_stream(stream_id=stream.pk, at=AT),
        lambda: live.report_qualities(stream_id=stream.pk, qualities=[], warnings=["slow"], at=AT),
    ]
    for change in changes:
        with pytest.raises(StreamIsOver):
            change()
    assert not live.renew_lease(stream_id=stream.pk, at=AT, is_sending=True)
    assert read(stream).state == "ENDED"


def test_other_qualities_are_told_and_the_same_ones_are_not(published: Published) -> None:
    stream = make_stream()
    qualities = [{"name": "720p", "width_px": 1280, "height_px": 720, "bitrate_bps": 5_000_000}]
    change: dict[str, Any] = {"stream_id": stream.pk, "qualities": qualities, "warnings": ["slow"], "at": AT}
    assert published(live.report_qualities, **change) == ["quality.changed"]
    assert published(live.report_qualities, **change) == []
    assert (read(stream).qualities, read(stream).warnings) == (qualities, ["slow"])


def test_a_renewed_lease_keeps_the_checker_away() -> None:
    stream = make_stream()
    assert live.renew_lease(stream_id=stream.pk, at=AT + 5 * SECOND, is_sending=True)
    assert live.heal_streams(at=AT + 10 * SECOND) == 0
    assert read(stream).phase == Stream.Phase.LIVE


def test_a_stream_whose_origin_is_lost_waits_and_then_ends(published: Published) -> None:
    stream = make_stream()
    assert published(live.heal_streams, at=AT + live.LEASE) == ["stream.interrupted"]
    assert read(stream).interrupted_at == AT + live.LEASE
    assert published(live.heal_streams, at=AT + live.LEASE + GRACE - SECOND) == []
    assert published(live.heal_streams, at=AT + live.LEASE + GRACE) == ["stream.failed"]
    assert read(stream).end_reason == Reason.ORIGIN_LOST


def test_a_stream_that_was_taken_for_lost_too_soon_goes_on(published: Published) -> None:
    stream = make_stream()
    live.heal_streams(at=AT + live.LEASE)
    at = AT + live.LEASE + SECOND
    assert published(live.renew_lease, stream_id=stream.pk, at=at, is_sending=False) == []
    assert published(live.renew_lease, stream_id=stream.pk, at=at, is_sending=True) == ["stream.resumed"]
    assert read(stream).phase == Stream.Phase.LIVE


def test_a_pending_stream_whose_origin_is_lost_ends() -> None:
    stream = make_stream(phase="pending")
    assert live.heal_streams(at=AT + live.LEASE) == 0
    assert live.heal_streams(at=AT + live.LEASE + GRACE) == 1
    assert read(stream).end_reason == Reason.ORIGIN_LOST


def test_an_origin_that_starts_again_lets_its_own_streams_wait_and_leaves_those_of_others() -> None:
    mine, other = make_stream(lease_owner="a:1935"), make_stream(lease_owner="b:1935")
    assert live.end_abandoned_streams(at=AT + SECOND, lease_owner="a:1935") == 0
    assert (read(mine).phase, read(other).phase) == (Stream.Phase.RECONNECTING, Stream.Phase.LIVE)


def test_an_editor_ends_a_stream_for_its_encoder_and_its_viewers(published: Published, editor: User) -> None:
    stream = make_stream()
    with overhear(live_commands.CHANNEL) as words:
        assert published(live.stop_stream, stream_id=stream.pk, by=editor, at=AT + SECOND) == ["stream.ended"]
    assert read(stream).end_reason == Reason.KICKED
    assert AuditEntry.objects.get(action="stream.ended").actor == editor
    assert PlaybackRevocation.objects.get().subject == f"channel:{stream.channel_id}"
    assert [EndStream.parse(word) for word in words] == [EndStream(stream_id=stream.pk, reason="KICKED")]


def test_a_revoked_key_sends_its_encoder_away_and_no_other(published: Published) -> None:
    issued = make_stream_key()
    mine, other = make_stream(issued.key.channel, key=issued.key), make_stream()
    with overhear(live_commands.CHANNEL) as words:
        assert published(revoke_stream_key, key_id=issued.key.pk, by=None, at=AT) == ["stream.ended"]
    assert (read(mine).end_reason, read(other).phase) == (Reason.KEY_REVOKED, Stream.Phase.LIVE)
    assert [EndStream.parse(word) for word in words] == [EndStream(stream_id=mine.pk, reason="KEY_REVOKED")]


@pytest.mark.parametrize("word", ["", "{", "[]", "null", '{"command": "end"}', '{"command": "end", "stream": "x"}'])
def test_a_word_that_is_none_is_none(word: str) -> None:
    assert EndStream.parse(word) is None


def test_beat_starts_the_checker_and_what_saves_recordings(published: Published) -> None:
    make_stream(lease_until=clock.now() - SECOND)
    assert published(tasks.heal_streams, something_new=1) == ["stream.interrupted"]
    assert published(tasks.recover_recordings, something_new=1) == []
    started = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {tasks.heal_streams.name, tasks.recover_recordings.name} <= started


def test_an_origin_changes_nothing_of_a_stream_that_another_has_taken_up() -> None:
    stream = make_stream(lease_owner="b:1935")
    who: dict[str, Any] = {"stream_id": stream.pk, "at": AT + SECOND, "lease_owner": "a:1935"}
    changes: list[tuple[Callable[..., object], dict[str, Any]]] = [
        (live.mark_active, {"facts": {}}),
        (live.mark_playable, {}),
        (live.report_qualities, {"qualities": [], "warnings": ["slow"]}),
        (live.interrupt_stream, {}),
        (live.resume_stream, {}),
        (live.renew_lease, {"is_sending": True}),
        (live.end_stream, {"reason": Reason.DISCONNECTED}),
    ]
    for change, facts in changes:
        with pytest.raises(live.HeldElsewhere):
            change(**who, **facts)
    row = read(stream)
    assert (row.phase, row.warnings, row.lease_until) == (Stream.Phase.LIVE, [], AT + live.LEASE)
    assert live.renew_lease(**who | {"lease_owner": "b:1935"}, is_sending=True)


def test_a_broadcaster_whose_account_is_closed_is_sent_away_with_the_next_lease(published: Published) -> None:
    stream = make_stream()
    renewal: dict[str, Any] = {"stream_id": stream.pk, "at": AT + SECOND, "is_sending": True}
    assert live.renew_lease(**renewal)
    # By whatever way: also by one that knows nothing of streams.
    User.objects.filter(pk=stream.channel.owner_id).update(is_active=False)
    assert published(live.renew_lease, **renewal) == ["stream.ended"]
    assert read(stream).end_reason == Reason.KICKED
    assert not live.renew_lease(**renewal)
