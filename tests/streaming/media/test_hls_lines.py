"""Lines and attribute lists of playlists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.errors import PlaylistViolation
from streaming.media.hls_lines import Line, Quoted, checked_text, format_tag, parse_attributes, split_playlist


def test_lines_are_tags_and_addresses() -> None:
    text = "#EXTM3U\r\n#EXT-X-VERSION:7\r\n\r\n# a comment\n#EXTINF:4.0,a title\nvideo/1.m4s\n#EXT-X-ENDLIST\n"
    assert split_playlist(text) == [
        Line("EXT-X-VERSION", "7"),
        Line("EXTINF", "4.0,a title"),
        Line("", "video/1.m4s"),
        Line("EXT-X-ENDLIST", ""),
    ]


@pytest.mark.parametrize("text", ["", "\n#EXTM3U", "#EXTM3U8", "EXTM3U", "<html>"])
def test_a_playlist_begins_with_its_mark(text: str) -> None:
    with pytest.raises(PlaylistViolation, match="first line"):
        split_playlist(text)


def test_a_playlist_has_a_limit() -> None:
    line = "# " + "x" * 998 + "\n"
    assert split_playlist("#EXTM3U\n" + line * 1000) == []
    with pytest.raises(PlaylistViolation, match="too long"):
        split_playlist("#EXTM3U\n" + line * 33_600)


@pytest.mark.parametrize(
    ("value", "attributes"),
    [
        ("", {}),
        ("A=1", {"A": "1"}),
        ('A=1,B="x,y=z",C-D=E', {"A": "1", "B": "x,y=z", "C-D": "E"}),
        ('URI=""', {"URI": ""}),
        ("RESOLUTION=1280x720,FRAME-RATE=23.976", {"RESOLUTION": "1280x720", "FRAME-RATE": "23.976"}),
    ],
)
def test_attributes_are_read(value: str, attributes: dict[str, str]) -> None:
    assert parse_attributes(value) == attributes


def test_attributes_without_a_value_are_not_written() -> None:
    assert format_tag("EXT-X-TEST", {"A": 1, "B": None, "C": Quoted("x, y"), "D": "YES"}) == (
        '#EXT-X-TEST:A=1,C="x, y",D=YES'
    )


@given(st.dictionaries(st.from_regex(r"[A-Z0-9-]{1,12}", fullmatch=True), st.text(max_size=20), max_size=8))
def test_what_is_quoted_is_read_again_or_was_refused(attributes: dict[str, str]) -> None:
    try:
        for text in attributes.values():
            checked_text(text)
    except PlaylistViolation:
        with pytest.raises(PlaylistViolation):
            format_tag("EXT-X-TEST", {name: Quoted(text) for name, text in attributes.items()})
        return
    line = format_tag("EXT-X-TEST", {name: Quoted(text) for name, text in attributes.items()})
    (found,) = split_playlist("#EXTM3U\n" + line)
    assert "\n" not in line
    assert parse_attributes(found.value) == attributes


@given(st.text(alphabet='AB="1, x', max_size=30))
def test_an_attribute_list_is_read_or_refused(value: str) -> None:
    try:
        found = parse_attributes(value)
    except PlaylistViolation:
        return
    assert all(name.isupper() or name.isdigit() for name in found)
    assert sum(map(len, found)) <= len(value)


@pytest.mark.parametrize("text", ['"', "\n", "\r", "\t", "\x00", "\u2028", "\u200f", "\ud800"])
def test_what_could_break_out_is_no_text_for_a_playlist(text: str) -> None:
    with pytest.raises(PlaylistViolation):
        checked_text("a" + text)


@pytest.mark.parametrize("text", ["", "Ελληνικά", "中文 (繁體)", "a,b=c;#EXT", "日本語"])
def test_any_language_may_be_written(text: str) -> None:
    assert checked_text(text) == text
