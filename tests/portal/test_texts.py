import pytest
from django.core.exceptions import ValidationError

from portal.texts import check_line, check_prose

# By their numbers, as nobody could read them here.
BELL, DELETE, RIGHT_TO_LEFT_OVERRIDE, ISOLATE = "\x07", "\x7f", "\u202e", "\u2067"


@pytest.mark.parametrize(
    "title",
    [
        "Meridian",
        "2001: A Space Odyssey",
        "¿…?",
        "π",
        "เรือเที่ยวสุดท้าย",
        "花樣年華",
        "👩‍🚀 and the sea",  # joined by U+200D
        "می‌خواهم",  # with U+200C
        "שלום \u200e(2020)\u200e",
        "คน\u200bรัก",  # where Thai may break
        "",
    ],
)
def test_titles_of_all_scripts_are_lines(title: str) -> None:
    check_line(title)


@pytest.mark.parametrize(
    ("character", "code_point"),
    [
        (BELL, "U+0007"),
        (DELETE, "U+007F"),
        ("\x9b", "U+009B"),
        (RIGHT_TO_LEFT_OVERRIDE, "U+202E"),
        (ISOLATE, "U+2067"),
        ("\n", "U+000A"),
        ("\u2028", "U+2028"),
        ("\uffff", "U+FFFF"),
    ],
)
def test_a_line_refuses_what_cannot_be_seen_and_says_where_it_is(character: str, code_point: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_line(f"Meri{character}dian")
    assert refused.value.code == "unseen_character"
    assert refused.value.messages == [f"Character 5 ({code_point}) cannot be seen and does not belong here. Remove it."]


@pytest.mark.parametrize("title", ["\u200b\u200b", "\u00ad", " \u3000", "\u3164", "\u2800", "\u0301"])
def test_a_line_of_nothing_but_blanks_is_refused(title: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_line(title)
    assert refused.value.code == "invisible"


@pytest.mark.parametrize("text", ["One.\n\nTwo.\tThree.", "One.\r\nTwo.", "", "\u200b"])
def test_prose_has_lines_and_tabs(text: str) -> None:
    check_prose(text)


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\r", RIGHT_TO_LEFT_OVERRIDE, ISOLATE])
def test_prose_refuses_what_cannot_be_seen(character: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_prose(f"One.{character}Two.")
    assert refused.value.code == "unseen_character"
