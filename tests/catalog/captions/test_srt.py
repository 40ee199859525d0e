"""SubRip, as programs and people write it."""

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.cues import Cue
from catalog.captions.findings import CaptionsRefused
from catalog.captions.reading import CaptionFile, read_captions


def read(text: str) -> CaptionFile:
    return read_captions(text.encode())


def faults_of(text: str) -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(CaptionsRefused) as refused:
        read(text)
    return [(fault.code, fault.line, fault.cue) for fault in refused.value.faults]


USUAL = "1\n00:00:01,000 --> 00:00:02,500\nOne\nand a half\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>Two</i>\n"


def test_a_usual_file() -> None:
    file = read(USUAL)
    assert (file.format, file.encoding, file.warnings) == ("SRT", "utf-8", ())
    assert list(file.cues) == [
        Cue(start_ms=1000, end_ms=2500, text="One\nand a half"),
        Cue(start_ms=3000, end_ms=4000, text="<i>Two</i>"),
    ]
    assert [(cue.line, cue.number) for cue in file.cues] == [(2, 1), (7, 2)]


@pytest.mark.parametrize(
    "timing",
    [
        "00:00:01,000 --> 00:00:02,500",
        "00:00:01.000 --> 00:00:02.500",
        "00:00:01,0 --> 00:00:02,5",
        "00:00:01 --> 00:00:02,500",
        "0:0:1,000-->0:0:2,500",
        "  00:00:01,000   -->   00:00:02,500  ",
        "00:00:01:000 --> 00:00:02:500",
        "00:00:01,000 --> 00:00:02,500  X1:40 X2:600 Y1:20 Y2:50",
    ],
)
def test_times_as_they_are_found(timing: str) -> None:
    assert list(read(f"1\n{timing}\nHi\n").cues) == [Cue(start_ms=1000, end_ms=2500, text="Hi")]


@pytest.mark.parametrize(
    ("text", "expected", "placing"),
    [
        ("{\\an8}Above", "Above", "line:0"),
        ("{\\an7}Above left", "Above left", "line:0 position:0% align:left"),
        ("{\\an5}Middle", "Middle", "line:50%"),
        ("{\\an2}Below", "Below", ""),
        ("{\\an0}Nowhere", "Nowhere", ""),
        ("{i}Slanted{/i}", "<i>Slanted</i>", ""),
        ("{\\pos(10,20)}Somewhere", "Somewhere", ""),
        ('<font color="#ff0000">Red</font>', "Red", ""),
        ("{curly} words", "{curly} words", ""),
        ("1984", "1984", ""),
    ],
)
def test_marks_of_other_formats_in_it(text: str, expected: str, placing: str) -> None:
    cue = read(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n").cues[0]
    assert (cue.text, cue.settings) == (expected, placing)


def test_a_file_without_numbers_or_with_wrong_ones() -> None:
    times = ["00:00:01,000 --> 00:00:02,000", "00:00:03,000 --> 00:00:04,000"]
    assert [cue.text for cue in read(f"{times[0]}\nOne\n\n{times[1]}\nTwo").cues] == ["One", "Two"]
    assert [cue.text for cue in read(f"7\n{times[0]}\nOne\n7\n{times[1]}\nTwo").cues] == ["One", "Two"]


def test_a_number_in_the_last_text_is_part_of_it() -> None:
    assert read("1\n00:00:01,000 --> 00:00:02,000\nIt is\n42\n").cues[0].text == "It is\n42"


def test_a_blank_line_in_a_text_is_closed_up_with_a_warning() -> None:
    file = read("1\n00:00:01,000 --> 00:00:02,000\nOne\n\nmore\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n")
    assert [cue.text for cue in file.cues] == ["One\nmore", "Two"]
    assert [(warning.code, warning.line, warning.cue) for warning in file.warnings] == [("blank-line", 2, 1)]


def test_text_before_the_first_cue_is_left_out_with_a_warning() -> None:
    file = read("Made by somebody\n\n" + USUAL)
    assert len(file.cues) == 2
    assert [(warning.code, warning.line) for warning in file.warnings] == [("stray-text", 1)]


def test_a_cue_without_words_is_left_out_with_a_warning() -> None:
    file = read("1\n00:00:01,000 --> 00:00:02,000\n\n" + USUAL.replace("1\n", "2\n", 1))
    assert [cue.number for cue in file.cues] == [1, 2]
    assert [(warning.code, warning.line, warning.cue) for warning in file.warnings] == [("cue-empty", 2, None)]


def test_cues_out_of_order_are_put_in_order_and_numbered_anew() -> None:
    late, early = "00:00:05,000 --> 00:00:06,000\nLate", "00:00:01,000 --> 00:00:02,000\nEarly"
    file = read(f"1\n{late}\n\n2\n{early}\n")
    assert [(cue.text, cue.number) for cue in file.cues] == [("Early", 1), ("Late", 2)]
    assert [(warning.code, warning.line, warning.cue) for warning in file.warnings] == [("out-of-order", 6, 1)]


@pytest.mark.parametrize(
    ("timing", "code"),
    [
        ("00:00:02,000 --> 00:00:01,000", "ends-before-it-starts"),
        ("00:00:02,000 --> 00:00:02,000", "ends-before-it-starts"),
        ("00:00:02,000 -->", "times-unreadable"),
        ("00:00:61,000 --> 00:01:02,000", "times-unreadable"),
        ("00:00:xx,000 --> 00:00:02,000", "times-unreadable"),
        ("00:00:01,000 -> 00:00:02,000", "times-unreadable"),
        ("00:00:01,000 → 00:00:02,000", "times-unreadable"),
        ("00:00:01,000 - 00:00:02,000", "times-unreadable"),
        ("200:00:01,000 --> 200:00:02,000", "time-too-late"),
        ("-00:00:01,000 --> 00:00:02,000", "times-unreadable"),
    ],
)
def test_broken_times_are_named_by_line_and_cue(timing: str, code: str) -> None:
    assert faults_of(f"{USUAL}\n3\n{timing}\nHi\n") == [(code, 11, 3)]


def test_all_faults_are_told_but_not_without_end() -> None:
    broken = "1\n00:00:02,000 --> 00:00:01,000\nx\n\n"
    assert faults_of(broken * 3) == [("ends-before-it-starts", 2 + 4 * n, n + 1) for n in range(3)]
    assert len(faults_of(broken * 500)) == 50


def test_a_text_without_end_is_refused() -> None:
    assert faults_of("1\n00:00:01,000 --> 00:00:02,000\n" + "x" * 2001) == [("text-too-long", 2, 1)]
    assert faults_of("1\n00:00:01,000 --> 00:00:02,000\n" + "x" * 100_000) == [("text-too-long", 2, 1)]
    assert len(read("1\n00:00:01,000 --> 00:00:02,000\n" + "x" * 2000).cues) == 1


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=40)
PLAIN_WORDS = WORDS.filter(
    lambda text: not set(text) & set("<>{}&\\-") and bool(text.strip()) and not text.strip().isdigit()
)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 5000), PLAIN_WORDS), min_size=1, max_size=8))
def test_another_program_writes_what_we_read(lines: list[tuple[int, int, str]]) -> None:
    """pysubs2 is the witness: what it writes as SRT are the same cues to us."""
    script, start = pysubs2.SSAFile(), 0
    for gap, length, words in lines:
        script.append(pysubs2.SSAEvent(start=start + gap, end=start + gap + length, text=words))
        start += gap + length
    file = read(script.to_string("srt"))
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in file.cues] == [
        (event.start, event.end, event.plaintext.strip(" ")) for event in script
    ]
