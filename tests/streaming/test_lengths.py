"""How lengths and the time left are said."""

import pytest

from streaming.lengths import format_length, format_time_left


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0.4, "0:00"), (20.02, "0:20"), (59.6, "1:00"), (754.0, "12:34"), (5652.0, "1:34:12")],
)
def test_a_length_is_told_to_the_second(seconds: float | None, words: str) -> None:
    assert format_length(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "5 s"),
        (31.0, "35 s"),
        (55.0, "55 s"),
        (56.0, "1 min"),
        (61.0, "2 min"),
        (3541.0, "1 h 0 min"),
        (7300.0, "2 h 2 min"),
    ],
)
def test_the_time_left_is_told_roughly_and_never_too_short(seconds: float, words: str) -> None:
    assert format_time_left(seconds) == words
