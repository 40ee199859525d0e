"""Bring texts to the form in which they are compared: without case, accents and whatever else people type differently.

Decomposing (NFKD) parts most accents from their letters, but leaves letters of their own such as ł, ø, æ and ß, and
would take the vowels of Thai and Indic scripts for accents. So this module says what is dropped, script by script.
"""

import unicodedata
from functools import cache, lru_cache

# Letters that Unicode does not decompose, as those write them who do not have the key.
_LETTERS = {
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t",
    "ĸ": "k", "ə": "e", "ɓ": "b", "ɗ": "d", "ƒ": "f", "ґ": "г", "ي": "ى", "ة": "ه", "ک": "ك", "ی": "ى",
}  # fmt: skip
# Written inside words, and as often left out: apostrophes, the Catalan and the Japanese middle dot, the Arabic tatweel.
_JOINERS = "'’‘ʼʻʹ`´′·・･ـ"
_SIGNS = "™®©℠"
# Marks that change no word, or that people leave out when they type. Ranges of code points, ends included.
_DROPPED_MARKS = (
    (0x0300, 0x036F),  # accents of Latin, Greek and Cyrillic letters
    (0x0591, 0x05C7),  # Hebrew points
    (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED),  # Arabic vowel signs
    # Thai: the signs of tone, of a shortened vowel and of a silent letter. They are what is most often mistyped, and
    # what keyboards set in either order. Vowels stay: without them different words would become one.
    (0x0E47, 0x0E4C), (0x0E4E, 0x0E4E),
    (0x0EC8, 0x0ECC),  # the same of Lao
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),  # more accents
    (0xFE00, 0xFE0F),  # selectors of a glyph's variant
)  # fmt: skip
_KATAKANA, _HIRAGANA_OFFSET = (0x30A1, 0x30F6), 0x60
# Scripts without spaces between words, and Korean, whose spaces titles and their seekers set as they like.
_SPACELESS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x11FF), (0xAC00, 0xD7FF),  # Korean
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007), (0x3040, 0x312F), (0x31F0, 0x31FF),  # Japanese, Bopomofo
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF),  # Han
)  # fmt: skip


def fold(text: str) -> str:
    """Return `text` as it is compared; its words still stand apart as they did."""
    plain = unicodedata.normalize("NFKD", text.translate(_before_folding()).casefold()).casefold()
    # Composed again, as the syllables of Korean and the voiced letters of Japanese came apart too.
    return unicodedata.normalize("NFC", "".join(map(_fold_character, plain)))


def is_spaceless(character: str) -> bool:
    """Tell whether a character belongs to a script whose words are not set apart."""
    return _is_within(ord(character), _SPACELESS)


def is_part_of_word(character: str) -> bool:
    """Tell whether a folded character is a letter, a digit, or a vowel that Unicode counts among the marks."""
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


@cache
def _before_folding() -> dict[int, str]:
    return str.maketrans({**dict.fromkeys(_JOINERS, ""), **dict.fromkeys(_SIGNS, " ")})


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    code = ord(character)
    if character in _LETTERS:
        return _LETTERS[character]
    if _KATAKANA[0] <= code <= _KATAKANA[1]:
        return chr(code - _HIRAGANA_OFFSET)
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return "" if category == "Cf" or _is_within(code, _DROPPED_MARKS) else character


def _is_within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
