"""Files from before Unicode, as each language's programs wrote them: what the editor says it is decides."""

import re
import unicodedata

import pytest

from catalog.captions.encodings import decode
from catalog.captions.findings import CaptionsRefused
from catalog.captions.reading import read_captions

SRT = "1\r\n00:00:01,000 --> 00:00:04,000\r\n{}\r\n\r\n2\r\n00:00:05,000 --> 00:00:08,000\r\n{}\r\n"
# Language, encoding, the lines of two cues.
FILES = (
    ("he", "cp1255", "שלום, מה שלומך היום?", "אני הולך לתחנת הרכבת."),
    ("ar", "cp1256", "مرحبا، كيف حالك اليوم؟", "سنذهب معا إلى محطة القطار."),
    ("fa", "cp1256", "سلام، حال شما چطور است؟", "ما با هم به ايستگاه قطار مي‌رويم."),
    ("tr", "cp1254", "Günaydın, bugün nasılsınız?", "İstasyona birlikte gidelim, çok geç oldu."),
    ("uk", "cp1251", "Привіт, сьогодні гарна погода.", "Ходімо разом на вокзал, її ще немає."),
    ("uk", "koi8_u", "Привіт, сьогодні гарна погода.", "Ходімо разом на вокзал, її ще немає."),
    ("bg", "cp1251", "Здравей, днес времето е хубаво.", "Да отидем заедно на гарата."),
    ("be", "cp1251", "Прывітанне, сёння добрае надвор'е.", "Хадзем разам на вакзал."),
    ("sr-Cyrl", "cp1251", "Здраво, данас је лепо време.", "Хајдемо заједно на станицу."),
    ("mk", "cp1251", "Здраво, денес времето е убаво.", "Ќе одиме заедно на станица."),
    ("ru", "cp1251", "— что случилось?", "— ничего, спи."),
    ("cs", "cp1250", "Dobrý den, dnes je krásně.", "Pojďme spolu na nádraží, čekají na nás."),
    ("cs", "iso8859_2", "Dobrý den, dnes je krásně.", "Pojďme spolu na nádraží, čekají na nás."),
    ("sk", "iso8859_2", "Dobrý deň, dnes je škaredé počasie.", "Poďme spolu na stanicu, už čakajú žiaľ dlho."),
    ("hr", "iso8859_2", "Dobar dan, što radite?", "Pođimo zajedno na željeznički kolodvor."),
    ("pl", "iso8859_2", "Cześć, źle się czujesz?", "Chodźmy razem na dworzec, już późno."),
    ("sk", "cp1250", "Dobrý deň, dnes je pekné počasie.", "Poďme spolu na stanicu, čakajú nás."),
    ("hu", "cp1250", "Jó napot, ma szép idő van.", "Árvíztűrő tükörfúrógép, gyerünk!"),
    ("ro", "cp1250", "Bună ziua, astăzi e frumos afară.", "Să mergem împreună la gară."),
    ("hr", "cp1250", "Dobar dan, što radite?", "Pođimo zajedno na željeznički kolodvor."),
    ("sl", "cp1250", "Dober dan, kako ste?", "Pojdimo skupaj na železniško postajo."),
    ("lt", "cp1257", "Laba diena, šiandien gražus oras.", "Eikime kartu į geležinkelio stotį."),
    ("lv", "cp1257", "Labdien, šodien ir jauks laiks.", "Iesim kopā uz dzelzceļa staciju."),
    ("et", "cp1257", "Tere, täna on ilus ilm.", "Lähme koos raudteejaama, põhjus on sõber."),
    ("es", "cp1252", "¿Qué pasó, señor?", "¡Vámonos mañana a la estación!"),
    ("pt-BR", "cp1252", "Não é possível, você não acha?", "Vamos à estação amanhã…"),
    ("it", "cp1252", "Perché no? È già lì.", "Andiamo più in là."),
    ("sv", "cp1252", "God morgon, hur mår du i dag?", "Låt oss gå till stationen på ön."),
    ("is", "cp1252", "Góðan daginn, hvað segirðu?", "Förum saman á lestarstöðina, þá æfum við."),
    ("zh-TW", "big5hkscs", "今天天氣很好,我們走吧。", "他們在火車站等我們。"),
    ("zh-HK", "big5hkscs", "佢哋喺火車站等我哋。", "今日天氣好好。"),
    ("yue", "big5hkscs", "佢哋喺火車站等我哋。", "你唔好嚟咁遲喇。"),
    ("zh-CN", "gb18030", "今天天气很好,我们走吧。", "他们在火车站等我们。"),
    ("ja", "cp932", "ﾆｭｰｽﾃﾞｽ､ｺﾝﾆﾁﾊ｡", "駅へ一緒に行きましょう、みんな待っている。"),
    ("ja", "euc_jp", "こんにちは、いい天気ですね。", "駅へ一緒に行きましょう。"),
    ("ko", "euc_kr", "안녕하세요, 날씨가 좋네요.", "함께 역에 갑시다."),
    ("th", "cp874", "“ไปไหนมา…”", "- เพิ่งกลับจากตลาดน้ำครับ\r\n- ซื้ออะไรมาให้หนูบ้างคะ"),
)
WESTERN = [file for file in FILES if file[0] in {"es", "it", "sv", "pt-BR", "is", "tr", "cs", "hu", "ro"}]
VIETNAMESE = ("Xin chào, hôm nay trời đẹp quá.", "Chúng ta cùng đi đến nhà ga nhé, họ đang đợi.")
TONES = "\u0300\u0301\u0303\u0309\u0323"


