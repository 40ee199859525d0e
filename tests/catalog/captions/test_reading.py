"""One door for every caption file: which format it is, and what is refused before any cue is read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.caption_wording import describe_finding
from catalog.captions.findings import CaptionsRefused, Code, Finding, finding_as_json, finding_from_json
from catalog.captions.limits import MOST_BYTES
from catalog.captions.reading import detect_format, read_captions

SRT = "1\n00:00:01,000 --> 00:00:02,000\nx\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SRT, "SRT"),
        ("00:00:01.000 --> 00:00:02.000\nx", "SRT"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nx", "WebVTT"),
        ("WEBVTT", "WebVTT"),
        ("WEBVTT - a title", "WebVTT"),
        ("[Script Info]\nTitle: x", "ASS"),
        ("; a remark\n\n[Events]\nFormat: Start", "ASS"),
        ("[V4+ Styles]", "ASS"),
        ("<tt></tt>", "TTML"),
        ('<?xml version="1.0"?><tt:tt xmlns:tt="x"/>', "TTML"),
        ("<!-- by hand -->\n<tt/>", "TTML"),
        ('<?xml version="1.0"?><rss/>', "TTML"),
        ("1\n00:00:01,000 → 00:00:02,000\nx", "SRT"),
        ("[music] --> quiet", "SRT"),
    ],
)
def test_a_format_is_known_by_what_the_file_says(text: str, expected: str) -> None:
    assert detect_format(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<!DOCTYPE html><html></html>", "is-html"),
        ("<!doctype HTML>", "is-html"),
        ("\n <html lang=en>", "is-html"),
        ("<script>alert(1)</script>", "is-html"),
        ("<!-- saved --><body>", "is-html"),
        ("Dear editor, here are the captions.", "format-unknown"),
        ("WEBVTTX\n", "format-unknown"),
        ('{"cues": []}', "format-unknown"),
        ("{1}{25}MicroDVD", "format-unknown"),
        ("<svg></svg>", "format-unknown"),
    ],
)
def test_what_is_no_caption_file_is_called_so(text: str, code: str) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(text.encode())
    assert [fault.code for fault in refused.value.faults] == [code]


@pytest.mark.parametrize("content", [b"", b" \r\n\t "])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(content)
    assert [fault.code for fault in refused.value.faults] == ["file-empty"]


def test_a_file_is_measured_before_anything_else_is_done() -> None:
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(SRT.encode() * (50 * 1024 * 1024 // len(SRT)))
    assert [fault.code for fault in refused.value.faults] == ["file-too-large"]


HOSTILE = {
    "one long line": b"a" * MOST_BYTES,
    "angle brackets": SRT.replace("x", "<" * 7000).encode(),
    "open tags": SRT.replace("x", "<i>" * 2500).encode(),
    "ampersands": SRT.replace("x", "&" * 7000).encode(),
    "braces": SRT.replace("x", "{\\" * 3500).encode(),
    "digits": b"1" * (MOST_BYTES - 10) + b" --> 2\nx",
    "arrows": b"-->" * (MOST_BYTES // 3),
    "colons": b"0:" * (MOST_BYTES // 2),
    "spaces in times": b"00:00:01,000" + b" " * (MOST_BYTES - 100) + b"--> never\nx",
    "blank lines": b"WEBVTT" + b"\n" * (MOST_BYTES - 10),
    "lines of one letter": b"WEBVTT\n\n" + b"a\n\n" * (MOST_BYTES // 3 - 10),
    "comments of XML": b"<!--" * (MOST_BYTES // 4),
    "attributes of XML": b"<tt " + b'a="b" ' * 100_000 + b"/>",
    "commas of ASS": b"[Events]\nFormat: Start, End, Text\nDialogue: " + b"," * (MOST_BYTES - 100),
    "columns of ASS": b"[Events]\nFormat: " + b"Start," * 300_000 + b"End,Text\nDialogue: 1,2,3",
    "high bytes": b"\xe0" * MOST_BYTES,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_file_takes_more_than_a_moment(name: str) -> None:
    """The measure is what a quadratic pattern would take: minutes, not seconds on a busy machine."""
    begun = time.process_time()
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(HOSTILE[name][:MOST_BYTES], language="th")
    assert refused.value.faults
    assert time.process_time() - begun < 20


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "WEBVTT",
                "\n",
                "\n\n",
                "00:01.000",
                " --> ",
                "00:02.000",
                "[Events]",
                "Format: Start, End, Text",
                "Dialogue: ",
                ",",
                "<tt>",
                "1",
                "x",
                "\r\n",
                "NOTE",
                "{\\p1}",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_no_text_brings_it_down(text: str) -> None:
    try:
        found: object = read_captions(text.encode(errors="replace"), runtime_s=60).cues
    except CaptionsRefused as refused:
        found = refused.faults
    assert found


def test_every_finding_can_be_put_into_words_and_stored() -> None:
    values = ("kind", "most_mb", "most", "shown", "other", "columns", "seconds", "tags", "settings")
    for code in Code:
        finding = Finding(code=code, line=14, cue=3, values=tuple((name, 7) for name in sorted(values)))
        words = describe_finding(finding)
        assert words.startswith("Line 14, cue 3: ")
        assert "%" not in words
        assert words.endswith((".", "?")) or code == Code.TIMES_UNREADABLE
        assert finding_from_json(finding_as_json(finding)) == finding


def test_a_place_is_named_as_far_as_it_is_known() -> None:
    assert describe_finding(Finding(code=Code.NO_CUES)) == "There are no cues in it."
    assert describe_finding(Finding(code=Code.XML_BROKEN, line=2)) == "Line 2: The XML is broken here."
    late = Finding(code=Code.TIME_TOO_LATE, cue=5)
    assert describe_finding(late) == "Cue 5: It is later than any film lasts."
    assert describe_finding(late, with_place=False) == "It is later than any film lasts."
