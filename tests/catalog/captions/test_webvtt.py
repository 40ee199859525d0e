"""WebVTT in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.cues import Cue
from catalog.captions.findings import CaptionsRefused, Findings
from catalog.captions.limits import LATEST_MS
from catalog.captions.reading import read_captions, read_stored
from catalog.captions.webvtt import format_webvtt, parse_webvtt
from tests.catalog.captions.test_markup import MESS

SETTINGS = st.sampled_from(["", "line:0", "line:0 position:0% align:left", "vertical:rl line:-1 size:50% align:start"])


@st.composite
def cues(draw: st.DrawFn) -> Cue:
    from catalog.captions.markup import clean_text, plain_text

    start = draw(st.integers(min_value=0, max_value=LATEST_MS - 1))
    end = draw(st.integers(min_value=start + 1, max_value=LATEST_MS))
    text = draw(MESS.map(lambda raw: clean_text(raw).text).filter(lambda text: bool(plain_text(text).strip())))
    return Cue(start_ms=start, end_ms=end, text=text, settings=draw(SETTINGS))


@given(st.lists(cues(), max_size=8))
def test_what_was_written_is_read_again(track: list[Cue]) -> None:
    assert list(read_stored(format_webvtt(track))) == track


@given(st.lists(cues(), min_size=1, max_size=5))
def test_what_we_write_has_nothing_to_complain_about(track: list[Cue]) -> None:
    ordered = sorted(track, key=lambda cue: cue.start_ms)
    file = read_captions(format_webvtt(ordered).encode())
    assert list(file.cues) == ordered
    assert {warning.code for warning in file.warnings} <= {"overlaps", "line-too-long"}


def test_a_file_is_written_as_players_want_it() -> None:
    track = [
        Cue(start_ms=0, end_ms=1500, text="<i>One</i>"),
        Cue(start_ms=3_600_000, end_ms=3_601_000, text="Two\nlines", settings="line:0"),
    ]
    assert format_webvtt(track) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<i>One</i>\n\n01:00:00.000 --> 01:00:01.000 line:0\nTwo\nlines\n\n"
    )


FILE = """WEBVTT - with a title
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

NOTE This is a remark
over two lines

STYLE
::cue { color: red; background: url(http://evil.example/) }

REGION
id:fred

first
00:01.000 --> 00:02.500 line:0 align:start region:fred position:150%
Hello
there

00:00:03.000 --> 00:00:04.000
<v Ann>Two</v>
"""


def test_comments_and_headers_are_passed_over() -> None:
    file = read_captions(FILE.encode())
    assert list(file.cues) == [
        Cue(start_ms=1000, end_ms=2500, text="Hello\nthere", settings="line:0 align:start"),
        Cue(start_ms=3000, end_ms=4000, text="<v Ann>Two</v>"),
    ]
    assert [(warning.code, warning.line) for warning in file.warnings] == [
        ("styles-removed", 7),
        ("styles-removed", 10),
        ("settings-removed", 14),
    ]
    assert dict(file.warnings[2].values) == {"settings": "region:fred position:150%"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(line_end: str) -> None:
    file = read_captions(FILE.replace("\n", line_end).encode())
    assert [cue.line for cue in file.cues] == [14, 18]


@pytest.mark.parametrize("header", ["WEBVTT", "WEBVTT\n", "WEBVTT\tx\n\nNOTE nothing\n\n"])
def test_a_file_without_cues_is_refused(header: str) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(header.encode())
    assert [fault.code for fault in refused.value.faults] == ["no-cues"]


@pytest.mark.parametrize(
    ("block", "code", "line"),
    [
        ("Words without times", "times-missing", 3),
        ("id\nand\n00:01.000 --> 00:02.000", "times-missing", 3),
        ("00:01.000 --> later\nx", "times-unreadable", 3),
        ("00:01.000 -->\nx", "times-unreadable", 3),
        ("--> 00:01.000\nx", "times-unreadable", 3),
        ("00:99:01.000 --> 00:99:02.000\nx", "times-unreadable", 3),
        ("name\n00:02.000 --> 00:02.000\nx", "ends-before-it-starts", 4),
        ("999:00:00.000 --> 999:00:01.000\nx", "time-too-late", 3),
    ],
)
def test_a_broken_cue_is_named_by_its_line(block: str, code: str, line: int) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(f"WEBVTT\n\n{block}\n".encode())
    assert [(fault.code, fault.line, fault.cue) for fault in refused.value.faults] == [(code, line, 1)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("line:50%,center position:10%,line-left size:90% align:end vertical:lr", None),
        ("line:-1", "line:-1"),
        ("line:1000", ""),
        ("position:101%", ""),
        ("align:middle", ""),
        ("line:0 line:1", "line:1"),
        ("onclick:alert(1)", ""),
        ("align:", ""),
    ],
)
def test_only_known_settings_stay(written: str, kept: str | None) -> None:
    drafts = list(parse_webvtt(["WEBVTT", "", f"00:01.000 --> 00:02.000 {written}", "x"], Findings()))
    expected = "vertical:lr line:50%,center position:10%,line-left size:90% align:end" if kept is None else kept
    assert drafts[0].settings == expected
