"""The audit trail: every write leaves exactly one entry, with who did it, when, and in which request."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from structlog.contextvars import bound_contextvars

from catalog.models import Movie
from catalog.services import genres, movies, tags
from portal import audit
from portal.accounts import roles, services
from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from tests.factories import AT, PASSWORD, make_genre, make_movie, make_tag, make_user

pytestmark = pytest.mark.django_db

REQUEST_ID = "0123456789abcdef"
Write = Callable[[User], object]

# Every service that writes, with the entry that it leaves.
WRITES: dict[str, Write] = {
    "movie.created": lambda by: movies.create_movie(title="Meridian", year=2020, by=by, at=AT),
    "movie.updated": lambda by: movies.update_movie(
        movie_id=make_movie().pk, changes={"title": "New", "genres": [make_genre()]}, by=by, at=AT
    ),
    "movie.published": lambda by: movies.publish_movie(movie_id=make_movie(visibility="DRAFT").pk, by=by, at=AT),
    "movie.hidden": lambda by: movies.hide_movie(movie_id=make_movie().pk, by=by, at=AT),
    "movie.unlisted": lambda by: movies.change_visibility(
        movie_id=make_movie().pk, visibility=Movie.Visibility.UNLISTED, by=by, at=AT
    ),
    "movie.returned_to_draft": lambda by: movies.change_visibility(
        movie_id=make_movie(visibility="HIDDEN", published_at=None).pk,
        visibility=Movie.Visibility.DRAFT,
        by=by,
        at=AT,
    ),
    "genre.created": lambda by: genres.create_genre(name="Drama", by=by, at=AT),
    "genre.renamed": lambda by: genres.rename_genre(genre_id=make_genre().pk, name="Drama", by=by, at=AT),
    "tag.created": lambda by: tags.ensure_tags(names=["heist"], by=by, at=AT),
    "tag.renamed": lambda by: tags.rename_tag(tag_id=make_tag().pk, name="heist", by=by, at=AT),
    "tag.merged": lambda by: tags.merge_tags(tag_id=make_tag().pk, into_id=make_tag().pk, by=by, at=AT),
    "user.password_changed": lambda by: services.change_password(user=make_user(), password=PASSWORD, by=by, at=AT),
    "user.profile_changed": lambda by: services.update_profile(user=by, values={"display_name": "Ada"}, at=AT),
    "user.role_assigned": lambda by: roles.assign(make_user(), Role.EDITOR, by=by, at=AT),
    "user.role_withdrawn": lambda by: roles.withdraw(by, Role.VIEWER, by=by, at=AT),
}


@pytest.fixture
def actor() -> User:
    user = make_user(Role.VIEWER, username="ada")
    AuditEntry.objects.all().delete()
    return user


@pytest.mark.parametrize("action", WRITES)
def test_each_write_leaves_one_entry_of_its_name(actor: User, action: str) -> None:
    with bound_contextvars(request_id=REQUEST_ID):
        WRITES[action](actor)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.actor_label, entry.at) == (action, actor, "ada", AT)
    assert entry.request_id == REQUEST_ID
    assert entry.object_id
    assert entry.object_label
    assert PASSWORD not in json.dumps([entry.before, entry.after])


@pytest.mark.parametrize("action", WRITES)
def test_a_write_that_is_rolled_back_leaves_nothing(actor: User, action: str) -> None:
    with transaction.atomic():
        WRITES[action](actor)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("action", WRITES)
def test_a_write_is_one_transaction_with_its_entry(actor: User, action: str) -> None:
    """The test's own transaction counts for nothing: the service opens one that holds the entry."""
    with CaptureQueriesContext(connection) as queries:
        WRITES[action](actor)
    depth, alone = 0, []
    for sql in (query["sql"] for query in queries):
        depth += sql.startswith("SAVEPOINT") - sql.startswith("RELEASE SAVEPOINT")
        if not depth and sql.startswith(("INSERT", "UPDATE", "DELETE")) and "portal_auditentry" in sql:
            alone.append(sql)
    assert alone == []


def test_an_entry_outside_of_a_transaction_is_a_fault_of_the_program(transactional_db: None) -> None:
    with pytest.raises(AssertionError, match="inside a transaction"):
        audit.record("test.done", None, by=None, at=AT)


