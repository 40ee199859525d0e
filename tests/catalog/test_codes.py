"""Codes of languages and territories."""

import subprocess
import sys

import pycountry
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


@pytest.mark.parametrize(
    ("tag", "english", "own"),
    [
        ("th", "Thai", "ไทย"),
        ("zh-Hant", "Chinese (Traditional)", "中文 (繁體)"),
        ("pt-BR", "Portuguese (Brazil)", "português (Brasil)"),
        ("sr-Latn-RS", "Serbian (Latin, Serbia)", "srpski (latinica, Srbija)"),
        ("es-x-film", "Spanish", "español"),
        ("ain", "Ainu", "Ainu"),
        ("aaa", "Ghotuo", "Ghotuo"),
    ],
)
def test_a_language_has_a_name_and_one_of_its_own(tag: str, english: str, own: str) -> None:
    assert (language_name(tag), language_own_name(tag)) == (english, own)


def test_every_tag_that_is_kept_has_a_name() -> None:
    kept = {normalise_language(language.alpha_3) for language in pycountry.languages if _is_kept(language.alpha_3)}
    assert len(kept) > 7000
    assert all(language_name(tag) for tag in kept)


def test_names_cost_little_memory() -> None:
    """Every process keeps them: those of langcodes took 290 MB."""
    script = (
        "import psutil; from catalog.codes import language_name, language_own_name, territory_name; "
        "before = psutil.Process().memory_info().rss; "
        "[language_name(tag, in_language=reader) for tag in ('th', 'zh-Hant') for reader in ('en', 'th')]; "
        "language_own_name('th'); territory_name('TH', in_language='th'); "
        "print(psutil.Process().memory_info().rss - before)"
    )
    grown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert int(grown) < 30_000_000


def _is_kept(tag: str) -> bool:
    try:
        return bool(normalise_language(tag))
    except UnknownCode:
        return False
