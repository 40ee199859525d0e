"""Films with the same title, or nearly."""

import pytest
from django.test import Client

from catalog.duplicates import find_similar_titles
from catalog.models import Movie
from portal.models import User
from tests.catalog.desk import MOVIES, filled_in
from tests.factories import make_movie

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("Meridian", "Meridian"),
        ("meridian", "MERIDIAN"),
        ("Amelie", "Amélie"),
        ("The Meridian", "Meridian"),
        ("Meridain", "Meridian"),
        ("Neridian", "Meridian"),
        ("Meridia", "Meridian"),
        ("Spider-Man", "Spider Man"),
        ("สุดเสน่หา", "สุดเสน่หา"),
    ],
)
def test_a_title_like_one_that_is_there_is_found(written: str, there: str) -> None:
    movie = make_movie(title=there)
    make_movie(title="Something else entirely")

    assert find_similar_titles(written) == [movie]
    assert find_similar_titles(written, other_than=movie.pk) == []


@pytest.mark.parametrize(
    ("written", "there"), [("Rocky 2", "Rocky 3"), ("Up", "Us"), ("Heat", "Meridian"), ("", "Meridian"), ("!?", "?!")]
)
def test_another_title_is_left_alone(written: str, there: str) -> None:
    make_movie(title=there)

    assert find_similar_titles(written) == []


def test_original_titles_count_and_the_nearest_comes_first() -> None:
    near = make_movie(title="Le Meridien", year=1990)
    same = make_movie(title="Noon", original_title="Meridian", year=2001)

    assert find_similar_titles("Meridian") == [same, near]


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def test_it_is_told_while_somebody_types(desk: Client) -> None:
    movie = make_movie(title="Meridian <b>", year=1999)

    answer = desk.get(f"{MOVIES}similar-titles/", {"title": "meridian b"})

    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {"movies": [{"title": "Meridian <b>", "year": 1999, "url": f"../{movie.pk}/change/"}]}
    assert desk.get(f"{MOVIES}similar-titles/", {"title": "Meridian b", "except": str(movie.pk)}).json() == {
        "movies": []
    }


@pytest.mark.parametrize("own", ["x", "-1", "9" * 40, "1;drop"])
def test_an_own_number_that_is_none_is_passed_over(desk: Client, own: str) -> None:
    make_movie(title="Meridian")

    answer = desk.get(f"{MOVIES}similar-titles/", {"title": "Meridian" * 500, "except": own})

    assert answer.status_code == 200


@pytest.mark.parametrize(("person", "status"), [("viewer", 302), ("stranger", 302), ("operator", 200), ("editor", 200)])
def test_who_is_told(request: pytest.FixtureRequest, client: Client, person: str, status: int) -> None:
    client.force_login(request.getfixturevalue(person))

    assert client.get(f"{MOVIES}similar-titles/", {"title": "x"}).status_code == status


def test_saving_warns_once_and_refuses_never(desk: Client) -> None:
    make_movie(title="Meridian", year=1999)
    sent = filled_in(title="Meridian", year=2025)

    warned = desk.post(f"{MOVIES}add/", sent)
    saved = desk.post(f"{MOVIES}add/", {**sent, "is_other_film": "on"})

    html = warned.content.decode()
    assert "The catalogue has “Meridian” (1999)." in html
    assert 'name="is_other_film"' in html
    assert saved.status_code == 302
    assert Movie.objects.filter(title="Meridian").count() == 2


def test_a_title_that_stays_is_not_asked_about_again(desk: Client) -> None:
    make_movie(title="Meridian")
    movie = make_movie(title="Meridian")

    assert desk.post(f"{MOVIES}{movie.pk}/change/", filled_in(movie, tagline="New")).status_code == 302
    assert 'name="is_other_film"' not in desk.get(f"{MOVIES}{movie.pk}/change/").content.decode()
