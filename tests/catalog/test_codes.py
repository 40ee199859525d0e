"""Codes of languages and territories."""

import pytest

from catalog.codes import (
    UnknownCode,
    language_name,
    language_own_name,
    normalise_language,
    normalise_territory,
    territory_name,
)


@pytest.mark.parametrize(
    ("written", "tag"),
    [("th", "th"), (" TH ", "th"), ("zh_hant", "zh-Hant"), ("pt-br", "pt-BR"), ("iw", "he")],
)
def test_a_language_is_kept_in_its_usual_form(written: str, tag: str) -> None:
    assert normalise_language(written) == tag


@pytest.mark.parametrize(
    "written", ["", "und", "thai language", "xx-", "q", "zz", "<b>", "a" * 40, "en-US-x-" + "a" * 40]
)
def test_what_is_no_language_is_refused(written: str) -> None:
    with pytest.raises(UnknownCode):
        normalise_language(written)


def test_a_territory_is_kept_in_capitals() -> None:
    assert normalise_territory(" th") == "TH"


@pytest.mark.parametrize("written", ["", "UK", "EU", "XX", "THA", "T1", "ก"])
def test_what_is_no_territory_is_refused(written: str) -> None:
    with pytest.raises(UnknownCode):
        normalise_territory(written)


def test_names_are_those_of_the_readers_language() -> None:
    assert (territory_name("TH"), territory_name("TH", in_language="th")) == ("Thailand", "ไทย")
    assert (language_name("fr"), language_name("fr", in_language="th")) == ("French", "ฝรั่งเศส")
    assert language_own_name("th") == "ไทย"
