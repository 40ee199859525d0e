"""Who is let in, again and again by the same token."""

from datetime import timedelta
from uuid import UUID

import pytest

from portal import clock
from streaming.errors import PlaybackRevoked, PlaybackTokenInvalid, PlaybackTokenOutdated
from streaming.origin.addresses import MediaAddress
from streaming.origin.gate import Gate
from streaming.origin.revoked import Revocations
from tests.streaming.origin.media import FAULTY_TOKENS, KEYRING, PACKAGE, Revoked, make_claims, make_token

SESSION = f"session:{UUID(int=7)}"


def make_gate() -> Gate:
    return Gate(KEYRING, Revocations())


def shown(token: str) -> MediaAddress:
    return MediaAddress(token, "v720p/1.m4s")


def test_a_token_that_was_looked_at_says_the_same_again() -> None:
    gate, address, at = make_gate(), shown(make_token()), clock.now()
    first, again = gate.admit(address, at=at), gate.admit(address, at=at)
    assert first == again
    assert first.package == PACKAGE


def test_it_is_good_until_it_expires_and_no_longer() -> None:
    gate, claims = make_gate(), make_claims()
    expires_at = claims.expires_at.replace(microsecond=0)
    address = shown(make_token(expires_at=expires_at))
    gate.admit(address, at=expires_at - timedelta(seconds=1))
    for _ in range(2):
        with pytest.raises(PlaybackTokenOutdated):
            gate.admit(address, at=expires_at)
    # It was not kept for nothing.
    assert not gate._verified


@pytest.mark.parametrize("subject", ["movie:42", SESSION])
def test_a_revocation_acts_at_once_also_on_what_was_let_in_before(subject: str) -> None:
    gate, address, at = make_gate(), shown(make_token()), clock.now()
    gate.admit(address, at=at)
    gate.revocations.replace([Revoked(subject=subject, issued_before=at)])
    with pytest.raises(PlaybackRevoked):
        gate.admit(address, at=at)
    gate.revocations.replace([])
    assert gate.admit(address, at=at).session_id == UUID(int=7)


def test_what_nobody_has_signed_is_not_remembered() -> None:
    gate = make_gate()
    gate.admit(shown(make_token()), at=clock.now())
    for _ in range(2):
        with pytest.raises(PlaybackTokenInvalid):
            gate.admit(shown(FAULTY_TOKENS["changed"][0]), at=clock.now())
    assert len(gate._verified) == 1


def test_no_more_tokens_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.origin.gate._MOST_VERIFIED", 2)
    gate = make_gate()
    addresses = [shown(make_token(session_id=UUID(int=number))) for number in range(5)]
    for _ in range(2):
        for number, address in enumerate(addresses):
            assert gate.admit(address, at=clock.now()).session_id == UUID(int=number)
            assert len(gate._verified) <= 2
