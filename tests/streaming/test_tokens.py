"""Playback tokens: what is signed is read, and nothing else is."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.tokens import (
    TOKEN_LENGTH,
    Key,
    Keyring,
    PlaybackClaims,
    PlaybackTokenExpired,
    PlaybackTokenForged,
    sign_token,
    verify_token,
)
from tests.factories import AT

OLD, NEW = Key(id=1, secret=b"o" * 32), Key(id=2, secret=b"n" * 32)
KEYS = Keyring(NEW, (OLD,))
CLAIMS = PlaybackClaims(
    session_id=UUID("0198c7b2-a3f9-7e0d-8a4e-6a3c52f1d7aa"),
    subject="movie:7",
    package="00112233445566778899aabbccddeeff",
    issued_at=AT,
    expires_at=AT + timedelta(hours=12),
)


@given(
    session_id=st.uuids(),
    subject=st.builds("{}:{}".format, st.sampled_from(["movie", "channel"]), st.integers(0, 2**64 - 1)),
    package=st.binary(min_size=16, max_size=16).map(bytes.hex),
    lasts_s=st.integers(1, 12 * 3600),
)
def test_what_is_signed_is_read(session_id: UUID, subject: str, package: str, lasts_s: int) -> None:
    expires_at = AT + timedelta(seconds=lasts_s)
    claims = replace(CLAIMS, session_id=session_id, subject=subject, package=package, expires_at=expires_at)
    token = sign_token(claims, KEYS)
    assert len(token) == TOKEN_LENGTH
    assert verify_token(token, KEYS, at=AT) == claims


def test_the_wire_form_stays_as_it_is() -> None:
    """Edges and tokens that are on their way rely on it."""
    token = sign_token(CLAIMS, Keyring(Key(id=1, secret=b"0123456789abcdef0123456789abcdef")))
    assert token == "AQFrAIqgawEzYAGYx7Kj-X4Nik5qPFLx16oAAAAAAAAABwARIjNEVWZ3iJmqu8zd7v99918R4g1tfGfE476VB1nF"


def test_a_token_ends_with_its_time() -> None:
    token = sign_token(CLAIMS, KEYS)
    assert verify_token(token, KEYS, at=CLAIMS.expires_at - timedelta(microseconds=1)) == CLAIMS
    for late_s in (0, 1, 10**9):
        with pytest.raises(PlaybackTokenExpired):
            verify_token(token, KEYS, at=CLAIMS.expires_at + timedelta(seconds=late_s))


def test_a_forged_token_is_forged_also_when_its_time_is_over() -> None:
    token = sign_token(CLAIMS, Keyring(Key(id=2, secret=b"x" * 32)))
    with pytest.raises(PlaybackTokenForged):
        verify_token(token, KEYS, at=CLAIMS.expires_at)


def test_keys_are_exchanged_without_a_break() -> None:
    by_old, by_new = sign_token(CLAIMS, Keyring(OLD)), sign_token(CLAIMS, KEYS)
    assert by_old != by_new
    assert verify_token(by_old, KEYS, at=AT) == verify_token(by_new, KEYS, at=AT) == CLAIMS
    with pytest.raises(PlaybackTokenForged):
        verify_token(by_old, Keyring(NEW), at=AT)


def test_a_token_under_the_number_of_another_key_is_forged() -> None:
    token = sign_token(CLAIMS, Keyring(Key(id=OLD.id, secret=NEW.secret)))
    with pytest.raises(PlaybackTokenForged):
        verify_token(token, KEYS, at=AT)


def test_no_bit_of_a_token_can_be_changed() -> None:
    content = bytearray(urlsafe_b64decode(sign_token(CLAIMS, KEYS)))
    for place in range(len(content) * 8):
        changed = bytearray(content)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(PlaybackTokenForged):
            verify_token(urlsafe_b64encode(changed).decode(), KEYS, at=AT)


def test_two_tokens_cannot_be_mixed() -> None:
    other = sign_token(replace(CLAIMS, subject="movie:8", package="f" * 32), KEYS)
    token = sign_token(CLAIMS, KEYS)
    for cut in range(1, TOKEN_LENGTH):
        mixed = token[:cut] + other[cut:]
        if mixed in (token, other):
            continue
        with pytest.raises(PlaybackTokenForged):
            verify_token(mixed, KEYS, at=AT)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token + "=",
        lambda token: token + "\n",
        lambda token: f" {token}",
        lambda token: token.replace(token[5], "+", 1),
        lambda token: token.replace(token[5], "/", 1),
        lambda token: token.replace(token[5], "%", 1),
        lambda token: token.replace(token[5], "é", 1),
        lambda token: "A" * TOKEN_LENGTH,
        lambda token: "=" * TOKEN_LENGTH,
        lambda token: "\0" * TOKEN_LENGTH,
        lambda token: token * 1000,
    ],
)
def test_what_is_no_token_is_forged(change: object) -> None:
    assert callable(change)
    with pytest.raises(PlaybackTokenForged):
        verify_token(change(sign_token(CLAIMS, KEYS)), KEYS, at=AT)


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=TOKEN_LENGTH + 2))
def test_whatever_is_sent_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(PlaybackTokenForged):
        verify_token(text, KEYS, at=AT)


def test_secrets_are_not_shown() -> None:
    assert "oooo" not in repr(KEYS)
    assert "nnnn" not in repr(KEYS)