def test_the_system_has_no_name_and_nothing_has_no_object() -> None:
    entry = audit.record("audit.pruned", None, by=None, at=AT)
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_label, entry.object_type, entry.object_id, entry.object_label) == (
        *(None, "", "", "", ""),
    )
    assert (str(entry), entry.request_id) == ("audit.pruned", "")


def test_a_long_label_is_cut_to_what_the_trail_holds() -> None:
    movie = make_movie(title="x" * 200)
    movie.title = "é" * 500
    assert audit.record("movie.updated", movie, by=None, at=AT).object_label == "é" * 200


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, ({}, {})),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ({"b": 2}, {"b": 3})),
        ({}, {"a": 1}, ({"a": None}, {"a": 1})),
        ({"a": 1, "gone": 2}, {"a": 2}, ({"a": 1}, {"a": 2})),
        ({"a": [1, 2]}, {"a": [2, 1]}, ({"a": [1, 2]}, {"a": [2, 1]})),
    ],
)
def test_the_trail_holds_the_fields_that_differ(
    before: dict[str, object], after: dict[str, object], expected: tuple[dict[str, object], dict[str, object]]
) -> None:
    assert audit.changed_fields(before, after) == expected


@pytest.mark.parametrize(
    ("age", "is_kept"),
    [
        (timedelta(days=90), True),
        (timedelta(days=90, microseconds=1), False),
        (timedelta(days=89, hours=23), True),
        (timedelta(days=-1), True),
        (timedelta(days=900), False),
    ],
)
def test_an_entry_is_kept_to_the_last_moment_of_its_time(age: timedelta, is_kept: bool) -> None:
    AuditEntry.objects.all().delete()
    AuditEntry.objects.create(at=AT - age, action="test.done")
    assert audit.forget_older_than(days=90, at=AT) == (0 if is_kept else 1)
    assert AuditEntry.objects.exists() is is_kept


# --- Through the doors ------------------------------------------------------------------------------------------------


def entries_of(response: Any) -> list[tuple[str, str]]:
    """Return what the trail holds of this request."""
    found = AuditEntry.objects.filter(request_id=response.headers["X-Request-ID"]).order_by("pk")
    return [(entry.action, entry.actor_label) for entry in found]


def test_a_call_of_the_api_is_in_the_trail_by_its_request(client: Client, editor: User) -> None:
    client.force_login(editor)
    made = client.post("/api/v1/movies/", {"title": "Meridian", "year": 2020}, content_type="application/json")
    assert entries_of(made) == [("movie.created", "editor")]
    path = f"/api/v1/movies/{made.json()['slug']}/"
    changed = client.patch(path, {"year": 2021}, content_type="application/json")
    assert entries_of(changed) == [("movie.updated", "editor")]
    refused = client.patch(path, {"year": 1}, content_type="application/json")
    assert entries_of(refused) == []
    assert entries_of(client.get(path)) == []


def test_a_form_of_the_admin_is_in_the_trail_by_its_request(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    assert entries_of(client.post("/admin/catalog/genre/add/", {"name": "Drama", "slug": "drama"})) == [
        ("genre.created", "administrator")
    ]
    assert entries_of(client.post("/admin/auth/group/add/", {"name": "Friends"})) == [
        ("group.created", "administrator")
    ]
    group = Group.objects.get(name="Friends")
    selected = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    assert entries_of(client.post("/admin/auth/group/", selected)) == [("group.deleted", "administrator")]


def test_every_way_in_and_out_is_in_the_trail_by_its_request(client: Client) -> None:
    make_user(username="ada", password=PASSWORD)
    wrong = client.post("/accounts/login/", {"name": "ada", "password": "a wrong password"})
    assert entries_of(wrong) == [("user.sign_in_failed", "")]
    right = client.post("/accounts/login/", {"name": "ada", "password": PASSWORD})
    assert entries_of(right) == [("user.signed_in", "ada")]
    assert entries_of(client.post("/accounts/logout/")) == [("user.signed_out", "ada")]
    sent = {"username": "ada", "password": PASSWORD}
    by_token = client.post("/api/v1/auth/token/", sent, content_type="application/json")
    assert entries_of(by_token) == [("user.signed_in", "ada")]
