"""Figures in words."""

import pytest
from django.utils import translation

from analytics.pages.wording import (
    average_words,
    count_words,
    delay_words,
    length_words,
    rate_words,
    share_words,
)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (count_words(None), "–"),
        (count_words(0), "0"),
        (count_words(12_345), "12,345"),
        (average_words(None), "–"),
        (average_words(9.96), "10.0"),
        (average_words(1234.6), "1,235"),
        (rate_words(None), "–"),
        (rate_words(0), "0 kbit/s"),
        (rate_words(960), "1.0 kbit/s"),
        (rate_words(2_400_000), "2.4 Mbit/s"),
        (rate_words(31_000_000_000), "31.0 Gbit/s"),
        (share_words(None), "–"),
        (share_words(0.0125), "1.2 %"),
        (delay_words(None), "–"),
        (delay_words(2340), "2.3 s"),
        (length_words(0), "0 s"),
        (length_words(61.4), "1 min 1 s"),
        (length_words(7320), "2 h 2 min"),
        (length_words(359_000), "99 h 43 min"),
        (length_words(7_202_000), "2,001 h"),
    ],
)
def test_a_figure_is_said_as_people_read_it(said: str, words: str) -> None:
    assert said == words


def test_lengths_are_said_in_thai() -> None:
    with translation.override("th"):
        assert length_words(7320) == "2 ชม. 2 นาที"
