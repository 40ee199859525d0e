"""What is remembered of the catalogue is told to nobody whom it is not for, nor for longer than it is true."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.models import Movie
from catalog.services import availability, credits, genres, movies, people, tags
from catalog.services.availability import WindowPlan
from portal import clock
from portal.accounts.roles import Role
from portal.models import User
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_tag, make_user, make_window

TERRITORY_HEADER = "CF-IPCountry"
# Each names the film in its answer.
PATHS = (
    "/",
    "/movies/",
    "/movies/?genre=war&sort=title",
    "/movies/?q=signal",
    "/movies/film/",
    "/genres/war/",
    "/api/v1/movies/",
    "/api/v1/movies/?q=signal",
    "/api/v1/movies/film/",
    "/api/v1/suggestions/?q=sign",
)
on_each_path = pytest.mark.parametrize("path", PATHS)


def make_signal() -> Movie:
    return make_movie(slug="film", title="Far Signal", genres=(make_genre(slug="war", name="War"),))


def read(client: Client, path: str, **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_edit_is_told_to_the_next_who_asks(client: Client, editor: User) -> None:
    movie = make_signal()
    assert [path for path in PATHS if "Far Signal" not in read(client, path)] == []
    movies.update_movie(movie_id=movie.pk, changes={"title": "Near Signal"}, by=editor, at=clock.now())
    after = {path: read(client, path) for path in PATHS}
    assert [path for path, text in after.items() if "Near Signal" not in text or "Far Signal" in text] == []


def rename_genre(movie: Movie) -> None:
    genres.rename_genre(genre_id=movie.genres.get().pk, name="Peace", by=None, at=clock.now())


def rename_tag(movie: Movie) -> None:
    tags.rename_tag(tag_id=movie.tags.get().pk, name="moon", by=None, at=clock.now())


def rename_person(movie: Movie) -> None:
    person = movie.credits.get().person
    people.update_person(person_id=person.pk, changes={"name": "Ada Renke"}, by=None, at=clock.now())


def bill_nobody(movie: Movie) -> None:
    credits.replace_credits(movie_id=movie.pk, plans=(), by=None, at=clock.now())


def shut_the_window(movie: Movie) -> None:
    over = WindowPlan(starts_at=clock.now() - timedelta(days=2), ends_at=clock.now() - timedelta(days=1))
    availability.replace_windows(movie_id=movie.pk, plans=[over], by=None, at=clock.now())


def hide(movie: Movie) -> None:
    movies.hide_movie(movie_id=movie.pk, by=None, at=clock.now())


# Who changes it, where that is read, what is told before, and what after it.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "path", "before", "after"),
    [
        (rename_genre, "/movies/film/", "War", "Peace"),
        (rename_genre, "/api/v1/movies/film/", "War", "Peace"),
        (rename_genre, "/", "War", "Peace"),
        (rename_tag, "/movies/film/", "stars", "moon"),
        (rename_tag, "/api/v1/movies/film/", "stars", "moon"),
        (rename_person, "/movies/film/", "Ada Wren", "Ada Renke"),
        (rename_person, "/api/v1/suggestions/?q=ada", "Ada Wren", "Ada Renke"),
        (bill_nobody, "/movies/film/", "Ada Wren", ""),
        (shut_the_window, "/movies/", "Far Signal", ""),
        (shut_the_window, "/api/v1/movies/film/", "Far Signal", ""),
        (shut_the_window, "/api/v1/suggestions/?q=sign", "Far Signal", ""),
        (hide, "/", "Far Signal", ""),
        (hide, "/movies/film/", "Far Signal", ""),
        (hide, "/api/v1/movies/?q=signal", "Far Signal", ""),
    ],
)
def test_whatever_is_changed_is_told_to_the_next_who_asks(
    client: Client, change: Callable[[Movie], None], path: str, before: str, after: str
) -> None:
    movie = make_signal()
    movie.tags.add(make_tag(name="stars"))
    make_credit(movie, make_person(name="Ada Wren"))
    for _ in range(2):  # a home page has a shelf for genres of several films
        make_movie(genres=(movie.genres.get(),))
    assert before in read(client, path)

    change(movie)

    told = read(client, path)
    assert before not in told
    assert after in told


@pytest.mark.django_db
@on_each_path
def test_each_territory_is_told_of_its_own_windows(client: Client, settings: Settings, path: str) -> None:
    settings.NOVA_TERRITORY_HEADER = TERRITORY_HEADER
    make_window(make_signal(), starts_at=AT, territories=["TH"])
    for territory, is_told in (("TH", True), ("LA", False), ("TH", True)):
        assert ("Far Signal" in read(client, path, **{TERRITORY_HEADER: territory})) is is_told


@pytest.mark.django_db
@on_each_path
def test_a_preview_neither_takes_what_viewers_were_told_nor_leaves_them_what_it_saw(
    client: Client, editor: User, path: str
) -> None:
    make_window(make_signal(), starts_at=clock.now() + timedelta(days=2))
    staff = Client()
    staff.force_login(editor)
    moment = (clock.now() + timedelta(days=3)).isoformat().replace("+", "%2B")
    assert "Far Signal" not in read(client, path)
    assert "Far Signal" in read(staff, f"{path}{'&' if '?' in path else '?'}at={moment}")
    assert "Far Signal" not in read(client, path)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/movies/", "/movies/film/"])
def test_a_page_greets_nobody_else_by_name(client: Client, path: str) -> None:
    make_signal()
    own, viewer = Client(), make_user(Role.VIEWER, username="somchai")
    own.force_login(viewer)
    assert viewer.username in read(own, path)
    response = client.get(path)
    assert viewer.username not in response.content.decode()
    assert "private" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/movies/", "/movies/film/"])
def test_each_language_has_its_own(client: Client, path: str) -> None:
    movie = make_signal()
    make_window(movie, ends_at=clock.now() + timedelta(days=2))
    texts = [read(client, path, **{"Accept-Language": tag}) for tag in ("en", "th", "en")]
    assert ["Leaves " in text for text in texts] == [True, False, True]


@pytest.mark.django_db
def test_those_who_run_the_catalogue_see_what_viewers_were_told_is_not_there(client: Client, editor: User) -> None:
    make_movie(slug="film", visibility="HIDDEN")
    staff = Client()
    staff.force_login(editor)
    for path in ("/movies/film/", "/api/v1/movies/film/"):
        assert [each.get(path).status_code for each in (client, staff, client)] == [404, 200, 404]
        assert "private" in staff.get(path).headers["Cache-Control"]
