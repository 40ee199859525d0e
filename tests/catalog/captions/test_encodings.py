"""From bytes to text: what can be told is read, and what cannot is refused, never guessed wrongly in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.encodings import decode
from catalog.captions.findings import CaptionsRefused
from catalog.captions.reading import read_captions

SRT = "1\n00:00:01,000 --> 00:00:04,000\n{}\n\n2\n00:00:05,000 --> 00:00:08,000\n{}\n"
TEXTS = {
    "th": ("สวัสดีครับ วันนี้อากาศดีมาก", "เราจะไปที่สถานีรถไฟด้วยกันไหม"),
    "zh-Hans": ("你好,今天天气很好。", "我们一起去火车站吧,他们在等我们。"),
    "zh-Hant": ("你好,今天天氣很好。", "我們一起去火車站吧,他們在等我們。"),
    "ja": ("こんにちは、いい天気ですね。", "一緒に駅へ行きましょう。"),
    "ko": ("안녕하세요, 날씨가 좋네요.", "함께 역에 갑시다, 모두 기다리고 있어요."),
    "ru": ("Привет, сегодня хорошая погода.", "Пойдём вместе на вокзал."),
    "el": ("Γειά σου, ο καιρός είναι καλός.", "Πάμε μαζί στον σταθμό."),
    "pl": ("Zażółć gęślą jaźń, proszę.", "Chodźmy razem na dworzec."),
    "fr": ("Été à l’île, où es-tu ?", "Ça va très bien, merci à vous."),
    "de": ("Größe, Äpfel und Öl.", "„Schön“, sagte sie – und ging."),
}
LEGACY = [
    ("th", "cp874"),
    ("th", "tis_620"),
    ("zh-Hans", "gb18030"),
    ("zh-Hans", "gbk"),
    ("zh-Hant", "big5"),
    ("ja", "cp932"),
    ("ja", "shift_jis"),
    ("ja", "euc_jp"),
    ("ko", "cp949"),
    ("ru", "cp1251"),
    ("ru", "koi8_r"),
    ("el", "cp1253"),
    ("pl", "cp1250"),
    ("fr", "cp1252"),
    ("de", "cp1252"),
]


def read_or_refuse(content: bytes, language: str) -> str:
    """Return the text, or the code of the fault."""
    try:
        return decode(content, language=language).text
    except CaptionsRefused as refused:
        return str(refused.faults[0].code)


def srt(language: str) -> str:
    return SRT.format(*TEXTS[language])


@pytest.mark.parametrize(("language", "encoding"), LEGACY)
def test_old_encodings_are_known_by_the_language(language: str, encoding: str) -> None:
    assert decode(srt(language).encode(encoding), language=language).text == srt(language)


@pytest.mark.parametrize(("language", "encoding"), LEGACY)
@pytest.mark.parametrize("hint", ["en", "", "th", "ja"])
def test_a_wrong_hint_never_gives_wrong_letters_of_another_script(language: str, encoding: str, hint: str) -> None:
    """It may give the right text, or refuse; Western and Central European letters alone look alike."""
    text = read_or_refuse(srt(language).encode(encoding), hint)
    assert text in {srt(language), "encoding-unknown"} or language in {"pl", "fr", "de"}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_known_whatever_the_hint(language: str, encoding: str) -> None:
    for hint in (language, "en", "ja"):
        assert decode(srt(language).encode(encoding), language=hint).text == srt(language)


def test_big_endian_marks_are_known() -> None:
    for mark, encoding in ((b"\xfe\xff", "utf-16-be"), (b"\x00\x00\xfe\xff", "utf-32-be")):
        decoded = decode(mark + srt("th").encode(encoding))
        assert (decoded.text, decoded.encoding) == (srt("th"), encoding)


def test_what_an_xml_file_declares_holds() -> None:
    text = '<?xml version="1.0" encoding="windows-874"?><tt><body><div><p begin="1s" end="2s">ดี</p></div></body></tt>'
    file = read_captions(text.encode("cp874"), language="fr")
    assert (file.cues[0].text, file.encoding) == ("ดี", "cp874")


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "zip", "utf-7", "rot13", "undefined", "hex"])
def test_a_codec_that_is_no_encoding_of_files_is_not_used(name: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{name}"?><tt><body><div><p begin="1s" end="2s">\xe9t\xe9</p></div></body></tt>'
    )
    assert read_captions(text.encode("cp1252"), language="fr").encoding == "cp1252"


def test_a_declaration_of_what_does_not_exist_is_passed_over() -> None:
    text = '<?xml version="1.0" encoding="martian"?><tt><body><div><p begin="1s" end="2s">{}</p></div></body></tt>'
    file = read_captions(text.format(TEXTS["th"][0]).encode("cp874"), language="th")
    assert file.encoding == "cp874"


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf\xff\xfe", b"\xff\xfea", b"\xfe\xff\xd8\x00"])
def test_a_mark_that_lies_is_refused(content: bytes) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        decode(content)
    assert [fault.code for fault in refused.value.faults] == ["encoding-unknown"]


def test_letters_that_fit_nothing_are_refused() -> None:
    noise = SRT.encode() + bytes(range(0x80, 0x100)) * 40
    with pytest.raises(CaptionsRefused) as refused:
        decode(noise, language="en")
    assert refused.value.faults[0].code == "encoding-unknown"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04\x14\0", "ZIP"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"\x89PNG\r\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\0\0\0\x20ftypisom", "MP4"),
        (b"\x1a\x45\xdf\xa3", "Matroska"),
        (b"MZ\x90\0", "Windows program"),
    ],
)
def test_another_kind_of_file_is_called_by_its_name(content: bytes, kind: str) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        decode(content + b"\0" * 50)
    fault = refused.value.faults[0]
    assert (fault.code, dict(fault.values)) == ("is-another-file", {"kind": kind})


@pytest.mark.parametrize("content", [b"\0" * 500, b"a\0b\0c" * 50, bytes(range(32)) * 20, b"\x01\x02\x03text" * 50])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        decode(content)
    assert refused.value.faults[0].code == "not-text"


@given(st.binary(max_size=300), st.sampled_from(["", "th", "zh", "ja", "ru", "en", "??"]))
def test_no_bytes_bring_it_down(content: bytes, language: str) -> None:
    assert "\0" not in read_or_refuse(content, language)
