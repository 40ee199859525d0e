"""What a source is, as an editor reads it."""

import json
from fractions import Fraction
from typing import Any

import pytest

from streaming.media.codable import encode
from streaming.media.streams import Chapter, Hdr
from streaming.source_lines import source_lines
from tests.streaming.media.planning import make_audio, make_probe, make_subtitles, make_video


def lines_of(**probe: Any) -> tuple[str, ...]:
    return source_lines(json.loads(json.dumps(encode(make_probe(**probe)))))


def test_each_track_is_told_by_what_an_editor_knows_of_it() -> None:
    found = lines_of(
        video=make_video(frame_rate=Fraction(24000, 1001), bitrate_bps=8_400_000),
        audio=(make_audio(language="de", channels=6, codec="eac3"), make_audio(language="und")),
        subtitles=(make_subtitles(language="fr"), make_subtitles(language="de", is_text=False)),
        chapters=(Chapter(start_s=Fraction(0), end_s=Fraction(9), title="One"),),
    )
    assert found == (
        "Length: 10:00",
        "Picture: H.264, 1920 × 1080, 23.976 frames a second, 8.4 Mbit/s",
        "Sound in German: E-AC-3, 5.1",
        "Sound in an unknown language: AAC, stereo",
        "Subtitles in French",
        "Subtitles in German, as pictures",
        "Chapters: 1",
    )


def test_what_is_unusual_about_a_picture_is_told() -> None:
    (_, picture, _) = lines_of(video=make_video(codec="prores", bit_depth=10, hdr=Hdr.HLG, is_interlaced=True))
    assert picture.startswith("Picture: ProRes, ")
    assert picture.endswith(", 10 bits, HLG, interlaced")


def test_sound_alone_has_no_picture_to_tell_of() -> None:
    assert lines_of(video=None) == ("Length: 10:00", "Sound in English: AAC, stereo")


@pytest.mark.parametrize("stored", [None, {}, [], {"container": "mp4"}, "film"])
def test_what_cannot_be_read_is_not_told(stored: object) -> None:
    assert source_lines(stored) == ()
