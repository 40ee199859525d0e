"""An encoder that comes back to its stream, or finds it taken."""

from datetime import timedelta
from uuid import UUID

import pytest

from portal.models import AuditEntry
from streaming.errors import ChannelIsLive
from streaming.models import Stream
from streaming.services.ingest import AdmittedStream, admit_publisher
from streaming.services.live import LEASE, interrupt_stream, mark_active, renew_lease
from streaming.services.stream_keys import IssuedKey
from tests.factories import AT, make_channel, make_stream_key

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def issued() -> IssuedKey:
    return make_stream_key(channel=make_channel(dvr_s=600, is_recorded=False))


@pytest.fixture
def first(issued: IssuedKey) -> AdmittedStream:
    """A stream that is on air."""
    admitted = admit_publisher(presented_secret=issued.secret, at=AT, lease_owner="origin:1935")
    mark_active(stream_id=admitted.stream_id, facts={}, at=AT)
    return admitted


def test_a_new_stream_is_told_what_its_channel_wants(first: AdmittedStream, issued: IssuedKey) -> None:
    stream = Stream.objects.get()
    assert (first.channel_id, first.dvr_s, first.is_recorded, first.is_resumed) == (
        issued.key.channel_id,
        600,
        False,
        False,
    )
    assert (stream.package_hex, len(first.package_hex)) == (first.package_hex, 32)
    assert (stream.lease_until, stream.lease_owner) == (AT + LEASE, "origin:1935")


def test_an_encoder_that_was_lost_goes_on_with_the_same_stream(first: AdmittedStream, issued: IssuedKey) -> None:
    interrupt_stream(stream_id=first.stream_id, at=AT + SECOND)
    other = make_stream_key(channel=issued.key.channel)
    again = admit_publisher(presented_secret=other.secret, at=AT + 30 * SECOND, lease_owner="other:1935")
    assert (again.stream_id, again.package_hex) == (first.stream_id, first.package_hex)
    assert again.is_resumed
    stream = Stream.objects.get()
    assert (stream.key, stream.lease_until, stream.lease_owner) == (other.key, AT + 30 * SECOND + LEASE, "other:1935")
    # Nothing has come of it yet.
    assert stream.phase == Stream.Phase.RECONNECTING
    assert AuditEntry.objects.filter(action="stream.taken_up").count() == 1


def test_one_that_comes_back_too_late_is_refused_until_the_stream_was_ended(
    first: AdmittedStream, issued: IssuedKey
) -> None:
    interrupt_stream(stream_id=first.stream_id, at=AT)
    at = AT + 31 * SECOND
    renew_lease(stream_id=first.stream_id, at=at, is_sending=False)
    with pytest.raises(ChannelIsLive):
        admit_publisher(presented_secret=issued.secret, at=at)


@pytest.mark.parametrize("is_silent", [True, False])
def test_the_origin_says_whether_an_encoder_may_be_replaced(
    first: AdmittedStream, issued: IssuedKey, is_silent: bool
) -> None:
    asked: list[UUID] = []

    def may_take_up(stream_id: UUID) -> bool:
        asked.append(stream_id)
        return is_silent

    def come() -> AdmittedStream:
        return admit_publisher(
            presented_secret=issued.secret, at=AT + SECOND, may_take_up=may_take_up, lease_owner="origin:1935"
        )

    if is_silent:
        assert come().stream_id == first.stream_id
    else:
        with pytest.raises(ChannelIsLive):
            come()
    assert asked == [first.stream_id]


def test_no_origin_takes_what_another_one_has(first: AdmittedStream, issued: IssuedKey) -> None:
    with pytest.raises(ChannelIsLive):
        admit_publisher(
            presented_secret=issued.secret, at=AT + SECOND, may_take_up=lambda _: True, lease_owner="other:1935"
        )


@pytest.mark.parametrize(("waits_s", "is_resumed"), [(29, True), (300, True)])
def test_an_encoder_needs_no_checker_to_come_back_after_its_origin_was_lost(
    first: AdmittedStream, issued: IssuedKey, waits_s: int, is_resumed: bool
) -> None:
    at = AT + LEASE + waits_s * SECOND
    again = admit_publisher(presented_secret=issued.secret, at=at, lease_owner="other:1935")
    assert (again.is_resumed, again.stream_id == first.stream_id) == (is_resumed, is_resumed)
    assert Stream.objects.live().count() == 1
