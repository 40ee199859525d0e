"""Adding, changing and removing people."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import PersonChangedMeanwhile, PersonIsCredited, SlugTaken
from catalog.models import Person
from catalog.services.people import create_person, delete_person, update_person
from portal.errors import NotFound
from portal.models import AuditEntry, User
from tests.concurrency import at_once
from tests.factories import AT, make_credit, make_movie, make_person

pytestmark = pytest.mark.django_db


def test_namesakes_have_addresses_of_their_own(editor: User) -> None:
    added = [create_person(name="Ada Renke", by=editor, at=AT) for _ in range(3)]

    assert [person.slug for person in added] == ["ada-renke", "ada-renke-2", "ada-renke-3"]
    assert AuditEntry.objects.filter(action="person.created", actor=editor).count() == 3


def test_a_name_without_latin_letters_takes_its_address_from_the_other_name() -> None:
    facts: Any = {"original_name": "Malee"}

    assert create_person(name="มาลี", facts=facts, by=None, at=AT).slug == "malee"
    assert create_person(name="มาลี", by=None, at=AT).slug == "person"


def test_a_chosen_address_that_is_taken_is_refused() -> None:
    make_person(slug="ada")
    with pytest.raises(SlugTaken) as refused:
        create_person(name="Ben", facts={"slug": "ada"}, by=None, at=AT)
    assert refused.value.extras["proposed"] == "ben"


def test_a_change_is_audited_and_told_to_the_pages_of_the_films(
    django_capture_on_commit_callbacks: Any,
) -> None:
    person = make_person(name="Ada")
    make_credit(make_movie(), person)
    make_movie()

    with django_capture_on_commit_callbacks() as told:
        changed = update_person(person_id=person.pk, changes={"name": "Ada Renke"}, by=None, at=AT)

    assert (changed.version, len(told)) == (2, 1)
    assert AuditEntry.objects.get().after == {"name": "Ada Renke"}


def test_no_change_is_no_version() -> None:
    person = make_person(name="Ada")
    assert update_person(person_id=person.pk, changes={"name": "Ada"}, by=None, at=AT).version == 1


def test_a_version_that_is_not_the_one_seen_is_refused() -> None:
    person = make_person(version=3)
    with pytest.raises(PersonChangedMeanwhile) as refused:
        update_person(person_id=person.pk, changes={"name": "Ada"}, by=None, at=AT, expected_version=2)
    assert refused.value.extras == {"version": 3}


def test_who_is_credited_stays() -> None:
    credit = make_credit(make_movie())
    with pytest.raises(PersonIsCredited):
        delete_person(person_id=credit.person.pk, by=None, at=AT)


def test_who_was_added_twice_is_removed_with_a_trace() -> None:
    person = make_person(name="Ada")
    delete_person(person_id=person.pk, by=None, at=AT)

    assert not Person.objects.exists()
    assert AuditEntry.objects.get(action="person.deleted").before["name"] == "Ada"
    with pytest.raises(NotFound):
        delete_person(person_id=person.pk, by=None, at=AT)


@pytest.mark.parametrize("fault", [{"name": ""}, {"slug": "Upper"}])
def test_the_database_itself_refuses_a_person_that_cannot_be(fault: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_person(**fault)


@pytest.mark.django_db(transaction=True)
def test_namesakes_that_are_added_at_once_have_addresses_of_their_own() -> None:
    added = at_once(*[lambda: create_person(name="Ada Loy", by=None, at=AT)] * 5)

    assert [person for person in added if isinstance(person, Exception)] == []
    assert len(set(Person.objects.values_list("slug", flat=True))) == 5


def test_a_removal_on_top_of_another_change_is_refused() -> None:
    person = make_person(version=2)

    with pytest.raises(PersonChangedMeanwhile):
        delete_person(person_id=person.pk, by=None, at=AT, expected_version=1)

    assert Person.objects.filter(pk=person.pk).exists()
