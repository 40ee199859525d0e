"""Whatever way a text comes in by, it holds no character that nobody sees."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Movie, Person
from portal.models import User
from tests.catalog.desk import MOVIES, credit, filled_in, rows
from tests.factories import make_caption, make_genre, make_movie, make_person, make_tag

API = "/api/v1"
TURNED = "Meri\u202edian"  # what follows would be read from right to left
BLANK = "\u200b\u200b"


def faults(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.content
    return [(fault["pointer"], fault["code"]) for fault in response.json()["errors"]]


@pytest.mark.parametrize("name", ["title", "original_title", "tagline"])
@pytest.mark.parametrize(("text", "code"), [(TURNED, "unseen_character"), (BLANK, "invisible")])
def test_the_api_takes_no_unseen_characters_in_a_movies_lines(
    api: APIClient, editor: User, name: str, text: str, code: str
) -> None:
    api.force_authenticate(editor)
    facts = {"title": "Meridian", "year": 2020, name: text}

    assert faults(api.post(f"{API}/movies/", facts)) == [(f"/{name}", code)]
    assert not Movie.objects.exists()


def test_the_api_takes_no_unseen_characters_in_prose_and_tags(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    facts = {"title": "Meridian", "year": 2020, "synopsis": "One.\x0bTwo.", "tags": ["heist", TURNED]}

    assert faults(api.post(f"{API}/movies/", facts)) == [
        ("/synopsis", "unseen_character"),
        ("/tags/1", "unseen_character"),
    ]


def test_the_api_takes_no_unseen_characters_in_names(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    make_genre(slug="drama")
    make_tag(slug="heist")
    person = {"name": TURNED, "original_name": BLANK, "biography": TURNED}

    assert [pointer for pointer, _ in faults(api.post(f"{API}/people/", person))] == [f"/{name}" for name in person]
    assert faults(api.post(f"{API}/genres/", {"name": BLANK})) == [("/name", "invisible")]
    assert faults(api.patch(f"{API}/genres/drama/", {"name": TURNED})) == [("/name", "unseen_character")]
    assert faults(api.patch(f"{API}/tags/heist/", {"name": TURNED})) == [("/name", "unseen_character")]


def test_the_api_takes_no_unseen_characters_in_what_belongs_to_a_movie(api: APIClient, editor: User) -> None:
    api.force_authenticate(editor)
    movie = make_movie(slug="meridian")
    caption = make_caption(movie)
    line = {"person": make_person().slug, "role": "CAST", "character": TURNED}

    credited = api.put(f"{API}/movies/meridian/credits/", {"credits": [line]})
    renamed = api.patch(f"{API}/movies/meridian/captions/{caption.pk}/", {"label": TURNED})

    assert faults(credited) == [("/credits/0/character", "unseen_character")]
    assert faults(renamed) == [("/label", "unseen_character")]


@pytest.mark.parametrize("name", ["title", "original_title", "tagline", "synopsis", "tag_names"])
def test_the_desk_takes_no_unseen_characters_in_a_movie(client: Client, editor: User, name: str) -> None:
    client.force_login(editor)

    answer = client.post(f"{MOVIES}add/", filled_in(title="Meridian", year=2020) | {name: TURNED})

    assert "U+202E" in answer.context["adminform"].form.errors[name][0]
    assert not Movie.objects.exists()


def test_the_desk_takes_no_unseen_characters_in_credits(client: Client, editor: User) -> None:
    client.force_login(editor)
    lines = rows("credits", credit(new_person=TURNED), credit(new_person="Ada Loy", character=TURNED))

    answer = client.post(f"{MOVIES}add/", filled_in(title="Meridian", year=2020) | lines)

    first, second = answer.context["adminform"].form.credits.forms
    assert (list(first.errors), list(second.errors)) == (["new_person"], ["character"])
    assert not Person.objects.exists()


def test_the_desk_keeps_the_lines_of_a_synopsis(client: Client, editor: User) -> None:
    client.force_login(editor)

    client.post(f"{MOVIES}add/", filled_in(title="Meridian", year=2020, synopsis="One.\r\n\r\nTwo."))

    assert Movie.objects.get().synopsis.split() == ["One.", "Two."]
