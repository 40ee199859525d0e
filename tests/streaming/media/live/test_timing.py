"""Figures of a live playlist that never change."""

from fractions import Fraction

import pytest

from streaming.media.live.timing import LiveTiming

RATES = [Fraction(rate) for rate in (10, 12, 15, 20, 24, 25, 30, 48, 50, 60)]
RATES += [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)]


def test_figures_are_what_specifications_demand() -> None:
    timing = LiveTiming()
    assert timing.part_target_s == Fraction(357, 1000)
    assert timing.part_hold_back_s == Fraction(1071, 1000)
    assert (timing.target_duration_s, timing.hold_back_s, timing.skip_until_s) == (2, 6, 12)
    assert (timing.most_wait_s, timing.advance_parts) == (6, 8)


@pytest.mark.parametrize("rate", RATES)
def test_parts_are_whole_frames_of_which_none_is_too_short(rate: Fraction) -> None:
    fitted = LiveTiming().fitted(rate)
    assert (fitted.part_s * rate).denominator == 1
    sound_frame_s = Fraction(1024, 44100)
    assert fitted.part_s + sound_frame_s <= fitted.part_target_s
    assert fitted.part_s - sound_frame_s >= fitted.part_target_s * Fraction(85, 100)
    assert fitted.fitted(rate) == fitted


def test_sound_alone_is_cut_at_thirds_of_a_second() -> None:
    assert LiveTiming().fitted(None) == LiveTiming()


def test_long_parts_may_be_asked_for_three_ahead() -> None:
    assert LiveTiming(segment_s=Fraction(6), part_s=Fraction(1)).advance_parts == 3
