from fractions import Fraction

import pytest

from streaming.media.hls import TIMESTAMP_MAP
from streaming.media.texts import format_storyboard, has_cues, on_timeline
from tests.streaming.media.making import make_images

CUE = "00:01.000 --> 00:02.000\nHello"


@pytest.mark.parametrize(
    "webvtt",
    [f"WEBVTT\n\n{CUE}\n", f"WEBVTT\r\n\r\n{CUE}\n", f"WEBVTT\n{CUE}\n"],
    ids=["usual", "CRLF", "no blank line"],
)
def test_a_text_says_where_the_film_begins(webvtt: str) -> None:
    head, stamp, blank, *rest = on_timeline(webvtt).decode().splitlines()

    assert (head, stamp, blank) == ("WEBVTT", TIMESTAMP_MAP, "")
    assert "\n".join(rest) == CUE


def test_a_text_without_cues_is_told_from_one_with_some() -> None:
    assert has_cues(f"WEBVTT\n\n{CUE}")
    assert not has_cues("WEBVTT\n")


def test_every_moment_of_a_film_has_its_small_picture() -> None:
    # Sheets of four by three pictures of 160x90, one every half second.
    head, *cues = format_storyboard(make_images(sheets=2), duration_s=Fraction("6.7")).strip().split("\n\n")

    assert head == "WEBVTT"
    assert len(cues) == 14
    assert cues[0] == "00:00:00.000 --> 00:00:00.500\nstoryboard/1.jpg#xywh=0,0,160,90"
    assert cues[5] == "00:00:02.500 --> 00:00:03.000\nstoryboard/1.jpg#xywh=160,90,160,90"
    assert cues[13] == "00:00:06.500 --> 00:00:06.700\nstoryboard/2.jpg#xywh=160,0,160,90"


def test_no_more_small_pictures_are_told_than_the_sheets_have_room_for() -> None:
    written = format_storyboard(make_images(sheets=1), duration_s=Fraction(100))
    assert written.count("-->") == 12


def test_times_beyond_an_hour_are_written_as_such() -> None:
    written = format_storyboard(make_images(sheets=1, interval_s=Fraction(1000)), duration_s=Fraction(7384))
    assert "02:03:04.000\nstoryboard/1.jpg#xywh=480,90,160,90" in written
