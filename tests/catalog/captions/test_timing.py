"""Cues moved and stretched into place."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.cues import Cue
from catalog.captions.findings import CaptionsRefused, Findings
from catalog.captions.limits import LATEST_MS
from catalog.captions.timing import FRAME_RATES, Retiming, RetimingImpossible, retime, retiming_by_points

MOMENTS = st.integers(min_value=0, max_value=4 * 3600 * 1000)


def cue(start_ms: int, end_ms: int, number: int = 1) -> Cue:
    return Cue(start_ms=start_ms, end_ms=end_ms, text="x", number=number)


def moved(retiming: Retiming, *cues: Cue) -> list[tuple[int, int]]:
    return [(each.start_ms, each.end_ms) for each in retime(cues, retiming, Findings())]


def test_an_offset_moves_every_cue() -> None:
    assert moved(Retiming(offset_ms=1500), cue(0, 1000), cue(2000, 3000)) == [(1500, 2500), (3500, 4500)]
    assert moved(Retiming(offset_ms=-500), cue(1000, 2000)) == [(500, 1500)]


def test_a_stretch_keeps_the_beginning() -> None:
    assert moved(Retiming(stretch=Fraction(2)), cue(0, 1000), cue(2000, 3000)) == [(0, 2000), (4000, 6000)]


def test_frame_rates_come_in_pairs_that_undo_each_other() -> None:
    for name, stretch in FRAME_RATES.items():
        there, back = name.split("→")
        assert stretch * FRAME_RATES[f"{back}→{there}"] == 1
    hour = 3_600_000
    assert Retiming(stretch=FRAME_RATES["23.976→25"]).apply(hour) == 3_452_547
    assert Retiming(stretch=FRAME_RATES["25→24"]).apply(hour) == 3_750_000


def test_a_cue_that_would_begin_before_the_film_begins_with_it() -> None:
    found = Findings()
    assert retime([cue(500, 2000, 7)], Retiming(offset_ms=-1000), found)[0].start_ms == 0
    assert [(warning.code, warning.cue) for warning in found.warnings] == [("cut-at-the-start", 7)]


@pytest.mark.parametrize(
    ("cues", "retiming", "code"),
    [
        ([cue(500, 1000, 3)], Retiming(offset_ms=-1000), "before-the-film"),
        ([cue(0, 10, 3)], Retiming(offset_ms=-LATEST_MS), "before-the-film"),
        ([cue(0, LATEST_MS, 3)], Retiming(offset_ms=1), "time-too-late"),
        ([cue(0, LATEST_MS, 3)], Retiming(stretch=Fraction(2)), "time-too-late"),
    ],
)
def test_cues_do_not_leave_the_film(cues: list[Cue], retiming: Retiming, code: str) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        retime([cue(5000, 90_000_000, 1), *cues] if code == "before-the-film" else cues, retiming, Findings())
    assert (code, 3) in [(fault.code, fault.cue) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"stretch": Fraction(201, 100)}, "stretch"),
        ({"stretch": Fraction(49, 100)}, "stretch"),
        ({"stretch": Fraction(0)}, "stretch"),
        ({"stretch": Fraction(-1)}, "stretch"),
        ({"offset_ms": LATEST_MS + 1}, "offset_s"),
        ({"offset_ms": -LATEST_MS - 1}, "offset_s"),
    ],
)
def test_a_measure_that_makes_no_sense_cannot_be_made(values: dict[str, Fraction | int], field: str) -> None:
    with pytest.raises(RetimingImpossible) as impossible:
        Retiming(**values)  # type: ignore[arg-type]
    assert impossible.value.field == field


def test_two_points_that_say_nothing_are_refused() -> None:
    for second, reason in (((1500, 2500), "points-too-close"), ((3000, 90_000), "points-out-of-range")):
        with pytest.raises(RetimingImpossible) as impossible:
            retiming_by_points((1000, 2000), second)
        assert (impossible.value.field, impossible.value.reason) == ("second", reason)
    with pytest.raises(RetimingImpossible):
        retiming_by_points((1000, 9000), (9000, 1000))  # backwards


def test_the_order_of_the_two_points_does_not_matter() -> None:
    first, second = (1000, 2000), (61_000, 64_500)
    assert retiming_by_points(first, second) == retiming_by_points(second, first)


@given(
    MOMENTS,
    MOMENTS,
    st.integers(1000, 4 * 3600 * 1000),
    st.fractions(min_value=Fraction(51, 100), max_value=Fraction(199, 100), max_denominator=1001),
)
def test_each_of_two_points_goes_where_it_should(first: int, first_to: int, gap_ms: int, stretch: Fraction) -> None:
    second, second_to = first + gap_ms, first_to + round(gap_ms * stretch)
    retiming = retiming_by_points((first, first_to), (second, second_to))
    assert abs(retiming.apply(first) - first_to) <= 1
    assert abs(retiming.apply(second) - second_to) <= 1


@given(
    st.lists(st.tuples(MOMENTS, st.integers(1, 100_000)), min_size=1, max_size=10),
    st.fractions(min_value=Fraction(1, 2), max_value=2, max_denominator=1001),
    st.integers(0, 100_000),
)
def test_what_was_in_order_stays_in_order_and_every_cue_lasts(
    spans: list[tuple[int, int]], stretch: Fraction, offset_ms: int
) -> None:
    cues = [cue(start, start + length) for start, length in sorted(spans)]
    after = moved(Retiming(stretch=stretch, offset_ms=offset_ms), *cues)
    assert after == sorted(after, key=lambda span: span[0])
    assert all(start < end for start, end in after)


@given(st.lists(st.tuples(MOMENTS, st.integers(1, 100_000)), max_size=10), st.integers(0, 100_000))
def test_moving_there_and_back_changes_nothing(spans: list[tuple[int, int]], offset_ms: int) -> None:
    cues = [cue(start, start + length) for start, length in spans]
    there = retime(cues, Retiming(offset_ms=offset_ms), Findings())
    assert retime(there, Retiming(offset_ms=-offset_ms), Findings()) == cues
