import ast
from pathlib import Path

import pytest
from django.utils.translation import override

import streaming
from streaming.errors import PackageStorageFull, PackageStorageRefused, PackageStorageUnreachable
from streaming.media.package_plan import Note, NoteCode
from streaming.media.progress import FailureCode
from streaming.media.streams import Caution, Reason
from streaming.wording import (
    CAUTIONS,
    FAILURES,
    NOTES,
    WARNINGS,
    failure_words,
    layout_words,
    note_words,
    plan_words,
    warning_words,
)

_STORAGE_CODES = {PackageStorageFull.code, PackageStorageRefused.code, PackageStorageUnreachable.code}
# Values as planning writes them, for the notes that have any.
_VALUES = {
    NoteCode.PASSED_THROUGH: ("1920", "1080"),
    NoteCode.ENCODED_CODEC: ("prores",),
    NoteCode.ENCODED_DEPTH: ("yuv420p10le",),
    NoteCode.ENCODED_HDR: ("hdr10",),
    NoteCode.ENCODED_ROTATED: ("90",),
    NoteCode.ENCODED_ANAMORPHIC: ("64/45",),
    NoteCode.ENCODED_VARIABLE_RATE: ("24000/1001",),
    NoteCode.ENCODED_RATE: ("120", "60"),
    NoteCode.ENCODED_SIZE: ("1922", "1080"),
    NoteCode.ENCODED_KEY_FRAMES: ("12.00",),
    NoteCode.ENCODED_BITRATE: ("80000000", "24000000"),
    NoteCode.ENCODED_COPY_FAULT: ("segment 7 lasts 13 s",),
    NoteCode.AUDIO_PASSED_THROUGH: ("a1-stereo",),
    NoteCode.AUDIO_ENCODED: ("a2-surround", "6"),
    NoteCode.AUDIO_LEFT_OUT: ("th", "Director at 100%"),
    NoteCode.SUBTITLES_KEPT: ("zh-Hant",),
    NoteCode.SUBTITLES_ARE_PICTURES: ("und",),
    NoteCode.SUBTITLES_FROM_CATALOGUE: ("en",),
    NoteCode.SOURCE_CAUTION: ("lengths-differ",),
}


def test_every_cause_of_failure_has_words() -> None:
    expected = {*FailureCode, *(f"source-{reason}" for reason in Reason), *_STORAGE_CODES}

    assert expected | _codes("Failure", "code") <= set(FAILURES)


def test_the_codes_that_services_name_are_found() -> None:
    assert {"worker-lost", "internal", "media-fault", "hung"} <= _codes("Failure", "code")
    assert {"broken-frames", "loudness"} <= _warning_codes()


def test_every_note_every_caution_and_every_warning_has_words() -> None:
    assert set(NOTES) == set(NoteCode)
    assert set(CAUTIONS) == set(Caution)
    assert set(WARNINGS) == _warning_codes()


@pytest.mark.parametrize("code", NoteCode)
def test_every_note_is_a_sentence(code: NoteCode) -> None:
    words = note_words(Note(code=code, values=_VALUES.get(code, ())))

    assert words.endswith(".")
    assert "%(" not in words


@pytest.mark.parametrize("code", sorted(FAILURES))
def test_every_cause_is_a_sentence_even_without_its_facts(code: str) -> None:
    words = failure_words(code, {})

    assert words.endswith((".", "?"))
    assert "%(" not in words


def test_rates_shapes_languages_and_tracks_are_shown_as_people_write_them() -> None:
    shown = " ".join(note_words(Note(code=code, values=values)) for code, values in _VALUES.items())

    for words in ("23.976", "64:45", "HDR10", "Thai", "(Director at 100%)", "Sound track 2", "5.1", "80.0 Mbit/s"):
        assert words in shown
    assert "an unknown language" in note_words(Note(code=NoteCode.SUBTITLES_KEPT, values=("und",)))


@pytest.mark.parametrize(
    ("pixels", "shown"),
    [("yuv420p10le", "4:2:0, 10 bits"), ("yuv422p", "4:2:2, 8 bits"), ("yuvj444p", "4:4:4, 8 bits"), ("gbrp", "gbrp")],
)
def test_pixel_formats_are_shown_as_editing_suites_name_them(pixels: str, shown: str) -> None:
    assert f" {shown}." in note_words(Note(code=NoteCode.ENCODED_DEPTH, values=(pixels,)))


@pytest.mark.parametrize("code", sorted({*FAILURES, "of-another-version"}))
def test_every_cause_says_what_helps(code: str) -> None:
    helps = ("xport ", "pload ", "sk whoever", "ry again", "ell an operator", "Was the right file chosen?")

    assert any(words in failure_words(code, {}) for words in helps)


@pytest.mark.parametrize(("channels", "shown"), [("1", "mono"), ("6", "5.1"), ("8", "7.1"), ("4", "4 channels")])
def test_layouts_of_sound_are_named_or_counted(channels: str, shown: str) -> None:
    assert layout_words(channels) == shown


def test_key_frames_that_were_not_seen_are_no_distance() -> None:
    assert "unknown s" not in note_words(Note(code=NoteCode.ENCODED_KEY_FRAMES, values=("unknown",)))


def test_a_hang_says_after_how_long_it_was_stopped() -> None:
    assert "after 3 min" in failure_words("hung", {"wall_s": 170})
    assert "after 1 min" in failure_words("hung", {"wall_s": 5})


def test_a_job_that_has_not_failed_has_no_cause() -> None:
    assert failure_words("", {}) == ""


def test_codes_of_another_version_are_named() -> None:
    assert "melted" in failure_words("melted", {"wall_s": "no number"})
    assert "odd-smell" in warning_words({"code": "odd-smell"})


def test_warnings_count_and_measure() -> None:
    assert warning_words({"code": "broken-frames", "count": 1}).startswith("A frame was")
    assert warning_words({"code": "broken-frames", "count": 7}).startswith("7 frames were")
    assert "Sound track 1: loudness −31.2 LUFS" in warning_words(
        {"code": "loudness", "track": "a1-stereo", "lufs": -31.2}
    )


def test_a_plan_of_another_version_says_so() -> None:
    assert plan_words(None) == ()
    assert "another version" in plan_words({"version": 99})[0]


def test_words_are_those_of_the_readers_language() -> None:
    with override("th"):
        assert "ไทย" in note_words(Note(code=NoteCode.SUBTITLES_KEPT, values=("th",)))


def _codes(call: str, keyword: str) -> set[str]:
    """Return the texts that the services give a call by keyword."""
    return {
        str(argument.value.value)
        for tree in _services()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call
        for argument in node.keywords
        if argument.arg == keyword and isinstance(argument.value, ast.Constant)
    }


def _warning_codes() -> set[str]:
    """Return the codes of the dictionaries that the services write as warnings."""
    return {
        str(value.value)
        for tree in _services()
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "code" and isinstance(value, ast.Constant)
    }


def _services() -> list[ast.Module]:
    folder = Path(streaming.__file__).parent / "services"
    return [ast.parse(path.read_text()) for path in folder.glob("*.py")]
