"""Writes about the credits of films."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.errors import CreditTwice
from catalog.models import Credit, Movie, Person
from catalog.services.revisions import lock_movie, record_revision
from portal import audit
from portal.errors import FieldError, InvalidInput
from portal.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPlan:
    """A line of the credits as somebody wants it; its place in the list is its billing among those of its role."""

    person: Person
    role: Credit.Role
    character: str = ""


def replace_credits(
    *,
    movie_id: int,
    plans: Sequence[CreditPlan],
    by: User | None,
    at: datetime,
    expected_version: int | None = None,
) -> Movie:
    """Give a movie these credits, in this order, and no others. The same again changes nothing.

    Raises CreditTwice, MovieChangedMeanwhile, NotFound; InvalidInput if a person was removed meanwhile.
    """
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        _refuse_repetition(plans)
        _keep_people(plans)
        wanted = _billed(movie, plans)
        before, after = _described(read_credits(movie)), _described(sorted(wanted, key=_order))
        if before == after:
            return movie
        movie.credits.all().delete()
        Credit.objects.bulk_create(wanted)
        change = audit.changed_fields({"credits": before}, {"credits": after})
        record_revision("movie.credited", movie, by=by, at=at, change=change)
    return movie


def read_credits(movie: Movie) -> list[Credit]:
    """Return the credits by role, in the order of their billing, with their people."""
    return sorted(movie.credits.select_related("person"), key=_order)


def _refuse_repetition(plans: Sequence[CreditPlan]) -> None:
    seen: dict[tuple[int, str, str], int] = {}
    for place, plan in enumerate(plans):
        first = seen.setdefault((plan.person.pk, plan.role, plan.character), place)
        if first != place:
            raise CreditTwice(place=place, person=plan.person.name)


def _keep_people(plans: Sequence[CreditPlan]) -> None:
    """Let nobody remove these people before their credits are saved, and name the first who is gone already."""
    people = Person.objects.select_for_update(no_key=True).filter(pk__in={plan.person.pk for plan in plans})
    kept = set(people.order_by("pk").values_list("pk", flat=True))
    for place, plan in enumerate(plans):
        if plan.person.pk not in kept:
            detail = str(_("This person was removed meanwhile."))
            raise InvalidInput((FieldError(pointer=f"/credits/{place}/person", code="unknown_person", detail=detail),))


def _billed(movie: Movie, plans: Sequence[CreditPlan]) -> list[Credit]:
    places: Counter[str] = Counter()
    billed = []
    for plan in plans:
        places[plan.role] += 1
        billed.append(
            Credit(
                movie=movie,
                person=plan.person,
                role=plan.role,
                character=plan.character,
                billing=places[plan.role],
            )
        )
    return billed


def _order(credit: Credit) -> tuple[int, int]:
    return list(Credit.Role).index(Credit.Role(credit.role)), credit.billing


def _described(lines: Iterable[Credit]) -> list[str]:
    return [f"{line.role} {line.person.slug}{f': {line.character}' if line.character else ''}" for line in lines]
