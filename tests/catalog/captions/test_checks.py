"""What is looked at in every cue, whatever the format."""

import pytest

from catalog.captions.checks import columns
from catalog.captions.findings import CaptionsRefused, Finding
from catalog.captions.limits import MOST_CUES, MOST_WARNINGS
from catalog.captions.reading import CaptionFile, read_captions


def clock(time_s: float) -> str:
    return f"{int(time_s // 3600):02}:{int(time_s % 3600 // 60):02}:{time_s % 60:06.3f}"


def track(*cues: tuple[float, float, str]) -> bytes:
    return "".join(f"{n}\n{clock(a)} --> {clock(b)}\n{text}\n\n" for n, (a, b, text) in enumerate(cues, 1)).encode()


def read(*cues: tuple[float, float, str], runtime_s: int | None = None) -> CaptionFile:
    return read_captions(track(*cues), runtime_s=runtime_s)


def told(file: CaptionFile) -> list[tuple[str, int | None, dict[str, str | int]]]:
    return [(warning.code, warning.cue, dict(warning.values)) for warning in file.warnings]


def test_cues_that_follow_each_other_at_once_are_fine() -> None:
    assert told(read((1, 2, "a"), (2, 3, "b"))) == []


def test_an_overlap_is_warned_of_with_the_cue_that_it_meets() -> None:
    file = read((1, 10, "long"), (2, 3, "short"), (4, 5, "next"), (11, 12, "after"))
    assert told(file) == [("overlaps", 2, {"other": 1}), ("overlaps", 3, {"other": 1})]


@pytest.mark.parametrize(
    ("line", "width"),
    [
        ("abc", 3),
        ("", 0),
        ("漢字", 4),
        ("ｱｲｳ", 3),
        ("สวัสดี", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("안녕", 4),
        ("a\u200bb", 2),
    ],
)
def test_how_wide_a_line_is(line: str, width: int) -> None:
    assert columns(line) == width


def test_lines_that_may_not_fit_are_warned_of() -> None:
    assert told(read((1, 2, "x" * 42), (3, 4, "漢" * 21), (5, 6, "ก\u0e35" * 42))) == []
    assert told(read((1, 2, "x" * 43))) == [("line-too-long", 1, {"columns": 43, "most": 42})]
    assert told(read((1, 2, f"<i>{'x' * 42}</i>\n{'漢' * 22}"))) == [("line-too-long", 1, {"columns": 44, "most": 42})]


def test_entities_are_as_wide_as_what_they_stand_for() -> None:
    assert told(read((1, 2, "&amp;" * 42))) == []


@pytest.mark.parametrize(
    ("start_s", "end_s", "outcome"),
    [
        (5990, 6000, None),
        (6050, 6060, None),  # running times are rounded to minutes
        (6058, 6061, "after-the-film"),
        (6250, 6256, "after-the-film"),  # made for 23.976 frames and shown at 25
        (6655, 6661, "after-the-film"),
        (6661, 6662, "refused"),
        (9000, 9001, "refused"),
    ],
)
def test_cues_are_held_against_the_film(start_s: float, end_s: float, outcome: str | None) -> None:
    if outcome == "refused":
        with pytest.raises(CaptionsRefused) as refused:
            read((1, 2, "a"), (start_s, end_s, "b"), runtime_s=6000)
        expected = Finding(
            code=refused.value.faults[0].code.LONG_AFTER_THE_FILM,
            line=6,
            cue=2,
            values=(("seconds", round(end_s - 6000)),),
        )
        assert refused.value.faults == (expected,)
    else:
        codes = [code for code, _cue, _values in told(read((1, 2, "a"), (start_s, end_s, "b"), runtime_s=6000))]
        assert codes == ([outcome] if outcome else [])


def test_without_a_running_time_nothing_is_held_against_it() -> None:
    assert told(read((1, 2, "a"), (90_000, 90_001, "b"))) == []


def test_so_many_cues_and_no_more() -> None:
    content = b"00:00:01.000 --> 00:00:02.000\nx\n\n"
    file = read_captions(content * MOST_CUES)
    assert len(file.cues) == MOST_CUES
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(content * (MOST_CUES + 1))
    assert [fault.code for fault in refused.value.faults] == ["too-many-cues"]


def test_warnings_are_counted_but_not_kept_without_end() -> None:
    file = read_captions(b"00:00:01.000 --> 00:00:02.000\nx\n\n" * 300)
    assert (len(file.warnings), file.warning_count) == (MOST_WARNINGS, 299)
