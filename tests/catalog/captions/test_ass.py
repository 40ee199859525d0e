"""ASS and SSA: the words come over, with what captions can have of their looks."""

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.cues import Cue
from catalog.captions.findings import CaptionsRefused
from catalog.captions.reading import CaptionFile, read_captions

HEAD = """[Script Info]
; Made by hand
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, Bold, Italic, Underline, Alignment
Style: Default,Arial,20,0,0,0,2
Style: Sign,Arial,20,-1,0,0,8
Style: Thought,Arial,20,0,-1,0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def read(*lines: str, head: str = HEAD) -> CaptionFile:
    return read_captions((head + "\n".join(lines) + "\n").encode())


def dialogue(text: str, *, style: str = "Default", times: str = "0:00:01.00,0:00:02.50") -> str:
    return f"Dialogue: 0,{times},{style},Ann,0,0,0,,{text}"


def faults_of(*lines: str, head: str = HEAD) -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(CaptionsRefused) as refused:
        read(*lines, head=head)
    return [(fault.code, fault.line, fault.cue) for fault in refused.value.faults]


def test_a_usual_script() -> None:
    file = read(
        "Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not said", dialogue("Hello, you"), dialogue("Two\\Nlines")
    )
    assert (file.format, file.warning_count) == ("ASS", 1)  # they are on the screen at the same time
    assert list(file.cues) == [
        Cue(start_ms=1000, end_ms=2500, text="Hello, you"),
        Cue(start_ms=1000, end_ms=2500, text="Two\nlines"),
    ]
    assert [cue.line for cue in file.cues] == [14, 15]


@pytest.mark.parametrize(
    ("text", "style", "expected", "placing"),
    [
        ("Plain", "Default", "Plain", ""),
        ("{\\i1}slanted{\\i0} not", "Default", "<i>slanted</i> not", ""),
        ("{\\b1\\i1}both{\\b0} one", "Default", "<b><i>both</i></b><i> one</i>", ""),
        ("{\\b700}heavy{\\b400}light", "Default", "<b>heavy</b>light", ""),
        ("{\\u1}lined", "Default", "<u>lined</u>", ""),
        ("Fat", "Sign", "<b>Fat</b>", "line:0"),
        ("{\\b0}thin{\\b}fat", "Sign", "thin<b>fat</b>", "line:0"),
        ("{\\b0}thin{\\r}fat", "Sign", "thin<b>fat</b>", "line:0"),
        ("Hm", "Thought", "<i>Hm</i>", ""),
        ("Unknown", "Nowhere", "Unknown", ""),
        ("{\\an7}There", "Default", "There", "line:0 position:0% align:left"),
        ("{\\an2}Here", "Sign", "<b>Here</b>", ""),
        ("{\\a6}Old mark", "Default", "Old mark", "line:0"),
        ("{\\a10}Old mark", "Default", "Old mark", "line:50%"),
        ("{\\a99}Old mark", "Default", "Old mark", ""),
        ("{\\pos(1,2)\\fad(10,20)\\blur5\\bord2}Moved", "Default", "Moved", ""),
        ("{\\k20}ka{\\k30}ra", "Default", "kara", ""),
        ("a\\hb\\nc", "Default", "a&nbsp;b\nc", ""),
        ("1 < 2 & {note}3", "Default", "1 &lt; 2 &amp; 3", ""),
        ("<script>x</script>", "Default", "&lt;script&gt;x&lt;/script&gt;", ""),
        ("left { open", "Default", "left { open", ""),
    ],
)
def test_looks_that_captions_can_have(text: str, style: str, expected: str, placing: str) -> None:
    cue = read(dialogue(text, style=style)).cues[0]
    assert (cue.text, cue.settings) == (expected, placing)


def test_drawings_are_left_out_with_a_warning() -> None:
    file = read(dialogue("{\\p1}m 0 0 l 100 100{\\p0}"), dialogue("{\\p1}m 0 0{\\p0}Words"))
    assert [cue.text for cue in file.cues] == ["Words"]
    assert [(warning.code, warning.line) for warning in file.warnings] == [("drawing-removed", 13)]


def test_cues_in_any_order_are_put_in_order_without_a_word() -> None:
    file = read(dialogue("Late", times="0:00:09.00,0:00:10.00"), dialogue("Early", times="0:00:01.00,0:00:02.00"))
    assert [cue.text for cue in file.cues] == ["Early", "Late"]
    assert file.warnings == ()


def test_the_elder_format_has_other_alignments() -> None:
    head = (
        "[Script Info]\nScriptType: v4.00\n[V4 Styles]\nFormat: Name, Bold, Italic, Alignment\n"
        "Style: *Default,-1,0,6\n[Events]\nFormat: Marked, Start, End, Style, Text\n"
    )
    cue = read("Dialogue: Marked=0,0:00:01.00,0:00:02.00,*Default,Up, there", head=head).cues[0]
    assert (cue.text, cue.settings) == ("<b>Up, there</b>", "line:0")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (dialogue("x", times="0:00:02.00,0:00:01.00"), "ends-before-it-starts"),
        (dialogue("x", times="soon,0:00:01.00"), "times-unreadable"),
        (dialogue("x", times="0:61:00.00,0:62:00.00"), "times-unreadable"),
        ("Dialogue: 0,0:00:01.00", "times-missing"),
        (dialogue("x" * 3000), "text-too-long"),
    ],
)
def test_a_broken_line_is_named(line: str, code: str) -> None:
    assert faults_of(dialogue("Fine"), line) == [(code, 14, 2)]


def test_a_script_that_does_not_name_its_columns_is_refused() -> None:
    head = "[Script Info]\n\n[Events]\n"
    assert faults_of(dialogue("x"), head=head) == [("ass-without-format", 4, 1)]
    assert faults_of(dialogue("x"), head=head + "Format: Layer, Text\n") == [("ass-without-format", 5, 1)]


def test_a_script_without_dialogue_is_refused() -> None:
    assert faults_of("Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,x") == [("no-cues", None, None)]


WORDS = st.text(st.sampled_from("abcdeäßกิ漢 ,.!?'"), min_size=1, max_size=30).filter(lambda text: bool(text.strip()))


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300), WORDS), min_size=1, max_size=6))
def test_another_program_writes_what_we_read(lines: list[tuple[int, int, str]]) -> None:
    """pysubs2 is the witness; ASS counts in hundredths of a second."""
    script, start = pysubs2.SSAFile(), 0
    for gap, length, words in lines:
        begin = start + gap * 10
        script.append(pysubs2.SSAEvent(start=begin, end=begin + length * 10, text=words))
        start = begin + length * 10
    file = read_captions(script.to_string("ass").encode())
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in file.cues] == [
        (event.start, event.end, event.plaintext.strip()) for event in script
    ]
