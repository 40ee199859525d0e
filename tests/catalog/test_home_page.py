"""The home page: what stands on its stage and shelves, and for how long what was made is used again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from catalog import pages
from catalog.models import Movie
from catalog.pages import shelves
from catalog.pages.shelves import Row
from catalog.services import movies
from catalog.services.genres import rename_genre
from catalog.viewpoints import Viewpoint
from portal import clock
from portal.models import User
from streaming.models import Stream
from tests.factories import AT, make_channel, make_genre, make_movie, make_window

NOW = Viewpoint(at=AT)


def rows(viewpoint: Viewpoint = NOW) -> dict[str, list[str]]:
    return {str(row.title): [card.title for card in row.movies] for row in pages.read_programme(viewpoint).rows}


def html_of(client: Client, path: str = "/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
def test_an_empty_catalogue_has_a_home_page(client: Client) -> None:
    page = client.get("/").context["page"]

    assert (page.hero, page.shelves.strip(), page.rows) == (None, "", ())


@pytest.mark.django_db
def test_the_newest_film_is_on_the_stage_and_in_no_row_of_the_newest() -> None:
    for days, title in enumerate(("Third", "Second", "First")):
        make_movie(title=title, published_at=AT - timedelta(days=3 - days))

    programme = pages.read_programme(NOW)

    assert programme.hero is not None
    assert programme.hero.card.title == "First"
    assert rows() == {"New": ["Second", "Third"]}


@pytest.mark.django_db
def test_genres_with_films_enough_get_a_shelf_the_fullest_first() -> None:
    drama, comedy, music = (make_genre(name=name) for name in ("Drama", "Comedy", "Music"))
    for title in ("A", "B", "C"):
        make_movie(title=title, genres=(drama, comedy, music) if title < "C" else (drama, comedy))
    make_movie(title="D", genres=(drama,))
    make_movie(title="Hidden", genres=(music,), visibility="HIDDEN")

    assert list(rows()) == ["New", "Drama", "Comedy"]
    assert rows()["Drama"] == ["D", "C", "B", "A"]


@pytest.mark.django_db
def test_what_leaves_and_what_comes_stand_on_shelves_of_their_own_the_next_first() -> None:
    for days in (9, 2, 40):
        make_window(make_movie(title=f"Leaves in {days}"), ends_at=AT + timedelta(days=days))
        coming = make_movie(title=f"Comes in {days}", is_announced=True)
        make_window(coming, starts_at=AT + timedelta(days=days))
    make_window(make_movie(title="A surprise"), starts_at=AT + timedelta(days=1))

    found = rows()

    assert found["Leaving soon"] == ["Leaves in 2", "Leaves in 9"]
    assert found["Coming soon"] == ["Comes in 2", "Comes in 9", "Comes in 40"]
    assert "A surprise" not in str(found)


@pytest.mark.django_db
def test_a_channel_that_is_on_air_stands_above_the_programme(client: Client, editor: User) -> None:
    make_movie()
    channel = make_channel(title="Studio One")
    stream = Stream.objects.create(
        id="0198c7b2-a3f9-4e0d-8a4e-6a3c52f1d7aa", channel=channel, started_at=AT, active_at=AT, state="ACTIVE"
    )

    assert "Live now" in html_of(client)
    client.force_login(editor)
    assert "Live now" not in html_of(client, "/?at=2026-12-01T20:00")
    Stream.objects.filter(pk=stream.pk).update(state="ENDED", ended_at=AT)
    assert "Live now" not in html_of(client)


@pytest.mark.django_db
def test_an_app_can_put_a_shelf_on_the_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "_providers", [])
    shelves.register(lambda _viewpoint: Row(title="Empty", movies=()))

    assert client.get("/").context["page"].rows == ()


# --- Made once, used as long as it is true ----------------------------------------------------------------------------


@pytest.fixture
def queries(client: Client, django_assert_num_queries: Callable[..., object]) -> Callable[[], str]:
    """Open the page and return it, where it may ask for nothing but who is on air."""

    def look() -> str:
        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            return html_of(client)

    return look


@pytest.mark.django_db
def test_a_page_that_is_true_still_is_not_read_again(client: Client, queries: Callable[[], str]) -> None:
    make_movie(title="Meridian")

    assert "Meridian" in html_of(client)
    assert "Meridian" in queries()


@pytest.mark.django_db
def test_another_version_of_the_portal_makes_the_page_itself(
    client: Client, settings: Settings, queries: Callable[[], str]
) -> None:
    html_of(client)
    queries()

    settings.NOVA_VERSION = "99.0"

    with pytest.raises(pytest.fail.Exception, match="were done"):
        queries()


@pytest.mark.django_db(transaction=True)
def test_every_edit_is_seen_by_the_next_visitor(client: Client) -> None:
    movie = make_movie(title="Meridian")
    assert "Meridian" in html_of(client)

    movies.update_movie(movie_id=movie.pk, changes={"title": "Longitude"}, by=None, at=AT)
    assert "Longitude" in html_of(client)
    movies.hide_movie(movie_id=movie.pk, by=None, at=AT)
    assert "Longitude" not in html_of(client)


@pytest.mark.django_db(transaction=True)
def test_a_genre_that_is_renamed_while_nobody_looks_is_so_for_the_next_visitor(client: Client) -> None:
    genre = make_genre(name="Thriller")
    make_movie(genres=(genre,))
    assert "Thriller" in html_of(client)

    rename_genre(genre_id=genre.pk, name="Suspense", by=None, at=AT)

    assert "Thriller" not in html_of(client)


@pytest.mark.django_db
def test_a_visitor_who_came_just_before_a_publication_keeps_it_from_nobody(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_movie(title="Overtime")
    make_movie(title="Meridian", published_at=AT + timedelta(milliseconds=5))
    moment = AT
    monkeypatch.setattr(clock, "now", lambda: moment)

    assert "Meridian" not in html_of(client)
    moment = AT + timedelta(seconds=1)
    assert "Meridian" in html_of(client)


@pytest.mark.django_db
def test_the_edge_of_a_window_is_seen_by_the_next_visitor(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_window(make_movie(title="Meridian"), ends_at=AT + timedelta(seconds=20))
    make_movie(title="Overtime")
    moment = AT
    monkeypatch.setattr(clock, "now", lambda: moment)

    assert "Meridian" in html_of(client)
    moment = AT + timedelta(seconds=19)
    assert "Meridian" in html_of(client)
    moment = AT + timedelta(seconds=20)
    assert "Meridian" not in html_of(client)


@pytest.mark.django_db
def test_each_territory_and_language_has_its_own(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.NOVA_TERRITORY_HEADER = "CF-IPCountry"  # type: ignore[attr-defined]
    make_window(make_movie(title="Meridian"), territories=["TH"])
    make_movie(title="Overtime")

    def look(**headers: str) -> str:
        return client.get("/", headers=headers).content.decode()

    assert "Meridian" in look(**{"CF-IPCountry": "TH"})
    assert "Meridian" not in look(**{"CF-IPCountry": "LA"})
    assert "Meridian" not in look()
    assert 'lang="th"' in look(**{"Accept-Language": "th"})


@pytest.mark.django_db
def test_a_preview_is_neither_kept_nor_answered_from_what_is(client: Client, editor: User) -> None:
    make_window(make_movie(title="Meridian"), starts_at=clock.now() + timedelta(days=3))
    make_movie(title="Overtime")
    client.force_login(editor)
    later = (clock.now() + timedelta(days=4)).strftime("%Y-%m-%dT%H:%M")

    assert "Meridian" not in html_of(client)
    assert "Meridian" in html_of(client, f"/?at={later}")
    assert "Meridian" not in html_of(client)


@pytest.mark.django_db
def test_the_page_of_a_full_catalogue_is_light(client: Client) -> None:
    shelf = [make_genre() for _ in range(8)]
    for number in range(30):
        make_movie(title=f"A film with a title of the usual length {number}", genres=tuple(shelf))

    assert Movie.objects.count() == 30
    assert len(client.get("/").content) < 60_000
