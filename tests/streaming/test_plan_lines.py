"""What a plan makes, as an editor reads it."""

from typing import Any

import pytest

from streaming.media.plan import PlanConf, plan_vod
from streaming.plan_lines import megabits, track_lines
from tests.streaming.media.planning import LADDER, make_audio, make_probe, make_subtitles, make_video


def lines_of(**probe: Any) -> tuple[str, ...]:
    return track_lines(plan_vod(make_probe(**probe), LADDER, conf=PlanConf()).to_json())


def test_what_is_passed_through_and_what_is_encoded_are_told_apart() -> None:
    lines = lines_of()
    assert lines[0].endswith(": 1920 × 1080, as it is in the source")
    assert lines[1].startswith("720p: 1280 × 720, H.264, at most ")
    assert lines[1].endswith(" Mbit/s")
    assert any(line.startswith("Viewers can begin with ") for line in lines)


def test_where_every_picture_is_there_at_once_nothing_follows() -> None:
    assert not any(
        line.startswith("Viewers can begin") for line in lines_of(video=make_video(height_px=72, width_px=128))
    )


def test_sound_and_subtitles_are_named_by_their_languages() -> None:
    lines = lines_of(
        video=make_video(codec="hevc"),
        audio=(make_audio(codec="ac3", language="th"), make_audio(index=2, codec="ac3", language="und")),
        subtitles=(make_subtitles(language="en"),),
    )
    assert any(line.startswith("Sound in Thai, AAC, ") for line in lines)
    assert any(line.startswith("Sound in an unknown language, AAC, ") for line in lines)
    assert "Subtitles in English" in lines


@pytest.mark.parametrize("stored", [None, {}, {"version": 0}, "text", []])
def test_what_is_no_plan_of_now_says_nothing(stored: object) -> None:
    assert track_lines(stored) == ()


def test_rates_are_told_in_megabits() -> None:
    assert (megabits(400_000), megabits(20_000_000)) == ("0.4 Mbit/s", "20.0 Mbit/s")
