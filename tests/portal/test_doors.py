"""Every door of the portal but those of the API: who may go through, by page and by person."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from catalog.models import Genre, Movie, Person, Tag, Upload
from portal.models import AuditEntry, User
from tests.factories import AT, make_channel, make_genre, make_movie, make_person, make_tag, make_upload, make_user

pytestmark = pytest.mark.django_db

CALLERS = ("anonymous", "stranger", "viewer", "editor", "broadcaster", "operator", "administrator")


def sign_in(request: pytest.FixtureRequest, caller: str) -> Client:
    client = Client()
    if caller != "anonymous":
        person: User = request.getfixturevalue(caller)
        client.force_login(person)
    return client


# --- Pages ------------------------------------------------------------------------------------------------------------

_ALL = (200,) * 7
_SIGNED_IN = (302, *(200,) * 6)
# The statuses that `CALLERS` get, in their order.
PAGES: dict[str, tuple[int, ...]] = {
    "catalog:home": _ALL,
    "catalog:movie-list": _ALL,
    "catalog:movie-detail": _ALL,
    "catalog:genre-detail": _ALL,
    "catalog:person-detail": (404, 404, 404, 200, 404, 200, 200),
    "catalog:movie-feed": _ALL,
    "catalog:robots": _ALL,
    "catalog:sitemap-index": _ALL,
    "catalog:sitemap-part": _ALL,
    "portal:cover": _ALL,
    "portal:preferences": (405,) * 7,
    "portal:gallery": (404, 404, 404, 404, 404, 200, 200),
    "portal:problem-list": _ALL,
    "portal:problem-detail": _ALL,
    "streaming:embed": _ALL,
    "streaming:oembed": (404,) * 7,
    "streaming:live": _ALL,
    "streaming:channel": _ALL,
    # Open to all who know the address of a file that is there.
    "streaming:channel-picture": (404,) * 7,
    "streaming:studio": _SIGNED_IN,
    # The broadcaster is not its owner.
    "streaming:studio-channel": (302, 403, 403, 200, 403, 403, 200),
    "streaming:studio-end": (405,) * 7,
    "streaming:studio-picture": (405,) * 7,
    "streaming:studio-key-revoke": (405,) * 7,
    "streaming:studio-plan-call-off": (405,) * 7,
    "streaming:studio-test": (405,) * 7,
    "analytics:dashboard": (404, 404, 404, 404, 404, 200, 200),
    "analytics:definitions": _ALL,
    "analytics:movie": (404, 404, 404, 200, 404, 200, 200),
    # There is no such stream.
    "analytics:stream": (404,) * 7,
    "audience:counting": _ALL,
    "audience:forget-me": (405,) * 7,
    "accounts:login": _ALL,
    "accounts:logout": (405,) * 7,
    "accounts:profile": _SIGNED_IN,
    "accounts:password-change": _SIGNED_IN,
}
_PLACES: dict[str, list[str | int]] = {
    "catalog:movie-detail": ["meridian"],
    "streaming:embed": ["meridian"],
    "streaming:channel": ["harbour"],
    "streaming:studio-channel": ["harbour"],
    "streaming:studio-end": ["harbour"],
    "streaming:channel-picture": [1, "0123456789abcdef", "640.jpg"],
    "streaming:studio-picture": ["harbour"],
    "streaming:studio-key-revoke": ["harbour", 1],
    "streaming:studio-plan-call-off": ["harbour", str(UUID(int=1))],
    "streaming:studio-test": ["harbour"],
    "catalog:genre-detail": ["drama"],
    "catalog:person-detail": ["uncredited"],
    "catalog:sitemap-part": ["movies", 1],
    "analytics:movie": ["meridian"],
    "analytics:stream": [str(UUID(int=1))],
    "portal:problem-detail": ["not-found"],
    "portal:cover": ["poster", "0123456789abcdef", "00000000"],
}


@pytest.mark.parametrize("name", PAGES)
def test_who_may_open_which_page(request: pytest.FixtureRequest, name: str) -> None:
    make_movie(slug="meridian", genres=(make_genre(slug="drama"),))
    make_person(slug="uncredited")
    make_channel(slug="harbour")
    for caller, status in zip(CALLERS, PAGES[name], strict=True):
        response = sign_in(request, caller).get(reverse(name, args=_PLACES.get(name)))
        assert response.status_code == status, caller
        if status == 302:
            assert response.headers["Location"].startswith("/accounts/login/?next=")


def _page_names() -> Iterator[str]:
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLResolver) and str(entry.pattern) in {"", "accounts/"}:
            yield from (f"{entry.namespace}:{page.name}" for page in entry.url_patterns if isinstance(page, URLPattern))


def test_the_table_knows_every_page() -> None:
    assert sorted(_page_names()) == sorted(PAGES)


# --- The admin --------------------------------------------------------------------------------------------------------

_ON_MANY = frozenset({"changelist", "add"})
_ON_ONE = frozenset({"change", "history", "delete"})
_WRITES = frozenset({"changelist", "add", "change", "history"})
_READS = frozenset({"changelist", "change", "history"})
# Administrators may do all that anybody may here.
DESKS: dict[type[Model], dict[str, frozenset[str]]] = {
    Movie: {"editor": _WRITES, "operator": _READS, "administrator": _WRITES},
    Genre: {"editor": _WRITES, "operator": _READS, "administrator": _WRITES},
    Person: {"editor": _WRITES | {"delete"}, "operator": _READS, "administrator": _WRITES | {"delete"}},
    # Tags are made by being used, and merged in their list.
    Tag: {"editor": _READS, "operator": _READS, "administrator": _READS},
    # Uploads come in over the API, and are removed in their list.
    Upload: {"editor": _READS, "operator": _READS, "administrator": _READS},
    AuditEntry: {"operator": _READS, "administrator": _READS},
    User: {"administrator": _WRITES | {"delete"}},
    Group: {"administrator": _WRITES | {"delete"}},
}
# Tested beside their own apps.
_ELSEWHERE = {"streaming"}


def _subject(model: type[Model]) -> Model:
    if model is Movie:
        return make_movie()
    if model is Genre:
        return make_genre()
    if model is Person:
        return make_person()
    if model is Tag:
        return make_tag()
    if model is Upload:
        return make_upload()
    if model is User:
        return make_user()
    if model is Group:
        return Group.objects.create(name="Friends")
    return AuditEntry.objects.create(at=AT, action="test.done")


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("model", DESKS, ids=lambda model: model.__name__)
def test_who_may_do_what_at_which_desk(request: pytest.FixtureRequest, model: type[Model], caller: str) -> None:
    subject, client = _subject(model), sign_in(request, caller)
    opts, count = model._meta, model._default_manager.count()
    may = DESKS[model].get(caller, frozenset())
    is_staff = caller in {"editor", "operator", "administrator"}
    for page in sorted(_ON_MANY | _ON_ONE):
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[subject.pk] if page in _ON_ONE else [])
        expected = 200 if page in may else 403 if is_staff else 302
        assert client.get(url).status_code == expected, page
        if page not in may:
            sent = {"post": "yes", "name": "Other", "title": "Other", "year": "2020"}
            assert client.post(url, sent).status_code == expected, page
    assert model._default_manager.count() == count


def test_the_table_knows_every_desk() -> None:
    desks = {model for model in admin.site._registry if model._meta.app_label not in _ELSEWHERE}
    assert desks == set(DESKS)


@pytest.mark.parametrize("caller", CALLERS)
def test_the_admins_first_page_is_for_those_who_work_there(request: pytest.FixtureRequest, caller: str) -> None:
    response = sign_in(request, caller).get("/admin/")
    assert response.status_code == (200 if caller in {"editor", "operator", "administrator"} else 302)


@pytest.mark.parametrize(
    ("field", "model"), [("genres", "catalog.movie"), ("groups", "portal.user"), ("owner", "streaming.channel")]
)
@pytest.mark.parametrize("caller", ["viewer", "broadcaster", "operator", "editor"])
def test_autocompletion_tells_nobody_what_its_desk_would_not(
    request: pytest.FixtureRequest, caller: str, field: str, model: str
) -> None:
    make_genre(name="Secret genre")
    app, name = model.split(".")
    query = {"app_label": app, "model_name": name, "field_name": field, "term": ""}
    response = sign_in(request, caller).get("/admin/autocomplete/", query)
    may_know = field == "genres" and caller in {"editor", "operator"}
    assert (response.status_code == 200) is may_know


def test_bulk_changes_are_refused_to_those_who_only_look(client: Client, operator: User) -> None:
    movie = make_movie()
    client.force_login(operator)
    for action in ("hide_selected", "publish_selected", "delete_selected"):
        client.post("/admin/catalog/movie/", {"action": action, "_selected_action": [movie.pk], "confirmed": "1"})
    movie.refresh_from_db()
    assert (movie.visibility, movie.version) == ("PUBLISHED", 1)


def test_an_editor_gives_nobody_a_password_or_a_role_by_guessing_the_address(
    client: Client, editor: User, viewer: User
) -> None:
    client.force_login(editor)
    for path in (f"portal/user/{viewer.pk}/password/", f"portal/user/{editor.pk}/change/", "auth/group/add/"):
        sent = {"password1": "x" * 12, "password2": "x" * 12, "username": "x", "is_superuser": "on", "name": "x"}
        assert client.post(f"/admin/{path}", sent).status_code == 403
    viewer.refresh_from_db()
    assert not viewer.has_usable_password()
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_session_ends_with_its_account(client: Client, editor: User) -> None:
    client.force_login(editor)
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=editor.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/auth/me/").status_code == 401
    assert client.get("/movies/").status_code == 200


def test_a_role_that_was_taken_away_closes_its_doors_at_once(client: Client, editor: User) -> None:
    from portal.accounts import roles

    hidden = make_movie(visibility="HIDDEN")
    client.force_login(editor)
    assert client.get(hidden.get_absolute_url()).status_code == 200
    roles.withdraw(editor, roles.Role.EDITOR, by=None, at=AT)
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert client.get("/admin/catalog/movie/").status_code == 302
