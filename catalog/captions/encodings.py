"""From the bytes of a caption file to its text.

A byte-order mark, UTF-8 and what an XML declaration says are facts. Without them it is a matter of likelihood, and the
language that the editor chose is the best witness: bytes that make good Thai when read as TIS-620 were meant so.
"""

import codecs
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import charset_normalizer

from catalog.captions.findings import Code, refuse

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# By the first bytes, or those from the fifth on: what is uploaded by mistake.
_OTHER_FILES = (
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"PK\x05\x06", "ZIP"),
    (0, b"Rar!", "RAR"),
    (0, b"7z\xbc\xaf", "7-Zip"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ", "xz"),
    (0, b"%PDF", "PDF"),
    (0, b"{\\rtf", "RTF"),
    (0, b"\xd0\xcf\x11\xe0", "Word"),
    (0, b"\x89PNG", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF8", "GIF"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska"),
    (4, b"ftyp", "MP4"),
    (0, b"MZ", "Windows program"),
    (0, b"\x7fELF", "Linux program"),
    (0, b"\x00\x00\x01\xba", "VobSub"),
    (0, b"# VobSub", "VobSub"),
)
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]{0,100}\bencoding=[\"']([A-Za-z][A-Za-z0-9._-]{0,30})[\"']")
_ARROWS = ("-->", "<tt", "[Script Info]")

# Which 8-bit and double-byte encodings a language was written in, likeliest first, and in which scripts.
_LEGACY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "th": (("cp874",), ("THAI",)),
    "zh": (("gb18030", "big5hkscs"), ("CJK",)),
    "zh-hant": (("big5hkscs", "gb18030"), ("CJK",)),
    "yue": (("big5hkscs", "gb18030"), ("CJK",)),
    "ja": (("cp932", "euc_jp"), ("CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HALFWIDTH")),
    "ko": (("cp949",), ("HANGUL SYLLABLE", "CJK")),
    "el": (("cp1253",), ("GREEK",)),
    "he": (("cp1255",), ("HEBREW",)),
    "ar": (("cp1256",), ("ARABIC",)),
    "fa": (("cp1256",), ("ARABIC",)),
    "vi": (("cp1258",), ("LATIN", "COMBINING")),
    "tr": (("cp1254",), ("LATIN",)),
    **dict.fromkeys(("ru", "uk", "bg", "be", "sr", "mk"), (("cp1251", "koi8_r", "koi8_u"), ("CYRILLIC",))),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "bs"), (("cp1250", "iso8859_2"), ("LATIN",))),
    **dict.fromkeys(("lt", "lv", "et"), (("cp1257",), ("LATIN",))),
}
# What stands where ISO 8859-2 has š, ž, ś and ź when it is read as cp1250, and is not written in these languages.
_STRANGERS = {"pl": "¶±¦Ľľ", **dict.fromkeys(("cs", "hr", "sl", "bs"), "ąĄľĽ"), "sk": "ąĄ"}
_WESTERN = (("cp1252",), ("LATIN",))
_GUESSABLE = sorted({name for names, _ in (*_LEGACY.values(), _WESTERN) for name in names})
_ALIASES = {"windows-874": "cp874", "x-sjis": "cp932"}
_DECLARABLE = {
    *(codecs.lookup(name).name for name in (*_GUESSABLE, "shift_jis", "gbk", "gb2312", "big5", "euc_kr", "tis_620")),
    *(codecs.lookup(f"iso8859_{part}").name for part in (*range(1, 12), *range(13, 17))),
}
_LEAST_LIKELY = 0.9
# Western languages write most of their letters in ASCII; other scripts read as cp1252 do not. Vietnamese, whose tones
# are characters of their own in cp1258, has more of them.
_MOST_ACCENTED, _MOST_TONED = 0.35, 0.8
_LEAST_COMMON = 0.85
_FEWEST_MARKS = 0.15
# A Polish name may well be mentioned.
_MOST_STRANGERS = 0.05
# Names and brands stand in every language; letters of both alphabets within its words do not.
_MOST_MIXED = 0.3
_MIXED = re.compile(r"(?<=[A-Za-z])[^\W\d_A-Za-z]|[^\W\d_A-Za-z](?=[A-Za-z])")
# Written in Hong Kong every day, and outside the everyday half of the table.
_CANTONESE = frozenset("佢哋喺嘅咗唔冇啲嗰嚟咁咩嘢噉嗌攞搵瞓嘥揸嬲")
_ENOUGH_TO_JUDGE = 20
_SAMPLE_BYTES = 64 * 1024
_MOST_CONTROLS = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """`encoding` is the name by which Python knows it."""

    text: str
    encoding: str


