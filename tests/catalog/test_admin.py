"""The editors' desk: what is saved there goes through the services."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Genre, Movie
from portal.models import AuditEntry, User
from tests.factories import make_genre, make_movie

pytestmark = pytest.mark.django_db

LIST = "/admin/catalog/movie/"


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    """An editor at the admin."""
    client.force_login(editor)
    return client


def filled_in(movie: Movie | None = None, **overrides: Any) -> dict[str, Any]:
    """Return what the browser sends for a form that shows `movie`, or for an empty one."""
    fields = {"title": "", "original_title": "", "slug": "", "tagline": "", "synopsis": "", "year": "", "genres": []}
    shown: dict[str, Any] = {**fields, "runtime_min": "", "visibility": "DRAFT", "seen_version": "1"}
    if movie is not None:
        shown |= {name: getattr(movie, name) for name in fields if name != "genres"}
        shown["genres"] = [genre.pk for genre in movie.genres.all()]
        shown |= {"visibility": movie.visibility, "seen_version": movie.version}
        shown["runtime_min"] = "" if movie.runtime_s is None else round(movie.runtime_s / 60)
    return {**shown, **overrides}


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_an_editor_adds_a_film_and_publishes_it_at_once(desk: Client, editor: User) -> None:
    drama = make_genre(slug="drama")

    sent = filled_in(title="Meridian", year=2025, runtime_min=134, genres=[drama.pk], visibility="PUBLISHED")
    response = desk.post(f"{LIST}add/", sent, follow=True)

    movie = Movie.objects.get()
    assert response.status_code == 200
    assert (movie.slug, movie.runtime_s, movie.visibility) == ("meridian", 8040, "PUBLISHED")
    assert list(movie.genres.all()) == [drama]
    trail = AuditEntry.objects.filter(object_type="catalog.movie").order_by("pk")
    assert [(entry.action, entry.actor) for entry in trail] == [("movie.created", editor), ("movie.published", editor)]


def test_only_what_the_editor_changed_is_written(desk: Client) -> None:
    movie = make_movie(title="Overtime", runtime_s=5461, genres=(make_genre(),))

    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, tagline="The building stays open."))

    entry = AuditEntry.objects.get(action="movie.updated")
    assert (entry.before, entry.after) == ({"tagline": ""}, {"tagline": "The building stays open."})
    movie.refresh_from_db()
    # The form shows minutes; a length to the second is not rounded by looking at it.
    assert (movie.runtime_s, movie.genres.count()) == (5461, 1)


def test_saving_without_a_change_leaves_no_trace(desk: Client) -> None:
    movie = make_movie()

    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie))

    movie.refresh_from_db()
    assert movie.version == 1
    assert not AuditEntry.objects.filter(object_type="catalog.movie").exists()


def test_genres_are_changed_through_the_service_too(desk: Client) -> None:
    movie, drama = make_movie(genres=(make_genre(slug="comedy"),)), make_genre(slug="drama")

    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, genres=[drama.pk]))

    entry = AuditEntry.objects.get(action="movie.updated")
    assert (entry.before, entry.after) == ({"genres": ["comedy"]}, {"genres": ["drama"]})


def test_what_somebody_changed_meanwhile_is_not_overwritten(desk: Client) -> None:
    movie = make_movie(title="Overtime")
    opened = filled_in(movie, tagline="Mine, with all my work")
    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, tagline="Theirs"))

    response = desk.post(f"{LIST}{movie.pk}/change/", opened)

    html = response.content.decode()
    assert response.status_code == 200
    assert "editor changed this movie after you opened it (tagline)" in html
    assert "Mine, with all my work" in html
    movie.refresh_from_db()
    assert movie.tagline == "Theirs"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"slug": "Not A Slug"}, "lower-case letters"),
        ({"slug": "taken"}, "already exists"),
        ({"year": 1700}, "greater than or equal to 1888"),
        ({"runtime_min": 0}, "greater than or equal to 1"),
        ({"title": ""}, "required"),
    ],
)
def test_bad_input_is_answered_in_the_form(desk: Client, fault: dict[str, Any], sentence: str) -> None:
    make_movie(slug="taken")

    response = desk.post(f"{LIST}add/", filled_in(None, **{"title": "Meridian", "year": 2025, **fault}))

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert Movie.objects.count() == 1


def test_the_form_offers_only_what_a_film_may_become(desk: Client) -> None:
    movie = make_movie()

    response = desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, visibility="DRAFT"))

    assert response.status_code == 200
    assert "DRAFT is not one of the available choices" in response.content.decode()


def test_the_former_address_of_a_film_leads_to_it(desk: Client) -> None:
    movie = make_movie(slug="overtime")

    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, slug="undertime"))

    answer = desk.get("/movies/overtime/")
    assert (answer.status_code, answer["Location"]) == (301, "/movies/undertime/")


def test_the_list_says_the_state_in_words(desk: Client) -> None:
    make_movie()
    make_movie(visibility="HIDDEN")

    html = desk.get(LIST).content.decode()

    assert "Published since Nov. 20, 2026" in html
    assert "Hidden" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("missing=synopsis", {"No synopsis"}),
        ("missing=genres", {"No genre", "No synopsis", "Draft"}),
        ("missing=runtime", {"No genre"}),
        ("visibility__exact=DRAFT", {"Draft"}),
        ("q=synop", {"No synopsis"}),
    ],
)
def test_filters_find_what_needs_work(desk: Client, query: str, found: set[str]) -> None:
    genre = make_genre()
    make_movie(title="Complete", genres=(genre, make_genre()))
    make_movie(title="No synopsis", synopsis="")
    make_movie(title="No genre", runtime_s=None)
    make_movie(title="Draft", visibility="DRAFT")

    response = desk.get(f"{LIST}?{query}")

    assert {movie.title for movie in response.context["cl"].result_list} == found


def test_more_films_cost_the_list_no_more_queries(desk: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST).status_code == 200
        return len(queries)

    genre = make_genre()
    make_movie(genres=(genre,))
    few = count()
    for _ in range(9):
        make_movie(genres=(genre, make_genre()))

    assert count() == few


def select(action: str, *movies: Movie, **more: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": [movie.pk for movie in movies], "select_across": "0", **more}


def test_a_bulk_change_asks_first(desk: Client) -> None:
    movie = make_movie(title="Overtime")

    response = desk.post(LIST, select("hide_selected", movie, index="0"))

    assert "Hide these movies from viewers?" in response.content.decode()
    assert "Overtime (Published since Nov. 20, 2026)" in response.content.decode()
    movie.refresh_from_db()
    assert movie.visibility == "PUBLISHED"


def test_a_bulk_change_tells_what_became_of_each_film(desk: Client, editor: User) -> None:
    films = [make_movie(title=title, visibility="DRAFT") for title in ("A", "B")]
    films.append(make_movie(title="C"))

    response = desk.post(LIST, select("publish_selected", *films, confirmed="1"), follow=True)

    assert messages_of(response) == ["Published: A, B", "Unchanged, because it was so already: C"]
    assert set(Movie.objects.values_list("visibility", flat=True)) == {"PUBLISHED"}
    assert AuditEntry.objects.filter(action="movie.published", actor=editor).count() == 2


def test_a_bulk_change_of_everything_found_reaches_every_page_of_the_list(desk: Client) -> None:
    films = [make_movie() for _ in range(60)]
    sent = select("hide_selected", films[0], select_across="1")

    asked = desk.post(LIST, {**sent, "index": "0"})
    desk.post(LIST, {**sent, "confirmed": "1"})

    assert "60 movies" in asked.content.decode()
    assert Movie.objects.filter(visibility="HIDDEN").count() == 60


def test_the_history_of_a_film_is_its_trail(desk: Client) -> None:
    movie = make_movie(title="Overtime")
    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, title="Undertime"))

    html = desk.get(f"{LIST}{movie.pk}/history/").content.decode()

    assert "Title: Overtime → Undertime" in html
    assert "editor" in html


def test_a_film_has_a_way_to_its_page(desk: Client) -> None:
    movie = make_movie(slug="overtime")

    assert 'href="/movies/overtime/"' in desk.get(f"{LIST}{movie.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("person", "status"), [("viewer", 302), ("stranger", 302), ("broadcaster", 302), ("operator", 403), ("editor", 302)]
)
def test_who_may_change_a_film_here(request: pytest.FixtureRequest, client: Client, person: str, status: int) -> None:
    movie = make_movie(tagline="")
    client.force_login(request.getfixturevalue(person))

    response = client.post(f"{LIST}{movie.pk}/change/", filled_in(movie, tagline="New"))

    movie.refresh_from_db()
    assert response.status_code == status
    assert movie.tagline == ("New" if person == "editor" else "")


def test_an_operator_looks_at_a_film_without_changing_it(client: Client, operator: User) -> None:
    movie = make_movie(title="Overtime", runtime_s=5640)
    client.force_login(operator)

    html = client.get(f"{LIST}{movie.pk}/change/").content.decode()

    assert "Overtime" in html
    assert "1 h 34 min" in html
    assert 'name="title"' not in html


def test_nobody_deletes_a_film_here(client: Client, administrator: User) -> None:
    movie = make_movie()
    client.force_login(administrator)

    assert client.post(f"{LIST}{movie.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Movie.objects.exists()


def test_genres_are_added_and_renamed_through_their_services(desk: Client) -> None:
    desk.post("/admin/catalog/genre/add/", {"name": "Drama", "slug": "drama"})
    genre = Genre.objects.get()
    desk.post(f"/admin/catalog/genre/{genre.pk}/change/", {"name": "Dramas"})

    genre.refresh_from_db()
    assert (genre.name, genre.slug) == ("Dramas", "drama")
    actions = AuditEntry.objects.filter(object_type="catalog.genre").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["genre.created", "genre.renamed"]
    assert "Dramas" in desk.get("/admin/catalog/genre/").content.decode()
    assert "Renamed" in desk.get(f"/admin/catalog/genre/{genre.pk}/history/").content.decode()
