"""What link previews show of a movie without pictures."""

import io

import pytest
from django.test import Client
from PIL import Image

from catalog.artwork.cards import card_digest, draw_card
from catalog.artwork.lettering import Run, letters_of, lines_of, runs_of
from catalog.artwork.pictures import card_url
from portal.models import User
from tests.factories import AT, make_movie, make_window

pytestmark = pytest.mark.django_db

LETTERED = "Night Ferry to Koh Lanta"


def text_of(lines: tuple[tuple[Run, ...], ...]) -> list[str]:
    return ["".join(run.text for run in line) for line in lines]


# --- Letters ----------------------------------------------------------------------------------------------------------


def test_a_title_is_broken_between_words() -> None:
    lines = lines_of(LETTERED.split(), size=60, width=400)
    assert " ".join(text_of(lines)) == LETTERED
    assert len(lines) > 1
    assert all(sum(run.width for run in line) <= 400 for line in lines)


def test_a_word_wider_than_the_line_is_broken_anywhere() -> None:
    lines = text_of(lines_of(["x" * 40], size=60, width=300))
    assert "".join(lines) == "x" * 40
    assert len(lines) > 1


def test_vowels_tones_and_accents_stay_with_their_letter() -> None:
    assert letters_of("e\u0301t") == ["e\u0301", "t"]
    assert letters_of("คืนที่") == ["คื", "น", "ที่"]
    assert letters_of("\u0301a") == ["\u0301", "a"]


def test_a_letter_that_no_font_has_leaves_no_words_at_all() -> None:
    assert runs_of("Night \U0001f6f3 Ferry", 60) == ()


# --- The picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", [LETTERED, "Ember", "x" * 200, "word " * 40, "\U0001f6f3"])
def test_a_card_has_the_size_that_previews_want(title: str) -> None:
    card = Image.open(io.BytesIO(draw_card(title=title, art_key="night-ferry")))
    assert (card.format, card.size) == ("JPEG", (1200, 630))


def test_a_card_shows_the_title_if_there_are_letters_for_it() -> None:
    shown, other, none = (draw_card(title=title, art_key="a") for title in (LETTERED, "Ember", "\U0001f6f3"))
    assert len({shown, other, none}) == 3
    assert none == draw_card(title="\U0001f6f4", art_key="a")


# --- The address ------------------------------------------------------------------------------------------------------


def test_the_card_of_a_movie_is_kept_for_ever(client: Client) -> None:
    movie = make_movie(title=LETTERED)

    first, second = (client.get(card_url(movie)) for _ in range(2))

    assert (first.status_code, first.headers["Content-Type"]) == (200, "image/jpeg")
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first.content == second.content


def test_a_new_title_has_a_new_address_and_the_old_one_leads_there(client: Client) -> None:
    movie = make_movie(title="Before")
    before = card_url(movie)
    movie.title = LETTERED
    movie.save()

    answer = client.get(before)

    assert (answer.status_code, answer.headers["Location"]) == (302, card_url(movie))
    assert answer.headers["Cache-Control"] == "no-cache"


def test_what_viewers_may_not_see_has_no_card(client: Client) -> None:
    hidden, later = make_movie(visibility="HIDDEN"), make_movie()
    make_window(later, starts_at=AT.replace(year=2100))
    for movie in (hidden, later):
        assert client.get(card_url(movie)).status_code == 404
    assert client.get("/art/cards/999999/0123456789abcdef.jpg").status_code == 404


def test_the_card_of_another_moment_is_kept_by_nobody(client: Client, editor: User) -> None:
    later = make_movie(title=LETTERED)
    make_window(later, starts_at=AT.replace(year=2100))
    client.force_login(editor)

    answer = client.get(card_url(later), {"at": "2101-01-01T00:00"})

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_a_page_names_the_card(client: Client) -> None:
    movie = make_movie(title=LETTERED)
    assert f'{card_url(movie)}"' in client.get(movie.get_absolute_url()).content.decode()


def test_the_digest_tells_what_is_drawn() -> None:
    one = card_digest(title="A", art_key="a")
    assert one == card_digest(title="A", art_key="a")
    assert len({one, card_digest(title="B", art_key="a"), card_digest(title="A", art_key="b")}) == 3
