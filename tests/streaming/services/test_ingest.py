from datetime import timedelta

import pytest

from portal.models import AuditEntry, User
from streaming.errors import ChannelIsLive, StreamIsOver, StreamKeyExpired, StreamKeyUnknown
from streaming.models import Stream, StreamKey
from streaming.services.ingest import admit_publisher
from streaming.services.live import end_abandoned_streams, end_stream, mark_active
from streaming.services.stream_keys import revoke_stream_key
from tests.factories import AT, make_channel, make_stream_key

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(minutes=5)


def admitted() -> Stream:
    """Return a stream that was just admitted."""
    stream_id = admit_publisher(presented_secret=make_stream_key().secret, at=AT).stream_id
    return Stream.objects.get(pk=stream_id)


def test_a_valid_key_opens_a_stream_on_its_channel() -> None:
    issued = make_stream_key()
    result = admit_publisher(presented_secret=issued.secret, at=AT)
    stream = Stream.objects.get(pk=result.stream_id)
    assert result.channel_slug == issued.key.channel.slug
    assert (stream.state, stream.started_at, stream.channel) == (Stream.State.PENDING, AT, issued.key.channel)
    assert StreamKey.objects.get().last_used_at == AT
    assert AuditEntry.objects.get(action="stream.admitted").after["key"] == issued.key.prefix


@pytest.mark.parametrize("secret", ["", "wrong", "0a1b2c3d-wrong", "-", "0a1b2c3d-\x00", "\x00", "é" * 2000])
def test_what_is_no_key_is_refused(secret: str) -> None:
    make_stream_key()
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=secret, at=AT)
    assert not Stream.objects.exists()


def test_a_right_prefix_with_a_wrong_rest_is_refused() -> None:
    issued = make_stream_key()
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=issued.secret[:-1] + "!", at=AT)


def test_a_revoked_key_is_refused_like_an_unknown_one() -> None:
    issued = make_stream_key()
    revoke_stream_key(key_id=issued.key.pk, by=None, at=AT)
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=issued.secret, at=AT)


def test_an_expired_key_is_told_apart_for_its_owner() -> None:
    issued = make_stream_key(expires_at=AT)
    with pytest.raises(StreamKeyExpired):
        admit_publisher(presented_secret=issued.secret, at=AT)


def test_a_second_encoder_is_refused_while_the_channel_is_live_and_the_first_goes_on() -> None:
    channel = make_channel()
    first, second = make_stream_key(channel=channel), make_stream_key(channel=channel)
    stream_id = admit_publisher(presented_secret=first.secret, at=AT).stream_id
    with pytest.raises(ChannelIsLive):
        admit_publisher(presented_secret=second.secret, at=AT + timedelta(seconds=5))
    assert Stream.objects.get().pk == stream_id
    assert StreamKey.objects.get(pk=second.key.pk).last_used_at is None


def test_a_channel_can_go_live_again_after_its_stream_ended() -> None:
    issued = make_stream_key()
    first = admit_publisher(presented_secret=issued.secret, at=AT)
    end_stream(stream_id=first.stream_id, reason=Stream.EndReason.UNPUBLISHED, at=LATER)
    second = admit_publisher(presented_secret=issued.secret, at=LATER)
    assert second.stream_id != first.stream_id


def test_media_makes_a_stream_active_and_says_what_it_is() -> None:
    stream = admitted()
    mark_active(
        stream_id=stream.pk, facts={"video_codec": "avc1.640028", "width_px": 1920, "height_px": 1080}, at=LATER
    )
    stream.refresh_from_db()
    assert (stream.state, stream.active_at) == (Stream.State.ACTIVE, LATER)
    assert (stream.video_codec, stream.width_px, stream.height_px) == ("avc1.640028", 1920, 1080)


def test_media_for_a_stream_that_is_over_is_refused() -> None:
    stream = admitted()
    end_stream(stream_id=stream.pk, reason=Stream.EndReason.KICKED, at=LATER)
    with pytest.raises(StreamIsOver) as caught:
        mark_active(stream_id=stream.pk, facts={}, at=LATER)
    assert caught.value.extras == {"state": Stream.State.ENDED}


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Stream.EndReason.UNPUBLISHED, Stream.State.ENDED),
        (Stream.EndReason.DISCONNECTED, Stream.State.ENDED),
        (Stream.EndReason.SHUTDOWN, Stream.State.ENDED),
        (Stream.EndReason.PROTOCOL, Stream.State.ERROR),
        (Stream.EndReason.ORIGIN_LOST, Stream.State.ERROR),
        (Stream.EndReason.INTERNAL, Stream.State.ERROR),
    ],
)
def test_a_stream_ends_with_its_reason(reason: Stream.EndReason, state: Stream.State) -> None:
    stream = admitted()
    end_stream(stream_id=stream.pk, reason=reason, at=LATER)
    stream.refresh_from_db()
    assert (stream.state, stream.end_reason, stream.ended_at) == (state, reason, LATER)
    assert AuditEntry.objects.get(action="stream.ended").after["reason"] == reason


def test_ending_twice_keeps_the_first_reason() -> None:
    stream = admitted()
    end_stream(stream_id=stream.pk, reason=Stream.EndReason.UNPUBLISHED, at=LATER)
    end_stream(stream_id=stream.pk, reason=Stream.EndReason.DISCONNECTED, at=LATER + timedelta(seconds=1))
    stream.refresh_from_db()
    assert stream.end_reason == Stream.EndReason.UNPUBLISHED
    assert AuditEntry.objects.filter(action="stream.ended").count() == 1


def test_a_starting_origin_closes_what_a_lost_one_left_open() -> None:
    left_open, closed = admitted(), admitted()
    end_stream(stream_id=closed.pk, reason=Stream.EndReason.UNPUBLISHED, at=AT)
    assert end_abandoned_streams(at=LATER) == 1
    left_open.refresh_from_db()
    closed.refresh_from_db()
    assert (left_open.state, left_open.end_reason) == (Stream.State.ERROR, Stream.EndReason.ORIGIN_LOST)
    assert closed.end_reason == Stream.EndReason.UNPUBLISHED


def test_a_starting_origin_closes_any_number_of_streams_each_with_its_line_in_the_trail() -> None:
    count = 25
    streams = [admitted() for _ in range(count)]
    assert end_abandoned_streams(at=LATER) == count
    assert set(Stream.objects.values_list("state", "end_reason", "ended_at")) == {
        (Stream.State.ERROR, Stream.EndReason.ORIGIN_LOST, LATER)
    }
    entries = AuditEntry.objects.filter(action="stream.ended")
    assert {entry.object_id for entry in entries} == {str(stream.pk) for stream in streams}
    assert end_abandoned_streams(at=LATER) == 0
    assert entries.count() == count


def test_what_is_gone_with_its_channel_is_over() -> None:
    stream = admitted()
    stream.channel.delete()
    with pytest.raises(StreamIsOver):
        mark_active(stream_id=stream.pk, facts={}, at=LATER)
    end_stream(stream_id=stream.pk, reason=Stream.EndReason.DISCONNECTED, at=LATER)
    assert not AuditEntry.objects.filter(action="stream.ended").exists()


def test_nobody_publishes_for_an_owner_whose_account_is_closed() -> None:
    issued = make_stream_key()
    User.objects.filter(pk=issued.key.channel.owner_id).update(is_active=False)
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=issued.secret, at=AT)
