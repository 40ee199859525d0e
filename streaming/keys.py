"""The keys that sign playback tokens: those of the environment, or one derived from the secret key."""

import hmac
import re

from django.conf import settings

from portal.env import BadSetting
from streaming.tokens import Key, Keyring

VARIABLE = "NOVA_PLAYBACK_KEYS"
_DERIVED_ID, _MOST_ID = 0, 255
_SHORTEST_SECRET = 32
_TAKES = f"it takes keys such as 2:secret,1:older-secret, each with a number from 1 to {_MOST_ID} of its own"


def read_keyring(written: str, *, secret_key: str) -> Keyring:
    """Read "2:secret,1:older secret", of which the first signs; derive one key where nothing is written.

    Raises BadSetting, which quotes nothing of what was written.
    """
    keys = [_read_key(part.strip()) for part in written.split(",") if part.strip()]
    if len({key.id for key in keys}) < len(keys):
        raise BadSetting(f"{VARIABLE} has two keys of the same number; {_TAKES}.")
    if not keys:
        # A label of its own: what one purpose signs is worth nothing to another.
        derived = hmac.digest(secret_key.encode(), b"nova.playback.tokens", "sha256")
        keys = [Key(id=_DERIVED_ID, secret=derived)]
    return Keyring(keys[0], tuple(keys[1:]))


def playback_keyring() -> Keyring:
    keyring: Keyring = settings.NOVA_PLAYBACK_KEYRING
    return keyring


def _read_key(part: str) -> Key:
    number, _, secret = part.partition(":")
    if not re.fullmatch("[0-9]{1,3}", number) or not 0 < int(number) <= _MOST_ID:
        raise BadSetting(f"{VARIABLE} has a key without a number; {_TAKES}.")
    if len(secret) < _SHORTEST_SECRET:
        raise BadSetting(
            f"Key {int(number)} of {VARIABLE} is too short: a secret has {_SHORTEST_SECRET} letters or more."
        )
    return Key(id=int(number), secret=secret.encode())
