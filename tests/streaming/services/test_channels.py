"""A channel that changes hands keeps nothing that its former owner could broadcast by."""

from datetime import timedelta

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from portal.errors import NotAllowed
from portal.models import AuditEntry, User
from streaming import live_commands
from streaming.errors import StreamKeyUnknown
from streaming.live_commands import EndStream
from streaming.models import Channel, PlaybackRevocation, Stream, StreamKey
from streaming.services.channels import update_channel
from streaming.services.ingest import admit_publisher
from streaming.services.stream_keys import issue_stream_key
from tests.factories import AT, make_channel, make_stream, make_stream_key, make_user
from tests.overhearing import overhear

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(minutes=1)


def hand_over(channel: Channel, to: User, by: User) -> None:
    update_channel(channel_id=channel.pk, facts={"owner": to}, by=by, at=LATER)


def test_its_keys_admit_nobody_and_their_encoder_is_sent_away(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, editor: User
) -> None:
    issued = make_stream_key()
    channel, earlier = issued.key.channel, make_stream_key(channel=issued.key.channel, expires_at=AT)
    stream, elsewhere = make_stream(channel, key=issued.key), make_stream_key()
    with overhear(live_commands.CHANNEL) as words, django_capture_on_commit_callbacks(execute=True):
        hand_over(channel, make_user(), editor)
    assert [EndStream.parse(word) for word in words] == [EndStream(stream_id=stream.pk, reason="KEY_REVOKED")]
    assert Stream.objects.get(pk=stream.pk).end_reason == Stream.EndReason.KEY_REVOKED
    assert {key.revoked_at for key in channel.keys.all()} == {LATER}
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=issued.secret, at=LATER)
    assert admit_publisher(presented_secret=elsewhere.secret, at=LATER).channel_id == elsewhere.key.channel_id
    revoked = AuditEntry.objects.filter(action="stream_key.revoked", actor=editor)
    assert {entry.object_id for entry in revoked} == {str(issued.key.pk), str(earlier.key.pk)}
    assert AuditEntry.objects.get(action="channel.updated").after.keys() == {"owner"}


def test_the_same_owner_once_more_changes_nothing(editor: User) -> None:
    issued = make_stream_key()
    hand_over(issued.key.channel, issued.key.channel.owner, editor)
    assert StreamKey.objects.get().revoked_at is None
    assert not AuditEntry.objects.filter(action="channel.updated").exists()


def test_the_former_owner_is_issued_no_key_by_what_was_allowed_before(editor: User) -> None:
    channel = make_channel()
    looked_up = Channel.objects.get()
    hand_over(channel, make_user(), editor)
    with pytest.raises(NotAllowed):
        issue_stream_key(channel=looked_up, label="OBS", by=looked_up.owner, at=LATER)
    assert not StreamKey.objects.exists()


@pytest.mark.parametrize(("visibility", "is_cut_off"), [("PRIVATE", True), ("PUBLIC", False)])
def test_what_the_former_owner_watches_of_a_private_channel_is_cut_off(
    editor: User, visibility: str, is_cut_off: bool
) -> None:
    hand_over(make_channel(visibility=visibility), make_user(), editor)
    assert PlaybackRevocation.objects.exists() is is_cut_off
