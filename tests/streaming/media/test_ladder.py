from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.ladder import Codec, choose_ladder, h264_level, output_rate
from tests.streaming.media.planning import LADDER, make_rung, make_video


def shapes(**video: Any) -> list[tuple[str, int, int]]:
    return [(r.name, r.width_px, r.height_px) for r in choose_ladder(make_video(**video), LADDER)]


@pytest.mark.parametrize(
    ("video", "expected"),
    [
        ({}, [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480)]),
        # Wider than 16:9: the width is full.
        ({"height_px": 800}, [("1080p", 1920, 800), ("720p", 1280, 534), ("480p", 854, 356)]),
        # Narrower: the height is.
        ({"width_px": 1440}, [("1080p", 1440, 1080), ("720p", 960, 720), ("480p", 640, 480)]),
        ({"width_px": 3840, "height_px": 2160}, [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480)]),
        # Between two rungs: its own size, under its own name.
        ({"width_px": 1600, "height_px": 900}, [("900p", 1600, 900), ("720p", 1280, 720), ("480p", 854, 480)]),
        # Hardly more than a rung: no rung of its own.
        ({"width_px": 1300, "height_px": 732}, [("720p", 1278, 720), ("480p", 852, 480)]),
        ({"width_px": 320, "height_px": 180}, [("180p", 320, 180)]),
        ({"width_px": 127, "height_px": 71}, [("70p", 126, 70)]),
        # Turned, it stands upright in the turned rungs.
        ({"rotation_deg": 90}, [("1080p", 1080, 1920), ("720p", 720, 1280), ("480p", 480, 854)]),
        ({"width_px": 1080, "height_px": 1920}, [("1080p", 1080, 1920), ("720p", 720, 1280), ("480p", 480, 854)]),
        # PAL in 16:9: square pixels make it wider.
        (
            {"width_px": 720, "height_px": 576, "sample_aspect": Fraction(64, 45)},
            [("576p", 1024, 576), ("480p", 854, 480)],
        ),
    ],
)
def test_a_film_gets_the_rungs_that_it_fills(video: dict[str, Any], expected: list[tuple[str, int, int]]) -> None:
    assert shapes(**video) == expected


@given(
    st.integers(16, 8192),
    st.integers(16, 4320),
    st.fractions(Fraction(1, 2), Fraction(2), max_denominator=99),
    st.sampled_from([0, 90, 180, 270]),
)
def test_no_film_is_enlarged_bent_or_left_without_a_rung(width: int, height: int, aspect: Fraction, turn: int) -> None:
    video = make_video(width_px=width, height_px=height, sample_aspect=aspect, rotation_deg=turn)
    seen_width, seen_height = map(float, video.display_size)
    made = choose_ladder(video, LADDER)
    assert made
    assert len({(r.width_px, r.height_px) for r in made}) == len(made)
    for rendition in made:
        assert rendition.width_px % 2 == rendition.height_px % 2 == 0
        # The least side that is encoded is 16; below that a strip is widened.
        assert rendition.width_px <= max(16, seen_width + 1)
        assert rendition.height_px <= max(16, seen_height + 1)
        scale = max(rendition.width_px / seen_width, rendition.height_px / seen_height)
        if min(rendition.width_px, rendition.height_px) > 16:
            assert abs(rendition.width_px - seen_width * scale) <= max(2, 2 * seen_width / seen_height)
            assert abs(rendition.height_px - seen_height * scale) <= max(2, 2 * seen_height / seen_width)


def test_each_codec_of_the_ladder_has_its_own_rungs() -> None:
    ladder = [*LADDER, make_rung("1080p HEVC", 1920, 1080, 5_000_000, Codec.HEVC)]
    made = choose_ladder(make_video(), ladder)
    assert [r.codec for r in made] == [Codec.H264] * 3 + [Codec.HEVC]
    assert (made[-1].profile, made[-1].level) == ("main", "")


def test_an_empty_ladder_still_gives_something_to_see() -> None:
    assert [(r.width_px, r.height_px) for r in choose_ladder(make_video(), [])] == [(640, 360)]


def bitrates(**video: Any) -> list[int]:
    return [r.bitrate_bps for r in choose_ladder(make_video(**video), LADDER)]


def test_a_full_picture_gets_what_its_rung_says() -> None:
    assert bitrates()[:2] == [8_000_000, 5_000_000]


def test_a_wide_picture_takes_less_and_a_fast_one_more() -> None:
    assert bitrates(height_px=800)[0] < 7_000_000
    assert 11_000_000 < bitrates(frame_rate=Fraction(60))[0] < 14_000_000


@pytest.mark.parametrize(("codec", "highest"), [("h264", 1_000_000), ("hevc", 1_600_000), ("mpeg2video", 600_000)])
def test_no_rung_takes_more_bits_than_its_source_is_worth(codec: str, highest: int) -> None:
    assert max(bitrates(codec=codec, bitrate_bps=1_000_000)) == highest
    assert min(bitrates(codec=codec, bitrate_bps=1)) == 80_000


@pytest.mark.parametrize(
    ("rate", "is_variable", "expected"),
    [
        (Fraction(24000, 1001), False, Fraction(24000, 1001)),
        (Fraction(60), False, Fraction(60)),
        (Fraction(120000, 1001), False, Fraction(60000, 1001)),
        (Fraction(240), False, Fraction(60)),
        (Fraction(2997, 100), True, Fraction(30)),
        (Fraction(2502, 100), True, Fraction(25)),
        (Fraction(17), True, Fraction(17)),
        (Fraction(1, 10), False, Fraction(1)),
    ],
)
def test_what_comes_out_has_a_rate_that_players_show(rate: Fraction, is_variable: bool, expected: Fraction) -> None:
    assert output_rate(make_video(frame_rate=rate, is_variable_rate=is_variable)) == expected


@pytest.mark.parametrize(
    ("size", "rate", "bitrate_bps", "level"),
    [
        ((320, 180), 25, 300_000, "1.3"),
        ((854, 480), 30, 2_000_000, "3.1"),
        ((1280, 720), 30, 5_000_000, "3.1"),
        ((1280, 720), 60, 8_000_000, "3.2"),
        ((1920, 1080), 30, 8_000_000, "4.0"),
        ((1920, 1080), 30, 30_000_000, "4.2"),
        ((1920, 1080), 60, 12_000_000, "4.2"),
        ((3840, 2160), 30, 20_000_000, "5.1"),
        ((8192, 4320), 60, 100_000_000, "6.2"),
        ((8192, 64), 25, 1_000_000, "5.1"),
    ],
)
def test_the_level_allows_size_rate_and_bits(size: tuple[int, int], rate: int, bitrate_bps: int, level: str) -> None:
    assert h264_level(size=size, rate=Fraction(rate), bitrate_bps=bitrate_bps) == level
