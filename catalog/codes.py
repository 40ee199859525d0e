"""Codes of languages and territories: which exist, and what they are called in the reader's language."""

from contextlib import suppress
from functools import cache

import langcodes
import pycountry
from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language
from langcodes.tag_parser import LanguageTagError

# BCP 47 tags have no limit; those of languages that films are made in are short.
LONGEST_LANGUAGE_TAG = 35


class UnknownCode(ValueError):
    """Raised for a text that is no code."""


@cache
def territories() -> frozenset[str]:
    """Return every ISO 3166-1 alpha-2 code."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


def normalise_language(tag: str) -> str:
    """Return a language tag in its usual form: "zh-Hant" for "ZH_hant" (BCP 47, RFC 5646). Raises UnknownCode."""
    try:
        language = langcodes.get(tag.strip(), normalize=True)
    except LanguageTagError as error:
        raise UnknownCode(tag) from error
    found = language.to_tag()
    # "und" is a valid tag that names no language.
    if not language.is_valid() or len(found) > LONGEST_LANGUAGE_TAG or language.language in (None, "und"):
        raise UnknownCode(tag)
    return found


def normalise_territory(code: str) -> str:
    """Return a country's code in capital letters (ISO 3166-1 alpha-2). Raises UnknownCode."""
    found = code.strip().upper()
    if found not in territories():
        raise UnknownCode(code)
    return found


def language_name(tag: str, *, in_language: str | None = None) -> str:
    """Return "Thai", or "ไทย" to Thai readers; the tag itself where nobody has given its language a name."""
    return _name(langcodes.get(tag), _reader(in_language))


def language_own_name(tag: str) -> str:
    """Return what its speakers call it, "ไทย"; in English where that is not known."""
    language = langcodes.get(tag)
    for name in (tag, language.language or tag):
        with suppress(UnknownLocaleError, ValueError):
            return _name(language, Locale.parse(name, sep="-"))
    return language_name(tag, in_language="en")


def territory_name(code: str, *, in_language: str | None = None) -> str:
    """Return "Thailand", or "ไทย" to Thai readers."""
    name: str = _reader(in_language).territories.get(code, code)
    return name


def _reader(language: str | None) -> Locale:
    return Locale.parse(language or get_language() or "en", sep="-")


# Babel reads the names of one reader's language. Those of langcodes come in all languages at once: 290 MB.
def _name(language: langcodes.Language, reader: Locale) -> str:
    """Return "Chinese (Traditional)" for zh-Hant."""
    spoken = str(language.language)
    name = reader.languages.get(spoken) or _english_name(spoken)
    script = reader.scripts.get(language.script or "")
    place = reader.territories.get(language.territory or "")
    details = ", ".join(detail for detail in (script, place) if detail)
    return f"{name} ({details})" if details else name


def _english_name(language: str) -> str:
    found = pycountry.languages.get(alpha_3=language)
    return str(found.name) if found else language
