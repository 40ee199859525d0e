from datetime import timedelta

import pytest

from portal.models import AuditEntry, User
from streaming.models import StreamKey
from streaming.services.stream_keys import prefix_of, revoke_stream_key
from tests.factories import AT, make_channel, make_stream_key

pytestmark = pytest.mark.django_db


def test_an_issued_key_is_kept_as_a_hash_only() -> None:
    issued = make_stream_key()
    stored = StreamKey.objects.values().get()
    assert issued.secret not in {str(value) for value in stored.values()}
    assert len(issued.secret) > 40
    assert issued.secret.startswith(stored["prefix"])


def test_the_secret_does_not_show_in_what_a_debugger_prints() -> None:
    issued = make_stream_key()
    assert issued.secret not in repr(issued)


def test_a_key_matches_its_own_secret_and_no_other() -> None:
    one, other = make_stream_key(), make_stream_key()
    assert one.key.matches(one.secret)
    assert not one.key.matches(other.secret)
    assert not one.key.matches("")


def test_issuing_is_audited_without_the_secret(editor: User) -> None:
    issued = make_stream_key(by=editor)
    entry = AuditEntry.objects.get(action="stream_key.issued")
    assert entry.actor == editor
    assert issued.secret not in str(entry.after)


def test_a_revoked_key_is_usable_no_more_and_says_since_when(editor: User) -> None:
    key = make_stream_key().key
    revoked = revoke_stream_key(key_id=key.pk, by=editor, at=AT)
    assert not revoked.is_usable(AT)
    assert revoked.revoked_at == AT
    assert AuditEntry.objects.filter(action="stream_key.revoked", actor=editor).count() == 1


def test_revoking_twice_changes_nothing() -> None:
    key = make_stream_key().key
    revoke_stream_key(key_id=key.pk, by=None, at=AT)
    again = revoke_stream_key(key_id=key.pk, by=None, at=AT + timedelta(hours=1))
    assert again.revoked_at == AT
    assert AuditEntry.objects.filter(action="stream_key.revoked").count() == 1


def test_a_key_is_usable_until_the_moment_it_expires() -> None:
    key = make_stream_key(expires_at=AT).key
    assert key.is_usable(AT - timedelta(microseconds=1))
    assert not key.is_usable(AT)


def test_the_usable_keys_are_those_neither_revoked_nor_expired() -> None:
    channel = make_channel()
    good = make_stream_key(channel=channel).key
    make_stream_key(channel=channel, expires_at=AT)
    revoke_stream_key(key_id=make_stream_key(channel=channel).key.pk, by=None, at=AT)
    assert list(StreamKey.objects.usable(AT)) == [good]


@pytest.mark.parametrize(
    ("secret", "prefix"),
    [
        ("0a1b2c3d-rest", "0a1b2c3d"),
        ("", ""),
        ("no dash at all", ""),
        ("-x", ""),
        ("0a1b\x00c3d-x", ""),
        ("0a1b2c3dff-x", ""),
    ],
)
def test_only_what_looks_like_a_prefix_is_taken_from_a_presented_secret(secret: str, prefix: str) -> None:
    assert prefix_of(secret) == prefix
