"""Who may open the page of which movie, and what caches may keep of it."""

import pytest
from django.test import Client

from catalog import access
from catalog.viewpoints import Viewpoint
from portal.accounts.roles import Role
from portal.errors import NotAllowed, NotFound
from portal.models import User
from tests.factories import AT, make_movie, make_user

pytestmark = pytest.mark.django_db

EVERYBODY = ("viewer", "stranger", "broadcaster", "editor", "operator", "administrator")
RUN_THE_CATALOGUE = frozenset({"editor", "operator", "administrator"})


@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN", "UNLISTED", "PUBLISHED"])
def test_hidden_films_are_there_for_those_who_run_the_catalogue_only(
    request: pytest.FixtureRequest, client: Client, person: str, visibility: str
) -> None:
    user: User = request.getfixturevalue(person)
    make_movie(slug="meridian", visibility=visibility)
    client.force_login(user)

    response = client.get("/movies/meridian/")

    is_open = visibility in {"UNLISTED", "PUBLISHED"} or person in RUN_THE_CATALOGUE
    assert response.status_code == (200 if is_open else 404)


@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN"])
def test_a_hidden_film_and_none_at_all_are_answered_alike(client: Client, visibility: str) -> None:
    make_movie(slug="meridian", title="Secret", visibility=visibility)

    hidden, unknown = client.get("/movies/meridian/"), client.get("/movies/atlantis/")

    assert hidden.status_code == unknown.status_code == 404
    assert "Secret" not in hidden.content.decode()


@pytest.mark.parametrize(
    ("visibility", "is_kept"), [("DRAFT", False), ("HIDDEN", False), ("UNLISTED", True), ("PUBLISHED", True)]
)
def test_no_cache_keeps_what_viewers_may_not_see(client: Client, editor: User, visibility: str, is_kept: bool) -> None:
    make_movie(slug="meridian", visibility=visibility)
    client.force_login(editor)

    kept = client.get("/movies/meridian/").headers["Cache-Control"]

    assert "private" in kept
    assert ("no-store" not in kept) == is_kept


@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN", "UNLISTED"])
def test_editors_are_told_why_viewers_do_not_find_a_film(client: Client, editor: User, visibility: str) -> None:
    make_movie(slug="meridian", visibility=visibility)
    client.force_login(editor)

    note = " ".join(map(str, client.get("/movies/meridian/").context["page"].notes))

    assert visibility.lower() in note.lower()


def test_viewers_are_not_told_that_a_film_is_unlisted(client: Client) -> None:
    make_movie(slug="meridian", visibility="UNLISTED")

    assert client.get("/movies/meridian/").context["page"].notes == ()


def test_only_editors_may_change_a_film_and_only_those_who_know_it_are_told_so(viewer: User, editor: User) -> None:
    draft = make_movie(visibility="DRAFT")
    public = make_movie()

    assert access.get_movie_for_editing(editor, draft.slug, viewpoint=Viewpoint(at=AT)) == draft
    with pytest.raises(NotAllowed):
        access.get_movie_for_editing(viewer, public.slug, viewpoint=Viewpoint(at=AT))
    with pytest.raises(NotFound):
        access.get_movie_for_editing(viewer, draft.slug, viewpoint=Viewpoint(at=AT))
    with pytest.raises(NotAllowed):
        access.get_movie_for_editing(make_user(Role.OPERATOR), draft.slug, viewpoint=Viewpoint(at=AT))
