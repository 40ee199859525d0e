"""Whatever stands in a cue, what goes out is words and the tags of WebVTT."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.markup import clean_text, escape, plain_text

_ANY_TAG = re.compile(r"<(/?)([a-z]+)((?:\.[A-Za-z0-9_-]+)*)(?: ([^<>]+))?>")
PIECES = st.sampled_from(
    [
        *("<b>", "</b>", "<i>", "</i>", "<u>", "<c.yellow>", "</c>", "<v Ann>", "</v>", "<lang en-GB>", "</lang>"),
        *("<ruby>", "<rt>", "</rt>", "</ruby>", "<script>", "</script>", "<font color=red>", "<", ">", "&", "&lt;"),
        *(
            "&amp;",
            "&nbsp;",
            "&#60;",
            "&#0;",
            "-->",
            "\n",
            "\n\n",
            " ",
            "\t",
            "word",
            "สวัสดี",
            "\0",
            "\u200e",
            "<00:01.000>",
        ),
        *("<v", "<i onclick=x>", "<B>", "</x>", "{\\an8}", "<v >", "<lang ???>", "\u2028", "\x85", "\r"),
    ]
)
MESS = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Plain words", "Plain words"),
        ("<i>Slanted</i> and <b>fat</b> and <u>lined</u>", "<i>Slanted</i> and <b>fat</b> and <u>lined</u>"),
        ("<I>Loud</I>", "<i>Loud</i>"),
        ("<v Ann Bell>Hello", "<v Ann Bell>Hello</v>"),
        ("<v.loud Ann>Hello</v>", "<v.loud Ann>Hello</v>"),
        ("<c.yellow.bg_blue>Note</c>", "<c.yellow.bg_blue>Note</c>"),
        ("<c.&x>Note</c>", "<c>Note</c>"),
        ("<lang en-GB>colour</lang>", "<lang en-GB>colour</lang>"),
        ("<ruby>漢<rt>kan</rt></ruby>", "<ruby>漢<rt>kan</rt></ruby>"),
        ("<rt>alone</rt>", "alone"),
        ("<v>Nobody</v>", "Nobody"),
        ("<lang ???>x</lang>", "x"),
        ("<b><i>crossed</b></i>", "<b><i>crossed</i></b>"),
        ("<i>open", "<i>open</i>"),
        ("closed</i>", "closed"),
        ("<i/>", "<i></i>"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<i onclick=alert(1)>x</i>", "<i>x</i>"),
        ("a <00:00:01.000>b", "a b"),
        ("1 < 2 > 0 & 3", "1 &lt; 2 &gt; 0 &amp; 3"),
        ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
        ("&eacute;&#233;&#xe9;", "ééé"),
        ("&nbsp;&lrm;x", "&nbsp;&lrm;x"),
        ("&#60;script&#62;", "&lt;script&gt;"),
        ("a --> b", "a --&gt; b"),
        ("  two \n\n  lines  ", "two\nlines"),
        ("a\tb\0c\x1bd\ufeff", "a bcd"),
        ("&#0;&#27;x", "\ufffdx"),
        ("♪ สวัสดี ♪", "♪ สวัสดี ♪"),
    ],
)
def test_what_comes_of_a_text(raw: str, expected: str) -> None:
    assert clean_text(raw).text == expected


def test_it_is_told_what_was_left_out() -> None:
    safe = clean_text("<font color=red>a</font>\n\n<blink>b\x07")
    assert (safe.removed_tags, safe.had_controls, safe.had_blank_line) == (("blink", "font"), True, True)
    quiet = clean_text("<i>a</i>\nb")
    assert (quiet.removed_tags, quiet.had_controls, quiet.had_blank_line) == ((), False, False)


def test_tags_are_nested_only_so_deep() -> None:
    assert clean_text("<b>" * 100 + "x").text == "<b>" * 8 + "x" + "</b>" * 8


def test_words_without_their_tags() -> None:
    assert plain_text("<v Ann>1 &lt; <i>2</i></v>") == "1 < 2"


@given(MESS)
def test_nothing_but_known_and_balanced_tags_goes_out(raw: str) -> None:
    text = clean_text(raw).text

    opened: list[str] = []
    for match in _ANY_TAG.finditer(text):
        assert match[2] in {"b", "i", "u", "c", "v", "lang", "ruby", "rt"}
        if match[1]:
            assert opened.pop() == match[2]
        else:
            opened.append(match[2])
    assert opened == []
    assert not set("<>") & set(_ANY_TAG.sub("", text))
    assert "\n\n" not in text
    assert "-->" not in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


@given(MESS)
def test_cleaning_what_is_clean_changes_nothing(raw: str) -> None:
    text = clean_text(raw).text
    again = clean_text(text)
    assert again.text == text
    assert not again.removed_tags


@given(st.text(max_size=60))
def test_escaped_words_are_read_as_words(words: str) -> None:
    assert not set("<>") & set(escape(words))
    assert plain_text(escape(words)) == words
