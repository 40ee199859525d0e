"""Thai: every text has a translation, Django speaks the compiled ones, and a visitor's choice decides."""

import gettext as gnu_gettext
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portal.waiting import wait_sentence

_ROOT: Path = settings.BASE_DIR
_LOCALE = _ROOT / "locale"
_THAI = {"accept-language": "th"}
_LOGIN = "/accounts/login/"
_NO_SUCH_CALL = "/api/v1/nothing/"


@pytest.fixture(autouse=True)
def _same_language_afterwards() -> Iterator[None]:
    """Leave no language behind: a request activates its own, and the thread keeps it."""
    with translation.override(translation.get_language()):
        yield


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    with (_LOCALE / "th" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale="th")


def _pairs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Return each text with its translation; of a plural its last form, which holds all placeholders."""
    for message in catalog:
        if message.id:
            yield _last_form(message.id), _last_form(message.string)


def _last_form(text: str | Sequence[str] | None) -> str:
    return text if isinstance(text, str) else (text or [""])[-1]


def test_every_text_is_collected_and_translated() -> None:
    check = subprocess.run(
        [sys.executable, "scripts/messages.py", "check"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_markup_and_percent_signs_are_those_of_the_source(catalog: Catalog) -> None:
    for source, thai in _pairs(catalog):
        assert sorted(re.findall(r"</?\w+[^>]*>", thai)) == sorted(re.findall(r"</?\w+[^>]*>", source)), source
        assert thai == thai.strip(), source
        assert thai.count("%%") == source.count("%%"), source


def test_no_guess_of_a_tool_is_left(catalog: Catalog) -> None:
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    assert not catalog.obsolete


def test_django_speaks_what_is_compiled_and_that_is_what_is_written(catalog: Catalog) -> None:
    compiled = gnu_gettext.find("django", str(_LOCALE), ["th"])
    assert compiled == str(_LOCALE / "th" / "LC_MESSAGES" / "django.mo"), "Run scripts/messages.py compile."
    with open(compiled, "rb") as file:
        spoken = gnu_gettext.GNUTranslations(file)
    with translation.override("th"):
        for message in catalog:
            if isinstance(message.id, str) and message.id:
                context = message.context
                heard = translation.pgettext(context, message.id) if context else translation.gettext(message.id)
                read = spoken.pgettext(context, message.id) if context else spoken.gettext(message.id)
                assert heard == read == message.string, "Run scripts/messages.py compile."


@pytest.mark.parametrize(
    ("address", "thai", "english"),
    [(_LOGIN, "เชิญนั่งได้เลย", "Take your seat"), ("/", "โรงหนังใกล้เปิดแล้ว", "The house opens soon")],
)
@pytest.mark.django_db
def test_a_page_is_in_the_language_that_the_browser_asks_for(
    client: Client, address: str, thai: str, english: str
) -> None:
    page = client.get(address, headers={"accept-language": "th-TH,th;q=0.9,en;q=0.8"})
    text = page.content.decode()
    assert '<html lang="th"' in text
    assert thai in text
    assert english not in text
    assert page["Content-Language"] == "th"
    assert "Accept-Language" in page["Vary"]


@pytest.mark.parametrize("headers", [{}, {"accept-language": "tlh"}, {"accept-language": "en-GB"}])
@pytest.mark.django_db
def test_a_page_is_in_english_unless_asked_otherwise(client: Client, headers: dict[str, str]) -> None:
    text = client.get(_LOGIN, headers=headers).content.decode()
    assert '<html lang="en"' in text
    assert "Take your seat" in text


@pytest.mark.parametrize(("chosen", "asked", "words"), [("en", "th", "Take your seat"), ("th", "en", "เชิญนั่งได้เลย")])
@pytest.mark.django_db
def test_what_a_visitor_chose_wins_over_what_the_browser_asks(
    client: Client, chosen: str, asked: str, words: str
) -> None:
    client.post(reverse("portal:preferences"), {"language": chosen})
    text = client.get(_LOGIN, headers={"accept-language": asked}).content.decode()
    assert f'<html lang="{chosen}"' in text
    assert words in text


@pytest.mark.django_db
def test_an_empty_address_is_explained_in_thai(client: Client) -> None:
    answer = client.get("/no/such/film/", headers=_THAI)
    assert answer.status_code == 404
    assert "ที่นี่ไม่มีหนังฉาย" in answer.content.decode()


@pytest.mark.django_db
def test_a_problem_is_told_in_the_clients_language_and_keeps_its_code(client: Client) -> None:
    english = client.get(_NO_SUCH_CALL).json()
    thai = client.get(_NO_SUCH_CALL, headers=_THAI).json()
    assert (english["title"], thai["title"]) == ("Not found", "ไม่พบสิ่งที่ขอ")
    assert thai["detail"] != english["detail"]
    for member in ("code", "type", "status"):
        assert thai[member] == english[member]


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [(1, "โปรดลองใหม่ใน 1 วินาที"), (59, "โปรดลองใหม่ใน 59 วินาที"), (61, "โปรดลองใหม่ใน 2 นาที")],
)
def test_thai_says_one_and_many_alike(seconds: int, sentence: str) -> None:
    with translation.override("th"):
        assert wait_sentence(seconds) == sentence
