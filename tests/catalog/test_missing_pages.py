"""An address that leads nowhere offers the films that its words may mean, or the newest."""

import pytest
from django.test import Client

from portal import suggestions
from portal.models import User
from tests.factories import make_movie

pytestmark = pytest.mark.django_db


def suggested(client: Client, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 404
    return [card.title for shelf in response.context["page"].shelves for card in shelf.movies]


@pytest.mark.parametrize("path", ["/movies/meridain/", "/movies/the-meridian/", "/meridian/", "/people/Meridian/"])
def test_the_words_of_the_address_are_looked_for(client: Client, path: str) -> None:
    make_movie(slug="the-relay", title="Meridian")
    make_movie(title="Overtime")

    assert suggested(client, path) == ["Meridian"]


def test_where_no_film_is_meant_the_newest_are_shown(client: Client) -> None:
    make_movie(title="Overtime")

    assert suggested(client, "/movies/zzzzqqq/") == ["Overtime"]


def test_nothing_is_suggested_that_viewers_may_not_see(client: Client) -> None:
    make_movie(slug="meridian", title="Meridian", visibility="HIDDEN")

    assert suggested(client, "/movies/meridian/") == []
    assert "More like" not in client.get("/movies/meridian/").content.decode()


@pytest.mark.parametrize("path", ["/wp-login.php", "/a/b/c/d/", "/.env", "/api/v1/nothing/", "/static/no.css"])
def test_what_looks_for_files_gets_no_films(client: Client, path: str) -> None:
    make_movie(title="Overtime")

    response = client.get(path)

    assert response.status_code == 404
    assert "Overtime" not in response.content.decode()


def test_a_preview_is_no_reason_to_suggest_what_is_on_now(client: Client, editor: User) -> None:
    make_movie(title="Overtime")
    client.force_login(editor)

    assert suggested(client, "/people/nobody/?at=2026-12-01T20:00") == []
    assert client.get("/movies/nothing/?at=whenever").status_code in {400, 404}


@pytest.mark.parametrize("query", ["territory=TH", "territory=nowhere", "at=2026-12-01T20:00"])
def test_who_may_not_preview_gets_the_page_all_the_same(client: Client, query: str) -> None:
    make_movie(title="Overtime")

    assert suggested(client, f"/nothing-here/?{query}") == []


def test_a_page_is_shown_while_what_it_would_suggest_cannot_be_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def fail(_request: object) -> list[object]:
        raise OperationalError("the database is away")

    monkeypatch.setattr(suggestions, "_suggesters", [fail])

    assert suggested(client, "/movies/meridian/") == []