def in_windows_vietnamese(text: str) -> bytes:
    """Write text as Windows does: letters with their hats and hooks, each followed by its tone."""
    pieces = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tones = "".join(part for part in parts if part in TONES)
        letter = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        pieces.append((letter + tones).encode("cp1258"))
    return b"".join(pieces)


def words_of_two_alphabets(text: str) -> list[str]:
    """Return the words that have Latin letters and others in them."""

    def alphabets(word: str) -> set[str]:
        return {unicodedata.name(char).split()[0] for char in word if char.isalpha()}

    return [word for word in re.findall(r"\w+", text) if "LATIN" in (found := alphabets(word)) and len(found) > 1]


def read_or_refuse(content: bytes, language: str) -> str:
    """Return the text, or the code of the fault."""
    try:
        return decode(content, language=language).text
    except CaptionsRefused as refused:
        return str(refused.faults[0].code)


@pytest.mark.parametrize(("language", "encoding", "first", "second"), FILES)
def test_a_file_is_read_as_its_language_was_written(language: str, encoding: str, first: str, second: str) -> None:
    text = SRT.format(first, second)
    assert decode(text.encode(encoding), language=language).text == text


def test_vietnamese_is_read_with_its_tones_on_their_letters() -> None:
    text = SRT.format(*VIETNAMESE)
    decoded = decode(in_windows_vietnamese(text), language="vi")
    assert (decoded.text, decoded.encoding) == (text, "cp1258")


@pytest.mark.parametrize("hint", ["th", "ru", "el", "he", "ja", "ko", "zh"])
@pytest.mark.parametrize(("language", "encoding", "first", "second"), WESTERN)
def test_accents_are_never_read_as_letters_of_the_language_that_was_named_by_mistake(
    hint: str, language: str, encoding: str, first: str, second: str
) -> None:
    """A French file that was called Thai: "Perchๅ" would be worse than a refusal."""
    outcome = read_or_refuse(SRT.format(first, second).encode(encoding), hint)
    assert outcome == "encoding-unknown" or words_of_two_alphabets(outcome) == []


@pytest.mark.parametrize("hint", ["en", "fr", "zh", "ko", "ar", "cs", "vi"])
def test_hebrew_that_was_called_something_else_is_not_taken_for_russian(hint: str) -> None:
    _, encoding, first, second = FILES[0]
    with pytest.raises(CaptionsRefused) as refused:
        decode(SRT.format(first, second).encode(encoding), language=hint)
    assert [fault.code for fault in refused.value.faults] == ["encoding-unknown"]


def test_a_foreign_name_does_not_change_what_a_czech_file_is_read_as() -> None:
    text = SRT.format(
        "Pan Dąbrowski říkal, že přijde ještě dnes večer.", "Děkuji, příště to zařídíme dříve, než začne pršet."
    )
    assert decode(text.encode("cp1250"), language="cs").text == text


def test_names_in_latin_letters_are_part_of_every_language() -> None:
    for language, encoding, words in (
        ("ru", "cp1251", "Смотри: iPhone, BMW и WhatsApp!"),
        ("th", "cp874", "เขาใช้ Facebook กับ LINE ทุกวัน"),
        ("el", "cp1253", "Το Netflix και το YouTube, φίλε."),
        ("he", "cp1255", "יש לי iPhone חדש, מה איתך?"),
    ):
        text = SRT.format(words, words)
        assert decode(text.encode(encoding), language=language).text == text


def test_an_encoding_that_no_player_ever_wrote_for_a_language_is_refused_and_not_guessed() -> None:
    """Mail of the nineties, and a Korean table that nobody uses: both are told apart from text that can be read."""
    japanese = SRT.format("こんにちは、いい天気ですね。", "駅へ行きましょう。").encode("iso2022_jp")
    korean = SRT.format("안녕하세요, 날씨가 좋네요.", "함께 역에 갑시다.").encode("johab")
    for content, language, code in ((japanese, "ja", "not-text"), (korean, "ko", "encoding-unknown")):
        with pytest.raises(CaptionsRefused) as refused:
            decode(content, language=language)
        assert [fault.code for fault in refused.value.faults] == [code]


def test_what_was_read_is_stored_as_unicode_whatever_it_was() -> None:
    for language, encoding, first, second in FILES:
        file = read_captions(SRT.format(first, second).encode(encoding), language=language)
        assert [cue.text.replace("&rlm;", "\u200f").replace("\u200c", "") for cue in file.cues] == [
            words.replace("\r\n", "\n").replace("\u200c", "") for words in (first, second)
        ]
