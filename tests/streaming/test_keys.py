"""The keys of playback tokens, as operators write them."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings as django_settings

from portal.env import BadSetting
from streaming.keys import playback_keyring, read_keyring
from streaming.tokens import PlaybackClaims, PlaybackTokenForged, sign_token, verify_token
from tests.factories import AT

SECRET, OLDER = "n" * 32, "o" * 40
CLAIMS = PlaybackClaims(
    session_id=UUID(int=7), subject="movie:1", package="0" * 32, issued_at=AT, expires_at=AT + timedelta(hours=1)
)


def test_the_first_key_signs_and_the_others_are_still_good() -> None:
    keyring = read_keyring(f"2:{SECRET}, 1:{OLDER}", secret_key="s")
    assert (keyring.signing.id, keyring.signing.secret) == (2, SECRET.encode())
    assert [(key.id, key.secret) for key in keyring.others] == [(1, OLDER.encode())]
    before = read_keyring(f"1:{OLDER}", secret_key="s")
    assert verify_token(sign_token(CLAIMS, before), keyring, at=AT) == CLAIMS


@pytest.mark.parametrize("written", ["", " ", ",", " , "])
def test_without_keys_one_is_derived_that_is_no_other_purposes(written: str) -> None:
    keyring = read_keyring(written, secret_key="secret")
    assert keyring == read_keyring("", secret_key="secret")
    assert keyring.others == ()
    assert len(keyring.signing.secret) == 32
    assert keyring.signing.secret.hex() != django_settings.SIMPLE_JWT["SIGNING_KEY"]
    with pytest.raises(PlaybackTokenForged):
        verify_token(sign_token(CLAIMS, keyring), read_keyring("", secret_key="other"), at=AT)


def test_a_secret_may_hold_colons() -> None:
    assert read_keyring("9:" + "a:" * 16, secret_key="s").signing.secret == b"a:" * 16


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (SECRET, "without a number"),
        (f":{SECRET}", "without a number"),
        (f"0:{SECRET}", "without a number"),
        (f"256:{SECRET}", "without a number"),
        (f"00010000:{SECRET}", "without a number"),
        (f"-1:{SECRET}", "without a number"),
        (f"x:{SECRET}", "without a number"),
        (f"٣:{SECRET}", "without a number"),
        ("1:short", "too short"),
        ("1:" + "n" * 31, "too short"),
        (f"1:{SECRET},1:{OLDER}", "same number"),
        (f"1:{SECRET},01:{OLDER}", "same number"),
        (f"2:{OLDER},{SECRET}", "without a number"),
    ],
)
def test_what_is_no_list_of_keys_stops_the_start_and_is_not_shown(written: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said) as caught:
        read_keyring(written, secret_key="s")
    assert "NOVA_PLAYBACK_KEYS" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert OLDER not in str(caught.value)


def test_the_portal_has_a_keyring() -> None:
    assert verify_token(sign_token(CLAIMS, playback_keyring()), playback_keyring(), at=AT) == CLAIMS
