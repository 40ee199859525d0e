"""Writes about people."""

from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction

from catalog.errors import PersonChangedMeanwhile, PersonIsCredited, SlugTaken
from catalog.models import Movie, Person
from catalog.services.revisions import lock_movies, record_mention
from catalog.services.search_index import index_people
from catalog.slugs import free_slug, propose_slug
from portal import audit
from portal.errors import NotFound
from portal.models import User

_COLUMNS = ("name", "original_name", "slug", "biography")
_SLUG_LENGTH = 120
# Of so many who add people of one name at the same moment, each gets an address of its own.
_SLUG_ATTEMPTS = 20


class PersonChanges(TypedDict, total=False):
    """What an editor says of a person; what is not named stays as it is. An empty slug is made from the name."""

    name: str
    original_name: str
    slug: str
    biography: str


def create_person(*, name: str, by: User | None, at: datetime, facts: PersonChanges | None = None) -> Person:
    """Add a person; several may have one name, each at an address of their own. Raises SlugTaken."""
    person = Person(created_at=at, updated_at=at)
    with transaction.atomic():
        _apply(person, {**(facts or {}), "name": name})
        _save(person) if (facts or {}).get("slug") else _save_at_free_slug(person)
        index_people([person])
        audit.record("person.created", person, by=by, at=at, after=_audited(person))
    return person


def update_person(
    *, person_id: int, changes: PersonChanges, by: User | None, at: datetime, expected_version: int | None = None
) -> Person:
    """Change what is said of a person; the open pages of their films are told.

    Raises PersonChangedMeanwhile, SlugTaken, NotFound.
    """
    with transaction.atomic():
        films, person = lock_person(person_id, expected_version=expected_version)
        audited = _audited(person)
        _apply(person, changes)
        before, after = audit.changed_fields(audited, _audited(person))
        if after:
            person.version, person.updated_at = person.version + 1, at
            _save(person)
            index_people([person])
            audit.record("person.updated", person, by=by, at=at, before=before, after=after)
            record_mention(films, at=at)
    return person


def delete_person(*, person_id: int, by: User | None, at: datetime, expected_version: int | None = None) -> None:
    """Remove a person whom no film credits, such as one added twice.

    Raises PersonIsCredited, PersonChangedMeanwhile, NotFound.
    """
    with transaction.atomic():
        person = _lock(person_id, expected_version)
        credited = person.credits.count()
        if credited:
            raise PersonIsCredited(films=credited)
        audit.record("person.deleted", person, by=by, at=at, before=_audited(person))
        person.delete()


def lock_person(person_id: int, *, expected_version: int | None = None) -> tuple[list[int], Person]:
    """Return the ids of a person's films, and the person: nobody else changes them until this transaction ends.

    Raises PersonChangedMeanwhile, NotFound.
    """
    # The films first, as who changes a film locks it before its people.
    films = lock_movies(Movie.objects.filter(credits__person=person_id))
    return films, _lock(person_id, expected_version)


def _lock(person_id: int, expected_version: int | None) -> Person:
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound()
    if expected_version is not None and expected_version != person.version:
        raise PersonChangedMeanwhile(version=person.version)
    return person


def _apply(person: Person, changes: PersonChanges) -> None:
    slug_before = person.slug
    for name in _COLUMNS:
        if name in changes:
            setattr(person, name, changes[name])  # type: ignore[literal-required]  # the names are PersonChanges' own
    if not person.slug:
        person.slug = slug_before or _free_slug(person)


def _save(person: Person) -> None:
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        if Person.objects.filter(slug=person.slug).exclude(pk=person.pk).exists():
            raise SlugTaken(slug=person.slug, proposed=_free_slug(person)) from error
        raise


def _save_at_free_slug(person: Person) -> None:
    """Save a person whose address was made for them: if another took that one meanwhile, make the next."""
    for _ in range(_SLUG_ATTEMPTS):
        try:
            return _save(person)
        except SlugTaken:
            person.pk, person.slug = None, _free_slug(person)
    _save(person)


def _free_slug(person: Person) -> str:
    stem = propose_slug(person.name, person.original_name, fallback="person", max_length=_SLUG_LENGTH - len("-9999"))
    others = Person.objects.filter(slug__startswith=stem).exclude(pk=person.pk)
    return free_slug(stem, taken=set(others.values_list("slug", flat=True)))


def _audited(person: Person) -> dict[str, object]:
    return {name: getattr(person, name) for name in _COLUMNS}
