"""TTML: XML from strangers, read with every door shut."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.cues import Cue
from catalog.captions.findings import CaptionsRefused, Finding
from catalog.captions.reading import CaptionFile, read_captions

NAMES = 'xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'


def document(body: str, *, head: str = "", attributes: str = "") -> bytes:
    return f"<tt {NAMES} {attributes}><head>{head}</head><body><div>\n{body}\n</div></body></tt>".encode()


def read(body: str, **parts: str) -> CaptionFile:
    return read_captions(document(body, **parts))


def faults_of(content: bytes) -> tuple[Finding, ...]:
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(content)
    return refused.value.faults


def test_a_usual_document() -> None:
    file = read(
        '<p begin="00:00:01.000" end="00:00:02.500">One<br/>two</p>\n'
        '<p begin="3s" dur="1.5s">Three &amp; &lt;four&gt;</p>'
    )
    assert (file.format, file.warnings) == ("TTML", ())
    assert list(file.cues) == [
        Cue(start_ms=1000, end_ms=2500, text="One\ntwo"),
        Cue(start_ms=3000, end_ms=4500, text="Three &amp; &lt;four&gt;"),
    ]
    assert [cue.line for cue in file.cues] == [2, 3]


@pytest.mark.parametrize(
    ("begin", "attributes", "expected_ms"),
    [
        ("00:00:01", "", 1000),
        ("00:01:01.5", "", 61_500),
        ("100:00:00", "", None),
        ("1.5s", "", 1500),
        ("1500ms", "", 1500),
        ("0.5m", "", 30_000),
        ("0.01h", "", 36_000),
        ("00:00:01:15", "", 1500),
        ("00:00:01:12", 'ttp:frameRate="24"', 1500),
        ("24f", 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"', 1001),
        ("24f", 'ttp:frameRate="24" ttp:frameRateMultiplier="1000:1001"', 1001),
        ("10000000t", 'ttp:tickRate="10000000"', 1000),
        ("30t", 'ttp:frameRate="30"', 1000),
        ("2t", "", 2000),
        ("30f", 'ttp:frameRate="0"', 1000),
        ("30f", 'ttp:frameRate="nonsense"', 1000),
        ("00:61:00", "", None),
        ("soon", "", None),
        ("1.5", "", None),
        ("-1s", "", None),
        ("", "", None),
        ("9" * 12 + "h", "", None),
    ],
)
def test_times_in_every_notation(begin: str, attributes: str, expected_ms: int | None) -> None:
    content = document(f'<p begin="{begin}" end="99:00:00">x</p>', attributes=attributes)
    if expected_ms is None:
        fault = faults_of(content)[0]
        assert (fault.line, fault.cue) == (2, 1)
        assert fault.code in {"times-unreadable", "ends-before-it-starts", "time-too-late"}
    else:
        assert read_captions(content).cues[0].start_ms == expected_ms


def test_times_count_from_what_stands_around() -> None:
    body = '<div begin="10s"><p begin="1s" end="2s">x</p><p begin="3s" dur="1s">y</p></div>'
    assert [(cue.start_ms, cue.end_ms) for cue in read(body).cues] == [(11_000, 12_000), (13_000, 14_000)]


def test_spans_with_times_are_cues_where_their_paragraph_has_none() -> None:
    body = '<p><span begin="1s" end="2s">One</span> <span begin="3s" end="4s">Two</span></p>'
    assert [(cue.start_ms, cue.text) for cue in read(body).cues] == [(1000, "One"), (3000, "Two")]


def test_spans_within_a_paragraph_with_times_are_part_of_it() -> None:
    body = '<p begin="1s" end="5s">One <span begin="1s" end="2s">two</span></p>'
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in read(body).cues] == [(1000, 5000, "One two")]


HEAD = (
    '<styling><style xml:id="thought" tts:fontStyle="italic"/>'
    '<style xml:id="loud" style="thought" tts:fontWeight="bold"/></styling>'
    '<layout><region xml:id="above" tts:displayAlign="before"/>'
    '<region xml:id="below" tts:displayAlign="after"/></layout>'
)


@pytest.mark.parametrize(
    ("attributes", "inner", "expected"),
    [
        ("", '<span tts:fontStyle="italic">a</span> b', Cue(start_ms=1000, end_ms=2000, text="<i>a</i> b")),
        ('style="thought"', "a", Cue(start_ms=1000, end_ms=2000, text="<i>a</i>")),
        ('style="loud"', "a", Cue(start_ms=1000, end_ms=2000, text="<b><i>a</i></b>")),
        ('style="thought"', '<span tts:fontStyle="normal">a</span>', Cue(start_ms=1000, end_ms=2000, text="a")),
        ('tts:textDecoration="underline"', "a", Cue(start_ms=1000, end_ms=2000, text="<u>a</u>")),
        ('style="nowhere"', "a", Cue(start_ms=1000, end_ms=2000, text="a")),
        ('region="above"', "a", Cue(start_ms=1000, end_ms=2000, text="a", settings="line:0")),
        ('region="below"', "a", Cue(start_ms=1000, end_ms=2000, text="a")),
        ("", "a\n      b", Cue(start_ms=1000, end_ms=2000, text="a b")),
        ('style="thought"', "a &amp; b\nc", Cue(start_ms=1000, end_ms=2000, text="<i>a &amp; b c</i>")),
        ('xml:space="preserve"', "a\nb", Cue(start_ms=1000, end_ms=2000, text="a\nb")),
        ("", "<metadata>who</metadata>a", Cue(start_ms=1000, end_ms=2000, text="a")),
    ],
)
def test_looks_that_captions_can_have(attributes: str, inner: str, expected: Cue) -> None:
    file = read(f'<p begin="1s" end="2s" {attributes}>{inner}</p>', head=HEAD)
    assert list(file.cues) == [expected]


def test_prefixes_do_not_matter() -> None:
    text = '<tt:tt xmlns:tt="http://www.w3.org/ns/ttml"><tt:body><tt:p begin="1s" end="2s">x</tt:p></tt:body></tt:tt>'
    assert read_captions(text.encode()).cues[0].text == "x"


def test_the_lines_under_a_declaration_of_several_lines_are_the_files() -> None:
    text = (
        '<?xml version="1.0"\n  encoding="UTF-16"?>\n<tt>\n<body><div>\n<p begin="2s" end="1s">x</p></div></body></tt>'
    )
    for content in (text.encode(), text.encode("utf-16")):
        fault = faults_of(content)[0]
        assert (fault.code, fault.line) == ("ends-before-it-starts", 5)


def test_a_paragraph_without_times_is_named() -> None:
    fault = faults_of(document('<p begin="1s" end="2s">fine</p>\n<p>never</p>'))[0]
    assert (fault.code, fault.line, fault.cue) == ("times-missing", 3, 2)


BOMB = '<!DOCTYPE tt [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "content",
    [
        f'<?xml version="1.0"?>{BOMB}<tt><body><div><p begin="1s" end="2s">&c;</p></div></body></tt>',
        '<?xml version="1.0"?><!DOCTYPE tt SYSTEM "http://evil.example/x.dtd"><tt/>',
        '<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY x SYSTEM "file:///etc/passwd">]><tt>&x;</tt>',
        '<?xml version="1.0"?><!DOCTYPE tt><tt/>',
        "<tt>" + "<div>" * 5000 + "</div>" * 5000 + "</tt>",
    ],
)
def test_documents_that_reach_further_than_captions_are_refused(content: str) -> None:
    assert [fault.code for fault in faults_of(content.encode())] == ["xml-forbidden"]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("<tt>\n<body>\n<p>x</body></tt>", "xml-broken", 3),
        ("<tt>\n&nbsp;</tt>", "xml-broken", 2),
        ("<tt>\n", "xml-broken", 2),
        ('<?xml version="1.0"?>\n<rss><item/></rss>', "not-ttml", 2),
        ("<tt></tt>", "no-cues", None),
        ('<?xml version="1.0"?>', "xml-broken", 1),
    ],
)
def test_broken_or_other_xml_is_named_by_its_line(content: str, code: str, line: int | None) -> None:
    assert [(fault.code, fault.line) for fault in faults_of(content.encode())] == [(code, line)]


PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        '<p begin="1s">',
        '<p end="2s" begin="x">',
        "<span>",
        "</span>",
        "<br/>",
        "x",
        "&amp;",
        "&",
        "<",
        "<div>",
        "</div>",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_body_brings_it_down(body: str) -> None:
    found: Any
    try:
        found = read(body).cues
    except CaptionsRefused as refused:
        found = refused.faults
    assert found
