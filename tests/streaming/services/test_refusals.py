"""Encoders that were not let in."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from portal.errors import PortalError, TooManyRequests
from portal.models import AuditEntry
from streaming.errors import StreamKeyExpired, StreamKeyUnknown
from streaming.services.ingest import admit_publisher
from tests.factories import AT, make_stream_key

pytestmark = pytest.mark.django_db

PEER = "192.0.2.7:51234"


def refuse(secret: str, kind: type[PortalError] = StreamKeyUnknown, peer: str = PEER) -> None:
    with pytest.raises(kind):
        admit_publisher(presented_secret=secret, at=AT, peer=peer)


def test_who_presents_an_expired_key_is_told_of_in_its_trail_once_a_minute() -> None:
    issued = make_stream_key(expires_at=AT - timedelta(days=1))
    for _ in range(3):
        refuse(issued.secret, StreamKeyExpired)
    refuse(issued.secret[:-1] + "!")
    entries = AuditEntry.objects.filter(action="stream_key.refused", object_id=str(issued.key.pk)).order_by("pk")
    assert [entry.after for entry in entries] == [
        {"code": "stream-key-expired", "peer": "192.0.2.7"},
        {"code": "stream-key-unknown", "peer": "192.0.2.7"},
    ]


def test_what_is_no_key_leaves_no_line() -> None:
    refuse("0a1b2c3d-wrong")
    refuse("wrong")
    assert not AuditEntry.objects.exists()


def test_an_address_that_tries_again_and_again_is_held_off_and_others_are_not(settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "publish": "3/minute"}
    good = make_stream_key().secret
    for number in range(3):
        refuse("wrong", peer=f"192.0.2.7:{number}")
    refuse(good, TooManyRequests)
    assert not admit_publisher(presented_secret=good, at=AT, peer="192.0.2.8:1").is_resumed


def test_a_good_key_lets_an_address_start_anew(settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "publish": "3/minute"}
    for _ in range(4):
        refuse("wrong")
        admit_publisher(presented_secret=make_stream_key().secret, at=AT, peer=PEER)


def test_all_addresses_of_one_site_are_held_off_together(settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "publish": "3/minute"}
    good = make_stream_key().secret
    for number in range(3):
        refuse("wrong", peer=f"[2001:db8:1:2::{number + 1}]:50000")
    refuse(good, TooManyRequests, peer="[2001:db8:1:2::9]:50000")
    assert not admit_publisher(presented_secret=good, at=AT, peer="[2001:db8:1:3::1]:50000").is_resumed
