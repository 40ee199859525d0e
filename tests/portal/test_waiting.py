import pytest

from portal.waiting import wait_sentence


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (1, "Try again in 1 second."),
        (59, "Try again in 59 seconds."),
        (60, "Try again in 1 minute."),
        (61, "Try again in 2 minutes."),
        (300, "Try again in 5 minutes."),
    ],
)
def test_the_wait_is_never_said_shorter_than_it_is(seconds: int, sentence: str) -> None:
    assert wait_sentence(seconds) == sentence