def decode(content: bytes, *, language: str = "") -> Decoded:
    """Return the text of a file. `language` is the tag (BCP 47) that somebody gave it; "" if unknown.

    Raises CaptionsRefused.
    """
    _refuse_other_files(content)
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _certain(content[len(bom) :], encoding)
    if b"\0" in content[:_SAMPLE_BYTES]:
        return _wide(content)
    declared = _DECLARED.match(content)
    for encoding in ("utf-8", _declarable(declared[1].decode("ascii")) if declared else ""):
        text = _try(content, encoding) if encoding else None
        if text is not None:
            return Decoded(text=_printable(text), encoding=encoding)
    return _likely(content, language)


def _declarable(name: str) -> str:
    """Return Python's name of a declared encoding, or "": its codecs hold more than encodings of files."""
    try:
        found = codecs.lookup(_ALIASES.get(name.lower(), name)).name
    except LookupError:
        return ""
    return found if found in _DECLARABLE else ""


def _refuse_other_files(content: bytes) -> None:
    for offset, signature, kind in _OTHER_FILES:
        if content.startswith(signature, offset):
            raise refuse(Code.IS_ANOTHER_FILE, kind=kind)


def _certain(content: bytes, encoding: str) -> Decoded:
    text = _try(content, encoding)
    if text is None:
        raise refuse(Code.ENCODING_UNKNOWN)
    return Decoded(text=_printable(text), encoding=encoding)


