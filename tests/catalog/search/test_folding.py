import pytest

from catalog.search.folding import fold, is_spaceless


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Amélie", "amelie"),
        ("AMÉLIE", "amelie"),
        ("Ame\u0301lie", "amelie"),
        ("Łódź", "lodz"),
        ("Die Straße", "die strasse"),
        ("Ærø", "aero"),
        ("Þór", "thor"),
        ("İstanbul", "istanbul"),
        ("Kızıl", "kizil"),
        ("ΝΑΥΤΙΚΌΣ", "ναυτικοσ"),
        ("Ёлки", "елки"),
        ("ﬁlm Ⅱ", "film ii"),
        ("２０４６", "2046"),
        ("Alien³", "alien3"),
        ("Schindler’s List", "schindlers list"),
        ("Schindler's List", "schindlers list"),
        ("Transformers™", "transformers "),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_case_accents_and_forms_of_letters_are_as_may_be(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("แฟนฉัน", "แฟนฉัน"),
        ("ต้มยำกุ้ง", "ตมยำกุง"),  # without its signs of tone
        ("น้ำพุ", "นํ้าพุ"),  # the vowel am as one character or as two, with the tone between
        ("ช็อกโกแลต", "ชอกโกแลต"),
        ("พันธุ์", "พันธุ"),
        ("๒๔๗๕", "2475"),
        ("スター・ウォーズ", "すたーうぉーず"),
        ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
        ("기생충", "기생충"),
        ("مُحَمَّد", "محمد"),
        ("شَالُوم", "شالوم"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_two_ways_to_write_one_word_become_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ปู", "ปี"),  # crab, year: the vowel is the word
        ("ガス", "カス"),  # gas, dregs: a voiced letter is another letter
        ("काम", "कम"),
        ("기", "가"),
    ],
)
def test_vowels_are_no_accents(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("text", ["Amélie", "ต้มยำกุ้ง", "スター", "기생충", "ẞ ﬀ İ", "½ ₂"])
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_character_can_be_folded() -> None:
    assert all(isinstance(fold(chr(code)), str) for code in range(0, 0x11000))


@pytest.mark.parametrize(
    ("character", "expected"), [("ก", True), ("华", True), ("あ", True), ("기", True), ("a", False)]
)
def test_scripts_without_spaces_are_known(character: str, expected: bool) -> None:
    assert is_spaceless(character) is expected
