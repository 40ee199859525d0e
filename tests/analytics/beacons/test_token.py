"""What a beacon's token says, and that nobody else can say it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.beacons.token import (
    DEVICES,
    TOKEN_LENGTH,
    BeaconClaims,
    ExpiredToken,
    ForgedToken,
    sign_beacon_token,
    verify_beacon_token,
)
from portal.ids import uuid7
from streaming.tokens import Key, Keyring, PlaybackClaims, sign_token

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT_S = AT.timestamp()
OLD, NEW = Key(id=1, secret=b"o" * 32), Key(id=2, secret=b"n" * 32)
RING = Keyring(NEW, (OLD,))
CLAIMS = BeaconClaims(
    session=uuid7(AT).hex,
    subject="movie:7",
    viewer="ab" * 16,
    expires_s=int(AT_S) + 60,
    user=42,
    length_ms=596_400,
    device="tv",
    country="TH",
)


def sessions() -> st.SearchStrategy[BeaconClaims]:
    digits = st.binary(min_size=16, max_size=16).map(bytes.hex)
    movies = st.integers(1, 2**63 - 1).map("movie:{}".format)
    return st.builds(
        BeaconClaims,
        session=digits,
        viewer=digits,
        subject=movies | st.uuids().map("stream:{}".format),
        expires_s=st.integers(int(AT_S) + 1, 2**32 - 1),
        user=st.none() | st.integers(1, 2**63 - 1),
        length_ms=st.none() | st.integers(1, 2**32 - 1),
        device=st.sampled_from(DEVICES),
        country=st.sampled_from(["", "TH", "DE"]),
    )


@given(sessions())
def test_a_token_says_again_what_was_signed(claims: BeaconClaims) -> None:
    token = sign_beacon_token(claims, RING)
    assert len(token) == TOKEN_LENGTH
    assert verify_beacon_token(token, RING, at_s=AT_S) == claims


def test_it_knows_when_its_session_began() -> None:
    assert CLAIMS.began_ms == int(AT_S * 1000)


def test_a_film_longer_than_there_are_is_told_as_the_longest() -> None:
    token = sign_beacon_token(replace(CLAIMS, length_ms=2**40), RING)
    assert verify_beacon_token(token, RING, at_s=AT_S).length_ms == 2**32 - 1


def test_it_is_good_until_its_second_and_not_in_it() -> None:
    token = sign_beacon_token(CLAIMS, RING)
    verify_beacon_token(token, RING, at_s=CLAIMS.expires_s - 0.001)
    with pytest.raises(ExpiredToken):
        verify_beacon_token(token, RING, at_s=CLAIMS.expires_s)


def test_a_key_that_signs_no_more_is_still_believed_and_one_that_is_gone_is_not() -> None:
    token = sign_beacon_token(CLAIMS, Keyring(OLD))
    assert verify_beacon_token(token, RING, at_s=AT_S) == CLAIMS
    with pytest.raises(ForgedToken):
        verify_beacon_token(token, Keyring(NEW), at_s=AT_S)


def test_no_byte_of_it_can_be_another() -> None:
    content = urlsafe_b64decode(sign_beacon_token(CLAIMS, RING))
    for index in range(len(content)):
        changed = bytearray(content)
        changed[index] ^= 1
        with pytest.raises(ForgedToken):
            verify_beacon_token(urlsafe_b64encode(changed).decode(), RING, at_s=AT_S)


@pytest.mark.parametrize(
    "token", ["", "x", "é" * TOKEN_LENGTH, "A" * TOKEN_LENGTH, "A" * (TOKEN_LENGTH + 4), "\0" * 116]
)
def test_what_is_no_token_is_none_of_ours(token: str) -> None:
    with pytest.raises(ForgedToken):
        verify_beacon_token(token, RING, at_s=AT_S)


def test_a_playback_token_is_none_and_its_signature_is_worth_nothing_here() -> None:
    playback = sign_token(
        PlaybackClaims(
            session_id=UUID(CLAIMS.session),
            subject="movie:7",
            package="cd" * 16,
            issued_at=AT,
            expires_at=datetime.fromtimestamp(CLAIMS.expires_s, UTC),
        ),
        RING,
    )
    with pytest.raises(ForgedToken):
        verify_beacon_token(playback, RING, at_s=AT_S)