def _wide(content: bytes) -> Decoded:
    """Read UTF-16 without a byte-order mark; zero bytes in anything else mean that it is no text."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _try(content, encoding)
        if text is not None and any(arrow in text for arrow in _ARROWS):
            return Decoded(text=_printable(text), encoding=encoding)
    raise refuse(Code.NOT_TEXT)


def _likely(content: bytes, language: str) -> Decoded:
    encodings, scripts = _expected(language)
    best, likelihood = "", 0.0
    for encoding in encodings:
        text = _try(content, encoding)
        found = _likelihood(text, encoding, scripts) if text is not None and not _is_strange(text, language) else 0.0
        if found > likelihood:
            best, likelihood = encoding, found
    if likelihood < _LEAST_LIKELY:
        best = _guess(content)
    # Tones that are characters of their own would stand beside their vowels in some players.
    text = unicodedata.normalize("NFC", content.decode(best)) if best == "cp1258" else content.decode(best)
    return Decoded(text=_printable(text), encoding=best)


def _guess(content: bytes) -> str:
    """Return the encoding that fits whatever the language. Raises CaptionsRefused."""
    if _noise_share(content) > _MOST_CONTROLS:
        raise refuse(Code.NOT_TEXT)
    match = charset_normalizer.from_bytes(content[:_SAMPLE_BYTES], cp_isolation=_GUESSABLE).best()
    encoding = match.encoding if match else ""
    text = _try(content, encoding) if encoding else None
    if text is None or _may_be_hebrew(text, encoding):
        raise refuse(Code.ENCODING_UNKNOWN)
    if not any(
        _likelihood(text, encoding, scripts) >= _LEAST_LIKELY
        for encodings, scripts in (*_LEGACY.values(), _WESTERN)
        if encoding in encodings
    ):
        raise refuse(Code.ENCODING_UNKNOWN)
    return encoding


def _is_strange(text: str, language: str) -> bool:
    """Tell whether a reading has, again and again, what its language does not have."""
    strangers = _STRANGERS.get(language.lower().partition("-")[0], "")
    count = sum(map(text.count, strangers))
    return count > 0 and count > sum(ord(char) > 127 for char in text) * _MOST_STRANGERS


def _may_be_hebrew(text: str, encoding: str) -> bool:
    """Tell whether a Cyrillic text has no capitals at all: so Hebrew looks when it is read as cp1251."""
    return encoding == "cp1251" and text == text.lower()


def _expected(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    tag = language.lower()
    if tag.startswith("zh") and any(part in tag.split("-") for part in ("hant", "tw", "hk", "mo")):
        return _LEGACY["zh-hant"]
    return _LEGACY.get(tag.partition("-")[0], _WESTERN)


def _likelihood(text: str, encoding: str, scripts: Collection[str]) -> float:
    """Return how well a reading fits, from 0 to 1: the share of its foreign characters that its scripts would have."""
    sample = text[:_SAMPLE_BYTES]
    foreign = [char for char in sample if ord(char) > 127]
    share = sum(_fits(char, tuple(scripts)) for char in foreign) / len(foreign)
    if "LATIN" in scripts:
        letters = sum(char.isalpha() for char in sample)
        return share if len(foreign) <= letters * (_MOST_TONED if "COMBINING" in scripts else _MOST_ACCENTED) else 0.0
    if "CYRILLIC" in scripts and _is_case_flipped(sample):
        return share / 2
    if "CJK" not in scripts and _is_mixed(sample, foreign):
        return share / 2
    if len(foreign) >= _ENOUGH_TO_JUDGE and _lacks_its_marks(foreign, scripts):
        return share / 2
    if encoding in _COMMON_LEADS:
        return share if _common_share(foreign, encoding) >= _LEAST_COMMON else share * _LEAST_COMMON
    return share


# The half of each double-byte table that holds the characters in everyday use.
_COMMON_LEADS = {"gb18030": range(0xB0, 0xD8), "big5hkscs": range(0xA4, 0xC7)}


def _common_share(chars: Iterable[str], encoding: str) -> float:
    letters = [char for char in chars if unicodedata.category(char) == "Lo" and char not in _CANTONESE]
    leads = [char.encode(encoding)[0] for char in letters]
    return sum(lead in _COMMON_LEADS[encoding] for lead in leads) / len(leads) if leads else 0.0


def _lacks_its_marks(chars: Sequence[str], scripts: Collection[str]) -> bool:
    """Tell whether what every text in a script has is missing: Thai's marks above and below, Japanese' kana."""
    if "THAI" in scripts:
        return sum(unicodedata.category(char) == "Mn" for char in chars) < len(chars) * _FEWEST_MARKS
    kana = sum("\u3041" <= char <= "\u30ff" for char in chars)
    return "HIRAGANA" in scripts and kana < len(chars) * _FEWEST_MARKS


def _is_mixed(text: str, foreign: Sequence[str]) -> bool:
    """Tell whether many foreign letters stand beside Latin ones: those are accents, read as another alphabet."""
    return len(_MIXED.findall(text)) > len(foreign) * _MOST_MIXED


def _is_case_flipped(text: str) -> bool:
    """Tell whether capitals follow small letters: KOI8-R has the ones where cp1251 has the others."""
    flipped = proper = 0
    for before, after in pairwise(text):
        flipped += before.islower() and after.isupper()
        proper += before.isupper() and after.islower()
    return flipped > proper


@lru_cache(maxsize=4096)
def _fits(char: str, scripts: tuple[str, ...]) -> bool:
    category = unicodedata.category(char)
    if category in {"Cc", "Cn", "Co"}:
        return False
    if unicodedata.name(char, "").startswith(scripts):
        return True
    return category[0] == "P" or char in "\u00a0♪♫…—–“”‘’·°"


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _printable(text: str) -> str:
    """Return the text if it is one. Raises CaptionsRefused."""
    controls = sum(map(text.count, _CONTROLS_IN_TEXT))
    if "\0" in text or controls > len(text) * _MOST_CONTROLS:
        raise refuse(Code.NOT_TEXT)
    return text


def _is_noise(byte: int) -> bool:
    return byte < 0x20 and byte not in b"\t\n\r\x1a\x0c"


def _noise_share(content: bytes) -> float:
    return sum(map(_is_noise, content)) / len(content)


_CONTROLS_IN_TEXT = [chr(code) for code in range(0x20) if _is_noise(code)]
