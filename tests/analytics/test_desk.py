"""What the first page of the admin tells whom."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.queries import Desk, read_desk
from catalog.services import movies
from portal import audit
from portal.models import User
from tests.factories import AT, make_genre, make_movie

pytestmark = pytest.mark.django_db


def fail_sign_in(name: str, *, hours_ago: float = 1) -> None:
    with transaction.atomic():
        audit.record("user.sign_in_failed", User(username=name), by=None, at=AT - timedelta(hours=hours_ago))


def counts(desk: Desk) -> dict[str, int]:
    assert desk.attention is not None
    return {str(kind.label): kind.count for kind in desk.attention}


def test_a_complete_catalogue_needs_nothing(editor: User) -> None:
    make_movie(genres=(make_genre(),))

    assert read_desk(editor, at=AT).attention == ()


def test_what_needs_attention_is_counted_and_leads_to_the_list_of_just_that(client: Client, editor: User) -> None:
    genre = make_genre()
    make_movie(genres=(genre, make_genre()))
    make_movie(genres=(genre,), visibility="HIDDEN")
    for _ in range(2):
        make_movie(genres=(genre,), visibility="DRAFT")
    for _ in range(3):
        make_movie(genres=(genre,), synopsis="")
    for _ in range(4):
        make_movie()
    client.force_login(editor)

    desk = read_desk(editor, at=AT)

    assert counts(desk) == {"Hidden": 1, "Drafts": 2, "Without a synopsis": 3, "Without a genre": 4}
    for kind in desk.attention or ():
        listed = client.get(kind.url).context["cl"].result_list
        assert len(listed) == kind.count, kind.label


def test_the_latest_changes_are_told_in_words_newest_first(editor: User) -> None:
    movie = make_movie(title="Meridian")
    movies.update_movie(movie_id=movie.pk, changes={"tagline": "x"}, by=editor, at=AT)
    movies.hide_movie(movie_id=movie.pk, by=None, at=AT + timedelta(minutes=1))

    changes = read_desk(editor, at=AT).changes

    assert changes is not None
    assert [(change.subject, str(change.what), change.who) for change in changes] == [
        ("Meridian", "Hidden", ""),
        ("Meridian", "Changed", "editor"),
    ]
    assert changes[0].history_url == f"/admin/catalog/movie/{movie.pk}/history/"


def test_refused_sign_ins_of_the_last_day_are_counted_by_name(operator: User) -> None:
    for name, times in (("admin", 3), ("ada", 1)):
        for _ in range(times):
            fail_sign_in(name)
    fail_sign_in("yesterday", hours_ago=25)

    failures = read_desk(operator, at=AT).failures

    assert failures is not None
    assert (failures.count, failures.names) == (4, (("admin", 3), ("ada", 1)))


def test_the_way_to_refused_sign_ins_shows_just_them(client: Client, operator: User) -> None:
    fail_sign_in("admin")
    make_movie()
    client.force_login(operator)

    failures = read_desk(operator, at=AT).failures
    assert failures is not None
    entries = client.get(failures.url).context["cl"].result_list

    assert [entry.action for entry in entries] == ["user.sign_in_failed"]


@pytest.mark.parametrize(
    ("person", "knows_catalogue", "knows_sign_ins"),
    [("viewer", False, False), ("stranger", False, False), ("editor", True, False), ("operator", True, True)],
)
def test_everybody_is_told_what_is_theirs_to_know(
    request: pytest.FixtureRequest, person: str, knows_catalogue: bool, knows_sign_ins: bool
) -> None:
    desk = read_desk(request.getfixturevalue(person), at=AT)

    assert (desk.attention is not None, desk.changes is not None) == (knows_catalogue, knows_catalogue)
    assert (desk.failures is not None) == knows_sign_ins


def test_a_larger_catalogue_costs_the_desk_no_more_queries(operator: User) -> None:
    def count() -> int:
        person = User.objects.get(pk=operator.pk)
        person.has_perm("catalog.view_movie")
        with CaptureQueriesContext(connection) as queries:
            read_desk(person, at=AT)
        return len(queries)

    few = count()
    for _ in range(5):
        movie = make_movie(genres=(make_genre(),))
        movies.hide_movie(movie_id=movie.pk, by=operator, at=AT)
        fail_sign_in("admin")

    assert count() == few == 4


def test_the_first_page_of_the_admin_shows_the_desk(client: Client, operator: User) -> None:
    movie = make_movie(title="Meridian <1>", visibility="DRAFT", genres=(make_genre(),))
    movies.update_movie(movie_id=movie.pk, changes={"tagline": "x"}, by=operator, at=AT)
    client.force_login(operator)

    html = client.get("/admin/").content.decode()

    assert "Drafts: 1" in html
    assert "Without a genre" not in html
    assert "Meridian &lt;1&gt;" in html
    assert "Refused sign-ins of the last 24 hours" in html


def test_a_desk_without_work_says_so(client: Client, editor: User) -> None:
    client.force_login(editor)

    html = client.get("/admin/").content.decode()

    assert "Nothing: every film is on the programme" in html
    assert "Refused sign-ins" not in html
