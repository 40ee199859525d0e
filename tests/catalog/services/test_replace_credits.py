"""Giving a movie its credits."""

from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from catalog.errors import CreditTwice, MovieChangedMeanwhile, PersonIsCredited
from catalog.models import Credit, Movie
from catalog.services.credits import CreditPlan, read_credits, replace_credits
from catalog.services.people import delete_person
from portal.errors import InvalidInput
from portal.models import AuditEntry, User
from tests.concurrency import start_and_wait
from tests.factories import AT, make_credit, make_movie, make_person

pytestmark = pytest.mark.django_db

Role = Credit.Role


def write(movie: Movie, *plans: CreditPlan, **rest: Any) -> Movie:
    return replace_credits(movie_id=movie.pk, plans=plans, **{"by": None, "at": AT} | rest)


def lines(movie: Movie) -> list[tuple[str, str, int]]:
    return [(credit.role, credit.person.slug, credit.billing) for credit in read_credits(movie)]


def test_credits_are_billed_in_their_order_within_each_role(editor: User) -> None:
    movie, ada, ben = make_movie(), make_person(slug="ada"), make_person(slug="ben")

    write(
        movie,
        CreditPlan(person=ben, role=Role.CAST, character="Captain"),
        CreditPlan(person=ada, role=Role.DIRECTOR),
        CreditPlan(person=ada, role=Role.CAST),
        by=editor,
    )

    assert lines(movie) == [("DIRECTOR", "ada", 1), ("CAST", "ben", 1), ("CAST", "ada", 2)]
    entry = AuditEntry.objects.get(action="movie.credited")
    assert entry.after == {"credits": ["DIRECTOR ada", "CAST ben: Captain", "CAST ada"]}
    assert Movie.objects.get().version == 2


def test_another_order_is_another_billing() -> None:
    movie, ada, ben = make_movie(), make_person(slug="ada"), make_person(slug="ben")
    plans = (CreditPlan(person=ada, role=Role.CAST), CreditPlan(person=ben, role=Role.CAST))
    write(movie, *plans)

    write(movie, *reversed(plans))

    assert lines(movie) == [("CAST", "ben", 1), ("CAST", "ada", 2)]


def test_the_same_credits_again_are_no_change() -> None:
    movie, ada = make_movie(), make_person()
    plans = (CreditPlan(person=ada, role=Role.CAST), CreditPlan(person=ada, role=Role.WRITER))
    write(movie, *plans)

    assert write(movie, *plans).version == 2


def test_one_person_has_a_credit_once_but_may_play_two_characters() -> None:
    movie, ada = make_movie(), make_person()
    twins = [CreditPlan(person=ada, role=Role.CAST, character=name) for name in ("Lou", "Lee")]
    write(movie, *twins)

    with pytest.raises(CreditTwice) as refused:
        write(movie, *twins, twins[0])

    assert refused.value.extras["errors"][0]["pointer"] == "/credits/2/person"  # type: ignore[index]
    assert movie.credits.count() == 2


def test_a_version_that_is_not_the_one_seen_is_refused() -> None:
    movie = make_movie(version=3)
    with pytest.raises(MovieChangedMeanwhile):
        write(movie, expected_version=2)


@pytest.mark.parametrize(
    ("fault", "constraint"),
    [
        ({"billing": 0}, "credit_billing_from_one"),
        ({"billing": 1}, "credit_billing_unique"),
        ({"role": "CATERER", "billing": 1}, "credit_role_known"),
        ({"role": "WRITER", "character": "Himself"}, "credit_character_is_played"),
    ],
)
def test_the_database_itself_refuses_a_credit_that_cannot_be(fault: dict[str, Any], constraint: str) -> None:
    movie = make_movie()
    make_credit(movie)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_credit(movie, **fault)


def test_a_credited_person_cannot_vanish() -> None:
    credit = make_credit(make_movie())
    with pytest.raises(models.ProtectedError):
        credit.person.delete()


def test_somebody_who_was_removed_meanwhile_is_named() -> None:
    movie, ada, ben = make_movie(), make_person(), make_person()
    delete_person(person_id=ben.pk, by=None, at=AT)

    with pytest.raises(InvalidInput) as refused:
        write(movie, CreditPlan(person=ada, role=Role.CAST), CreditPlan(person=ben, role=Role.CAST))

    assert [error.pointer for error in refused.value.errors] == ["/credits/1/person"]
    assert lines(movie) == []


@pytest.mark.django_db(transaction=True)
def test_nobody_is_removed_while_being_credited() -> None:
    movie, ada = make_movie(), make_person()
    with transaction.atomic():
        write(movie, CreditPlan(person=ada, role=Role.CAST))
        removal = start_and_wait(lambda: delete_person(person_id=ada.pk, by=None, at=AT))

    with pytest.raises(PersonIsCredited):
        removal.result(20)
