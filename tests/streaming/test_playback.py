"""What players are told, and when a film counts as seen."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.package_index import TextFile, TextKind, TextTrack
from streaming.playback import Playback, PlaybackChapter, caption_of, chapters_of, is_seen

PLAYBACK = Playback(
    session_id=UUID("0198c7b2-a3f9-7e0d-8a4e-6a3c52f1d7aa"),
    expires_at=datetime(2026, 11, 21, 13, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=7))),
    lasts_s=43_200.0,
    package="0198c7b2a3f97e0d8a4e6a3c52f1d7bb",
    is_whole=True,
    duration_s=596.4,
    hls_url="https://media.example.com/m/t/master.m3u8",
    dash_url=None,
    media_query="",
    captions=(),
    poster_url=None,
    storyboard_url=None,
    chapters=(PlaybackChapter(start_s=0.0, title="Dawn"),),
    position_s=83.2,
    beacon=None,
)
TEXT = TextTrack(name="c1", label="English", files=(TextFile(Fraction(8), 30),), language="en")


def test_moments_are_told_in_utc_and_whole_seconds_as_tokens_have_them() -> None:
    assert PLAYBACK.as_json()["expires_at"] == "2026-11-21T06:30:00Z"


def test_everything_is_told_by_its_name() -> None:
    told = PLAYBACK.as_json()
    assert told["session"] == "0198c7b2-a3f9-7e0d-8a4e-6a3c52f1d7aa"
    assert told["chapters"] == ({"start_s": 0.0, "title": "Dawn"},)
    assert set(told) == {
        *("session", "expires_at", "lasts_s", "package", "is_whole", "duration_s"),
        *("hls_url", "dash_url", "media_query"),
        *("captions", "poster_url", "storyboard_url", "chapters", "position_s", "beacon"),
    }


@pytest.mark.parametrize(
    ("track", "language", "kind"),
    [
        (TEXT, "en", "subtitles"),
        (replace(TEXT, kind=TextKind.CAPTIONS), "en", "captions"),
        (replace(TEXT, is_forced=True), "en", "forced"),
        (replace(TEXT, language=None), "und", "subtitles"),
    ],
)
def test_a_text_says_for_whom_it_is(track: TextTrack, language: str, kind: str) -> None:
    caption = caption_of(track, "https://media.example.com/c1/1.vtt")
    assert (caption.language, caption.kind, caption.label) == (language, kind, "English")


def stored(*starts: str) -> list[dict[str, str]]:
    return [{"start_s": start, "end_s": start, "title": start} for start in starts]


@pytest.mark.parametrize(
    ("starts", "duration_s", "expected"),
    [
        ((), 60.0, []),
        (("0", "30000/1001"), 60.0, [0.0, 29.97]),
        (("0", "60", "61"), 60.0, [0.0]),
        (("-1", "5"), 60.0, [5.0]),
        (("0", "5000"), None, [0.0, 5000.0]),
    ],
)
def test_chapters_begin_within_the_film(
    starts: tuple[str, ...], duration_s: float | None, expected: list[float]
) -> None:
    assert [chapter.start_s for chapter in chapters_of(stored(*starts), duration_s=duration_s)] == expected


@given(duration_s=st.floats(0.001, 360_000), share=st.floats(0, 1))
def test_what_is_left_of_a_seen_film_is_short(duration_s: float, share: float) -> None:
    position_s = duration_s * share
    left_s = duration_s - position_s
    if is_seen(position_s=position_s, duration_s=duration_s):
        assert left_s <= max(5, min(duration_s / 20, 300)) + 0.001
    else:
        assert left_s > min(5, duration_s) - 0.001


def test_a_film_that_was_watched_beyond_its_end_is_seen() -> None:
    assert is_seen(position_s=61, duration_s=60)
    assert is_seen(position_s=60, duration_s=60)
    assert not is_seen(position_s=0, duration_s=60)
