"""By what viewers are told apart: for a day, and by nothing that names them."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.beacons.viewer_keys import viewer_key
from streaming.tokens import Key, Keyring
from streaming.visitors import Visitor

RING = Keyring(Key(id=1, secret=b"s" * 32))
AT = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
ADA = Visitor(user_id=42)
BROWSER = Visitor(browser_id="ab" * 16)
NOBODY = Visitor()


@pytest.mark.parametrize("visitor", [ADA, BROWSER])
def test_it_is_the_same_all_day_and_another_the_next(visitor: Visitor) -> None:
    first = viewer_key(visitor, RING, at=AT)
    assert len(bytes.fromhex(first)) == 16
    assert viewer_key(visitor, RING, at=AT + timedelta(hours=24, microseconds=-1)) == first
    assert viewer_key(visitor, RING, at=AT + timedelta(hours=24)) != first


def test_a_day_is_one_of_utc_wherever_somebody_watches() -> None:
    bangkok = AT.astimezone(tz=None)
    assert viewer_key(ADA, RING, at=bangkok) == viewer_key(ADA, RING, at=AT)


def test_viewers_have_keys_of_their_own() -> None:
    assert len({viewer_key(visitor, RING, at=AT) for visitor in (ADA, BROWSER, Visitor(user_id=43))}) == 3


def test_without_the_keys_of_playback_nobody_can_make_it() -> None:
    assert viewer_key(ADA, Keyring(Key(id=1, secret=b"t" * 32)), at=AT) != viewer_key(ADA, RING, at=AT)


def test_who_is_not_to_be_known_has_another_each_time() -> None:
    assert viewer_key(NOBODY, RING, at=AT) != viewer_key(NOBODY, RING, at=AT)
