"""The editors' desk: what is saved there goes through the services."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import AvailabilityWindow, Genre, Movie
from catalog.services import movies
from portal import clock
from portal.models import AuditEntry, User
from tests.catalog.desk import MOVIES as LIST
from tests.catalog.desk import filled_in
from tests.factories import (
    AT,
    make_artwork,
    make_caption,
    make_credit,
    make_genre,
    make_movie,
    make_person,
    make_window,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    """An editor at the admin."""
    client.force_login(editor)
    return client


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


def test_a_length_that_is_measured_while_the_form_is_open_stays(desk: Client) -> None:
    movie = make_movie(runtime_s=None)
    sent = filled_in(movie, tagline="Nothing lasts.")
    movies.measure_runtime(movie_id=movie.pk, runtime_s=20, at=AT)

    desk.post(f"{LIST}{movie.pk}/change/", sent)

    movie.refresh_from_db()
    assert (movie.tagline, movie.runtime_s) == ("Nothing lasts.", 20)


def test_a_length_can_be_taken_away(desk: Client) -> None:
    movie = make_movie(runtime_s=5640)

    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, runtime_min=""))

    movie.refresh_from_db()
    assert movie.runtime_s is None


def test_the_form_of_a_film_of_seconds_can_be_saved(desk: Client) -> None:
    movie = make_movie(runtime_s=20)
    page = desk.get(f"{LIST}{movie.pk}/change/").content.decode()
    assert 'name="initial-runtime_min" value="1"' in page

    desk.post(f"{LIST}{movie.pk}/change/", filled_in(movie, runtime_min=1, **{"initial-runtime_min": 1}, year=1999))

    movie.refresh_from_db()
    assert (movie.year, movie.runtime_s) == (1999, 20)


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

    assert "Published" in html
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

    assert ">Hide these movies from viewers?</h2>" in response.content.decode()
    assert "Overtime (Published)" in response.content.decode()
    movie.refresh_from_db()
    assert movie.visibility == "PUBLISHED"


def test_a_bulk_change_tells_what_became_of_each_film(desk: Client, editor: User) -> None:
    films = [make_movie(title=title, visibility="DRAFT") for title in ("A", "B")]
    films.append(make_movie(title="C"))

    response = desk.post(LIST, select("publish_selected", *films, confirmed="1"))

    results = [(result.title, result.outcome, result.before, result.after) for result in response.context["results"]]
    assert results == [
        ("A", "Published", "Draft", "Published"),
        ("B", "Published", "Draft", "Published"),
        ("C", "Unchanged, because it was so already", "Published", "Published"),
    ]
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


# --- What the list tells ---------------------------------------------------------------------------------------------

SOON, LATER = AT + timedelta(days=3), AT + timedelta(days=300)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """One movie for each state, looked at an hour after AT."""
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=1))
    make_movie(title="Draft", visibility="DRAFT")
    make_movie(title="Hidden", visibility="HIDDEN")
    make_movie(title="Unlisted", visibility="UNLISTED")
    make_movie(title="Always")
    make_window(make_movie(title="Leaving"), ends_at=SOON)
    make_window(make_movie(title="Far"), ends_at=LATER)
    make_window(make_movie(title="Followed"), ends_at=SOON).movie.windows.create(starts_at=SOON)
    make_window(make_movie(title="Scheduled"), starts_at=SOON)
    make_window(make_movie(title="Coming", is_announced=True), starts_at=SOON)
    make_window(make_movie(title="Left"), starts_at=AT - timedelta(days=2), ends_at=AT)
    make_window(make_movie(title="Local"), territories=["TH"])


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("draft", {"Draft"}),
        ("hidden", {"Hidden"}),
        ("unlisted", {"Unlisted"}),
        ("available", {"Always", "Leaving", "Far", "Followed", "Local"}),
        ("limited", {"Local"}),
        ("scheduled", {"Scheduled", "Coming"}),
        ("announced", {"Coming"}),
        ("leaving", {"Leaving"}),
        ("left", {"Left"}),
        ("nonsense", None),
    ],
)
def test_the_list_is_narrowed_down_to_a_state(desk: Client, state: str, found: set[str] | None) -> None:
    response = desk.get(f"{LIST}?state={state}")

    assert response.status_code == 200
    everything = set(Movie.objects.values_list("title", flat=True))
    assert {movie.title for movie in response.context["cl"].result_list} == (everything if found is None else found)


@pytest.mark.usefixtures("shelf")
def test_the_list_tells_states_and_changes_in_words(desk: Client) -> None:
    html = desk.get(LIST).content.decode()

    for words in ("Published, leaves Mon 18:00", "Scheduled for Mon 18:00", "Coming soon, Mon 18:00", "Left on 20 Nov"):
        assert words in html
    assert "Published, only in TH" in html
    assert "Mon 18:00 (UTC)" in html


@pytest.mark.usefixtures("shelf")
def test_the_list_is_sorted_by_several_columns(desk: Client) -> None:
    by_change_then_title = desk.get(f"{LIST}?o=4.2").context["cl"].result_list
    backwards = desk.get(f"{LIST}?o=-2").context["cl"].result_list

    assert [movie.title for movie in by_change_then_title[:5]] == ["Coming", "Followed", "Leaving", "Scheduled", "Far"]
    assert backwards[0].title == "Unlisted"


def test_the_list_shows_posters(desk: Client) -> None:
    artwork = make_artwork(make_movie())
    make_movie(title='"><script>')

    html = desk.get(LIST).content.decode()

    assert f"{artwork.edition}/180.jpg" in html
    assert "/covers/" in html or "cover" in html
    assert '"><script>' not in html


@pytest.mark.parametrize("what", ["poster", "captions", "people"])
def test_the_list_finds_what_pages_lack(desk: Client, what: str) -> None:
    whole = make_movie(title="Whole")
    make_artwork(whole), make_artwork(whole, kind="BACKDROP"), make_caption(whole), make_credit(whole)
    make_artwork(make_movie(title="Bare"), kind="BACKDROP")

    found = desk.get(f"{LIST}?missing={what}").context["cl"].result_list

    assert [movie.title for movie in found] == ["Bare"]


@pytest.mark.parametrize("words", ["amelie", "tautou", "Amél", "fabuleux"])
def test_the_list_finds_as_viewers_do(desk: Client, words: str) -> None:
    movie = make_movie(title="Amélie", original_title="Le Fabuleux Destin")
    make_credit(movie, make_person(name="Audrey Tautou"))
    make_movie(title="Heat")

    assert [found.title for found in desk.get(LIST, {"q": words}).context["cl"].result_list] == ["Amélie"]


# --- Many at once ----------------------------------------------------------------------------------------------------


def schedule(*movies: Movie, **more: str) -> dict[str, Any]:
    line = {"starts_local": "2026-12-03T20:00", "ends_local": "", "time_zone": "Asia/Bangkok", "territories": ""}
    return select("schedule_selected", *movies, **{**line, "how": "add", "confirmed": "1", **more})


def test_many_films_get_one_window(desk: Client, editor: User) -> None:
    films = [make_movie(title=title) for title in "AB"]

    asked = desk.post(LIST, select("schedule_selected", *films, index="0"))
    done = desk.post(LIST, schedule(*films, territories="TH"))

    assert 'name="starts_local"' in asked.content.decode()
    assert [result.outcome for result in done.context["results"]] == ["Scheduled", "Scheduled"]
    windows = AvailabilityWindow.objects.order_by("movie")
    assert [(w.movie, w.starts_at, w.territories) for w in windows] == [
        (film, datetime(2026, 12, 3, 13, 0, tzinfo=UTC), ["TH"]) for film in films
    ]
    assert AuditEntry.objects.filter(action="movie.scheduled", actor=editor).count() == 2


def test_a_film_whose_window_overlaps_is_refused_and_stops_no_other(desk: Client) -> None:
    taken, free = make_movie(title="A"), make_movie(title="B")
    make_window(taken)

    done = desk.post(LIST, schedule(taken, free))

    refused, scheduled = done.context["results"]
    assert refused.is_refused
    assert "overlap" in refused.outcome
    assert refused.before == refused.after
    assert not scheduled.is_refused
    assert (taken.windows.count(), free.windows.count()) == (1, 1)
    assert "1 was refused and is as it was." in done.content.decode()


def test_the_windows_of_many_films_are_replaced(desk: Client) -> None:
    film = make_movie()
    make_window(film)

    desk.post(LIST, schedule(film, how="replace"))

    assert film.windows.get().starts_at == datetime(2026, 12, 3, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"starts_local": ""}, "required"),
        ({"ends_local": "2026-12-01T00:00"}, "later than the start"),
        ({"time_zone": "Bangkok"}, "no time zone"),
        ({"territories": "Siam"}, "no territory"),
        ({"how": "maybe"}, "not one of the available choices"),
        ({"starts_local": "2026-10-25T02:30", "time_zone": "Europe/Berlin"}, "Say which of the two"),
    ],
)
def test_a_faulty_window_for_many_is_asked_for_again(desk: Client, fault: dict[str, str], sentence: str) -> None:
    film = make_movie(title="Overtime")

    asked = desk.post(LIST, schedule(film, **fault))

    assert sentence in asked.content.decode()
    assert "Overtime (Published)" in asked.content.decode()
    assert not film.windows.exists()


@pytest.mark.parametrize("key", ["a\0b", "9" * 400, "١", "-1", "all"])
def test_what_no_list_of_movies_selects_is_refused(client: Client, editor: User, key: str) -> None:
    client.force_login(editor)

    sent = {"action": "hide_selected", "_selected_action": [str(make_movie().pk), key], "confirmed": "1"}
    assert client.post("/admin/catalog/movie/", sent).status_code == 400

    assert not Movie.objects.filter(visibility="HIDDEN").exists()
