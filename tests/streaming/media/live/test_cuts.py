"""Where a leader is cut whose key frames somebody else has made."""

from collections.abc import Iterable
from fractions import Fraction

import pytest

from streaming.media.errors import KeyFrameMissing, TimelineViolation
from streaming.media.live.cuts import Cut, Cutter
from streaming.media.live.lane import Place
from streaming.media.live.timing import LiveTiming

RATE, TICKS = Fraction(30), 30_000
FRAME = 1000


def cuts_of(keys_s: Iterable[float], *, seconds: float, times: Iterable[int] | None = None) -> list[Cut]:
    """Return where frames of a constant rate, or at these times, are cut whose key frames come at these moments."""
    keys = {round(second * TICKS) for second in keys_s}
    timing = LiveTiming().fitted(RATE)
    cutter = Cutter(timing, timescale=TICKS, msn=1, copied_rate=RATE)
    shown = list(range(0, round(seconds * TICKS), FRAME) if times is None else times)
    lengths = [later - at for at, later in zip(shown, [*shown[1:], shown[-1] + FRAME], strict=True)]
    seen = [cutter.see(Place(at, length, at in keys)) for at, length in zip(shown, lengths, strict=True)]
    return [cut for cut in seen if cut is not None]


def ends_of(keys_s: Iterable[float], *, seconds: float) -> list[float]:
    """Return when its segments end."""
    return [round(float(cut.at_s), 3) for cut in cuts_of(keys_s, seconds=seconds) if cut.closes]


@pytest.mark.parametrize(
    ("keys_s", "ends_s"),
    [
        (range(0, 9, 2), [2, 4, 6, 8]),
        ([0, 2.4, 4.8, 7.2], [2.4, 4.8, 7.2]),
        ([0, 1.5, 3, 4.5, 6, 7.5], [1.5, 3, 4.5, 6, 7.5]),
        # After three of them it is believed that they come each second.
        (range(9), [1, 2, 4, 6, 8]),
        # A change of the scene: the next one may come two seconds later.
        ([0, 0.9, 2.9, 4.9, 6.9, 8.9], [0.9, 2.9, 4.9, 6.9, 8.9]),
        ([0, 2, 2.2, 4.2, 6.2, 8.2], [2, 4.2, 6.2, 8.2]),
        ([0, 1, 2, 3, 4, 4.7, 6.7, 8.7], [1, 2, 4, 4.7, 6.7, 8.7]),
    ],
)
def test_a_segment_ends_at_the_last_key_frame_before_it_is_too_long(
    keys_s: Iterable[float], ends_s: list[float]
) -> None:
    assert ends_of(keys_s, seconds=9) == ends_s


def test_parts_are_cut_between_key_frames_as_ever() -> None:
    cuts = cuts_of([0, 0.9, 2.9], seconds=3.3)
    assert [(cut.msn, cut.part) for cut in cuts] == [(1, 0), (1, 1), (1, 2), *((2, part) for part in range(6)), (3, 0)]
    assert cuts[2].at_s == Fraction(9, 10)


@pytest.mark.parametrize("keys_s", [[0], [0, 2, 4.6], [0, 2, 4, 8]])
def test_a_key_frame_that_does_not_come_in_time_is_missed(keys_s: list[float]) -> None:
    with pytest.raises(KeyFrameMissing, match=r"2\.500 s"):
        cuts_of(keys_s, seconds=9)


def test_a_frame_that_lasts_long_begins_a_part_that_it_would_not_fit_into() -> None:
    times = [*range(0, 10 * FRAME, FRAME), *range(12 * FRAME, 40 * FRAME, FRAME)]
    cuts = cuts_of([0], seconds=2, times=times)
    assert [float(cut.at_s * 30) for cut in cuts[:3]] == [9, 19, 29]


def test_a_frame_that_lasts_longer_than_a_part_may_is_refused() -> None:
    with pytest.raises(TimelineViolation, match="a frame lasts"):
        cuts_of([0], seconds=2, times=[0, FRAME, 2 * FRAME, 14 * FRAME, 15 * FRAME])


def test_frames_at_another_rate_than_players_are_told_are_refused() -> None:
    with pytest.raises(TimelineViolation, match="50 frames came where 60"):
        cuts_of([0, 2], seconds=2, times=range(0, 62_000, 1200))
