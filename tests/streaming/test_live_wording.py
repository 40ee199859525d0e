"""Broadcasters are told in words what is made of what they send."""

import pytest

from streaming.live_wording import live_words
from streaming.media.live.plan import LiveNote, Unsupported
from streaming.media.live.supervision import GiveUpCause
from streaming.services.recordings import CUT, LOST


@pytest.mark.parametrize("code", [*LiveNote, *Unsupported, *GiveUpCause, "no-key-frames", CUT, LOST])
def test_every_code_has_words(code: str) -> None:
    assert str(live_words(str(code))) != str(code)


def test_a_code_of_another_version_is_shown_as_it_is() -> None:
    assert live_words("of-tomorrow") == "of-tomorrow"
