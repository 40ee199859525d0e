"""Which doors of the catalogue open to whom: asked of the doors themselves, whatever page stands before them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from catalog import access
from catalog.models import Movie
from catalog.services.uploads import Announcement, create_upload
from catalog.viewpoints import Viewpoint
from portal.errors import NotAllowed, NotFound
from tests.factories import AT, make_movie, make_window

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

NOW = Viewpoint(at=AT + timedelta(hours=1))
PREVIEW = Viewpoint(at=NOW.at, is_preview=True)
EVERYBODY = ("nobody", "stranger", "viewer", "broadcaster", "operator", "editor", "administrator")
RUN_IT = {"operator", "editor", "administrator"}
CHANGE_IT = {"editor", "administrator"}
HOUR = timedelta(hours=1)


@pytest.fixture(params=EVERYBODY)
def somebody(request: pytest.FixtureRequest) -> tuple[str, Any]:
    """A role and one who holds it."""
    role: str = request.param
    return role, AnonymousUser() if role == "nobody" else request.getfixturevalue(role)


def opens(door: Callable[[], object]) -> bool:
    try:
        door()
    except (NotFound, NotAllowed):
        return False
    return True


def film(kind: str) -> Movie:
    """Make a film that is seen, or is not, for one reason each."""
    if kind in Movie.Visibility.values:
        return make_movie(visibility=kind)
    movie = make_movie(is_announced=kind == "announced")
    spans: dict[str, dict[str, Any]] = {
        "open": {"starts_at": AT},
        "over": {"starts_at": AT - HOUR, "ends_at": AT},
        "later": {"starts_at": AT + 2 * HOUR},
        "announced": {"starts_at": AT + 2 * HOUR},
        "elsewhere": {"starts_at": AT, "territories": ["TH"]},
    }
    make_window(movie, **spans[kind])
    return movie


SEEN_BY_ALL = {"PUBLISHED", "UNLISTED", "open", "announced"}
KINDS = (*Movie.Visibility.values, "open", "over", "later", "announced", "elsewhere")


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_open_the_page_of_a_film(somebody: tuple[str, Any], kind: str) -> None:
    role, user = somebody
    slug = film(kind).slug

    may = opens(lambda: access.get_movie_for_viewing(user, slug, viewpoint=NOW))

    assert may is (kind in SEEN_BY_ALL or role in RUN_IT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_shows_nobody_more_than_viewers_see(somebody: tuple[str, Any], kind: str) -> None:
    _, user = somebody
    slug = film(kind).slug

    assert opens(lambda: access.get_movie_for_viewing(user, slug, viewpoint=PREVIEW)) is (kind in SEEN_BY_ALL)


@pytest.mark.parametrize("kind", ["PUBLISHED", "DRAFT"])
def test_who_may_change_a_film(somebody: tuple[str, Any], kind: str) -> None:
    role, user = somebody
    slug = film(kind).slug

    assert opens(lambda: access.get_movie_for_editing(user, slug, viewpoint=NOW)) is (role in CHANGE_IT)


def test_those_who_may_not_know_a_film_are_not_told_that_they_may_not_change_it(somebody: tuple[str, Any]) -> None:
    role, user = somebody
    slug = film("DRAFT").slug
    if role in CHANGE_IT:
        return
    with pytest.raises(NotAllowed if role in RUN_IT else NotFound):
        access.get_movie_for_editing(user, slug, viewpoint=NOW)


def test_who_may_add_films_and_send_files(somebody: tuple[str, Any]) -> None:
    role, user = somebody

    assert opens(lambda: access.require_may_add_movies(user)) is (role in CHANGE_IT)
    assert opens(lambda: access.require_may_upload(user)) is (role in CHANGE_IT)


def test_who_sees_what_is_hidden(somebody: tuple[str, Any]) -> None:
    role, user = somebody
    assert access.sees_hidden_movies(user) is (role in RUN_IT)


def test_an_upload_is_its_owners_alone(editor: Any, administrator: Any, viewer: Any) -> None:
    announced = Announcement(file_name="film.mp4", size_bytes=10)
    upload = create_upload(announced=announced, owner=editor, at=AT)

    assert access.get_upload_of(editor, upload.pk) == upload
    for other in (administrator, viewer):
        with pytest.raises(NotFound):
            access.get_upload_of(other, upload.pk)


def test_every_address_that_a_film_had_opens_its_page(viewer: Any) -> None:
    movie = make_movie(slug="now")
    movie.slugs.create(slug="then")

    assert access.get_movie_for_viewing(viewer, "then", viewpoint=NOW).slug == "now"
    with pytest.raises(NotFound):
        access.get_movie_for_viewing(viewer, "never", viewpoint=NOW)


def test_a_territory_opens_what_is_for_it(viewer: Any) -> None:
    slug = film("elsewhere").slug
    there = Viewpoint(at=NOW.at, territory="TH")

    assert access.get_movie_for_viewing(viewer, slug, viewpoint=there).slug == slug
    with pytest.raises(NotFound):
        access.get_movie_for_viewing(viewer, slug, viewpoint=Viewpoint(at=NOW.at, territory="DE"))
