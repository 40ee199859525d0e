"""The tab "People" of a movie: who did what, in the order of the billing."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Credit, Movie, Person
from portal.models import AuditEntry, User
from tests.catalog.desk import MOVIES, credit, filled_in, rows
from tests.factories import make_credit, make_movie, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def save(desk: Client, movie: Movie, *lines: dict[str, Any], known: int = 0, **overrides: Any) -> Any:
    sent = filled_in(movie, **overrides) | rows("credits", *lines, known=known)
    return desk.post(f"{MOVIES}{movie.pk}/change/", sent)


def billed(movie: Movie) -> list[tuple[str, int, str, str]]:
    credits_ = movie.credits.select_related("person").order_by("role", "billing")
    return [(line.role, line.billing, line.person.name, line.character) for line in credits_]


def faults(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    form = response.context["adminform"].form
    assert form.tab_errors()["people"] >= 1
    assert "People: look at row" in str(form.non_field_errors())
    return {name: list(errors) for row in form.credits for name, errors in row.errors.items()}


def test_people_are_billed_in_the_order_of_their_places(desk: Client, editor: User) -> None:
    movie, ann, bob = make_movie(), make_person(name="Ann"), make_person(name="Bob")

    response = save(
        desk,
        movie,
        credit(ann.pk, character="Mira", ORDER="2"),
        credit(bob.pk, character="Leo", ORDER="1"),
        credit(ann.pk, "DIRECTOR", ORDER="3"),
    )

    assert response.status_code == 302
    assert billed(movie) == [("CAST", 1, "Bob", "Leo"), ("CAST", 2, "Ann", "Mira"), ("DIRECTOR", 1, "Ann", "")]
    assert AuditEntry.objects.get(action="movie.credited").actor == editor


def test_a_line_is_removed_and_empty_lines_are_none(desk: Client) -> None:
    movie = make_movie()
    one, other = make_credit(movie), make_credit(movie)

    # A browser numbers every row, the empty ones too.
    lines = (credit(one.person_id, DELETE="on", ORDER="1"), credit(other.person_id, ORDER="2"), credit(ORDER="3"))
    save(desk, movie, *lines, known=2)

    assert billed(movie) == [("CAST", 1, other.person.name, "")]


def test_somebody_new_is_added_with_the_movie(desk: Client, editor: User) -> None:
    movie = make_movie()

    save(desk, movie, credit(new_person="  Apichatpong   W. ", role="DIRECTOR"), credit(new_person="Apichatpong W."))

    person = Person.objects.get()
    assert person.name == "Apichatpong W."
    assert {line.role for line in person.credits.all()} == {"DIRECTOR", "CAST"}
    assert AuditEntry.objects.get(action="person.created").actor == editor


def test_a_name_that_one_person_has_is_that_person(desk: Client) -> None:
    movie, ann = make_movie(), make_person(name="Ann Lee")

    save(desk, movie, credit(new_person="ann lee"))

    assert movie.credits.get().person == ann
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "field", "sentence"),
    [
        (credit(character="Mira"), "person", "Choose a person"),
        (credit("999999999"), "person", "not there any more"),
        (credit("9" * 30), "person", "not there any more"),
        (credit("1 OR 1=1"), "person", "not there any more"),
        (credit(new_person="Namesake"), "new_person", "Several people have this name"),
        (credit(new_person="x" * 121), "new_person", "at most 120"),
        (credit(new_person="New", role="DIRECTOR", character="Mira"), "character", "Only the cast and narrators"),
        (credit(new_person="New", role="KING"), "role", "not one of the available choices"),
        (credit(new_person="New", ORDER="first"), "ORDER", "whole number"),
    ],
)
def test_a_faulty_line_is_answered_at_its_field(desk: Client, line: dict[str, Any], field: str, sentence: str) -> None:
    make_person(name="Namesake"), make_person(name="namesake")
    movie = make_movie(tagline="Before")

    response = save(desk, movie, line, tagline="After")

    assert sentence in " ".join(faults(response)[field])
    movie.refresh_from_db()
    assert (movie.tagline, movie.credits.count(), Person.objects.count()) == ("Before", 0, 2)


def test_a_person_and_a_new_name_are_one_too_many(desk: Client) -> None:
    movie, ann = make_movie(), make_person(name="Ann")

    assert "not both" in str(faults(save(desk, movie, credit(ann.pk, new_person="Bob"))))


def test_the_same_credit_twice_is_refused_at_the_second_line(desk: Client) -> None:
    movie, ann = make_movie(), make_person(name="Ann")

    response = save(desk, movie, credit(ann.pk, character="Mira"), credit(ann.pk, character="Mira"))

    assert faults(response) == {"person": ["Has this credit already."]}
    assert list(response.context["adminform"].form.credits.faulty_rows()) == [2]


def test_markup_in_a_name_is_text(desk: Client) -> None:
    movie = make_movie()

    save(desk, movie, credit(new_person="<script>alert(1)</script>"))

    html = desk.get(f"{MOVIES}{movie.pk}/change/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html


def test_a_long_cast_costs_the_page_no_more_queries(desk: Client) -> None:
    movie = make_movie()
    make_credit(movie)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(f"{MOVIES}{movie.pk}/change/").status_code == 200
        return len(queries)

    count()
    few = count()
    for _ in range(8):
        make_credit(movie)
    assert count() == few


def test_an_operator_reads_the_credits(client: Client, operator: User) -> None:
    movie = make_movie()
    make_credit(movie, make_person(name="Ann"), role=Credit.Role.DIRECTOR)
    client.force_login(operator)

    html = client.get(f"{MOVIES}{movie.pk}/change/").content.decode()

    assert "Director: Ann" in html
    assert 'name="credits-0-role"' not in html
