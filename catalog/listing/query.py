"""What of the catalogue is asked for: search, filters and order, as the parameters of an address say it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.codes import UnknownCode, normalise_language, normalise_territory
from catalog.models.movie import FIRST_YEAR, LAST_YEAR, Movie
from catalog.search.queries import LONGEST_QUERY
from catalog.slugs import SLUG_PATTERN

# Of genres, tags and the like: more is no question of a person's.
MOST_CHOICES = 10
_LONGEST_SLUG = 120
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Availability(StrEnum):
    NOW = "now"
    COMING = "coming"
    LEAVING = "leaving"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    ADDED = "added"
    TITLE = "title"
    YEAR = "year"
    RUNTIME = "runtime"
    RATING = "rating"
    OPENING = "opening"
    CLOSING = "closing"


# What these orders go by is there only then.
_SORT_NEEDS = {Sort.OPENING: Availability.COMING, Sort.CLOSING: Availability.LEAVING}
# Which end comes first if nobody says.
_NATURALLY_DESCENDING = frozenset({Sort.RELEVANCE, Sort.ADDED, Sort.YEAR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    by: Sort
    is_descending: bool

    @classmethod
    def natural(cls, by: Sort) -> "Order":
        return cls(by=by, is_descending=by in _NATURALLY_DESCENDING)

    @property
    def reversed(self) -> "Order":
        return replace(self, is_descending=not self.is_descending)

    def __str__(self) -> str:
        return f"{'-' if self.is_descending else ''}{self.by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A parameter that cannot be used: a page says so and goes on without it, the API refuses the call."""

    parameter: str
    code: str
    detail: str | Promise


class BadValue(ValueError):
    """Raised for a value that a parameter does not take; holds the fault's code and sentence."""

    def __init__(self, code: str, detail: str | Promise) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingQuery:
    """One question to the catalogue. Values of one field widen it, several fields narrow it.

    Slugs, codes of countries, tags of languages; years are inclusive; `age` keeps what people of that age may see, and
    nothing that is not rated. `order` None: what fits the question best.
    """

    text: str = ""
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    age: int | None = None
    availability: Availability = Availability.NOW
    order: Order | None = None

    @classmethod
    def parse(
        cls, parameters: QueryDict, *, also_known: Iterable[str] | None = None
    ) -> "tuple[ListingQuery, list[Fault]]":
        """Read the parameters of an address, and tell which of them were left out as they cannot be used.

        `also_known` names those that the caller reads itself; None: names that nobody knows are no fault.
        """
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        for name, parameter in _PARAMETERS.items():
            given = [value for value in parameters.getlist(name) if value]
            if given:
                values |= _read(name, parameter, given, faults)
        if also_known is not None:
            known = {*_PARAMETERS, *also_known}
            faults += [Fault(parameter=n, code="unknown", detail=_UNKNOWN) for n in parameters if n not in known]
        return cls(**_consistent(values, faults)), faults

    @property
    def effective_order(self) -> Order:
        if self.order:
            return self.order
        if self.text:
            return Order.natural(Sort.RELEVANCE)
        by_availability = {Availability.COMING: Sort.OPENING, Availability.LEAVING: Sort.CLOSING}
        return Order.natural(by_availability.get(self.availability, Sort.ADDED))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was chosen."""
        return replace(self, order=None) != ListingQuery()

    @property
    def is_common(self) -> bool:
        """Whether many ask the same. There are few such questions, so their answers can be kept whole."""
        plain = replace(self, genres=(), availability=Availability.NOW, order=None)
        return len(self.genres) <= 1 and plain == ListingQuery()

    def possible_sorts(self) -> list[Sort]:
        return [sort for sort in Sort if _fits(sort, self.text, self.availability)]

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        """Return the parameters that ask this, with `changes` of fields, in one order whoever asks."""
        changed = self.changed(**changes)
        return [pair for name, parameter in _PARAMETERS.items() for pair in _written(name, parameter, changed)]

    def to_query_string(self, **changes: Any) -> str:
        """Return what follows the question mark of an address that asks this; "" for the whole list."""
        return urlencode(self.pairs(**changes))

    def changed(self, **changes: Any) -> Self:
        """Return the query with other fields; an order that does not fit it any more falls away."""
        changed = replace(self, **changes)
        if changed.order and not _fits(changed.order.by, changed.text, changed.availability):
            return replace(changed, order=None)
        return changed

    def without(self, field: str, value: str) -> Self:
        """Return the query without one value of a field, such as one of several genres."""
        current = getattr(self, field)
        default = next(f.default for f in fields(self) if f.name == field)
        is_several = isinstance(current, tuple)
        return self.changed(**{field: tuple(v for v in current if v != value) if is_several else default})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parameter:
    """How one parameter is read into a field; `year` is read into two, and never written."""

    targets: tuple[str, ...]
    read: Callable[[str], Any]
    is_several: bool = False
    is_written: bool = True


_UNKNOWN = _("There is no such parameter.")


def _read_text(value: str) -> str:
    text = " ".join(_CONTROL.sub(" ", value).split())
    if len(text) > LONGEST_QUERY:
        raise BadValue("max_length", _("Search for at most %(most)d characters.") % {"most": LONGEST_QUERY})
    return text


def _read_slug(value: str) -> str:
    if len(value) > _LONGEST_SLUG or not re.match(SLUG_PATTERN, value):
        raise BadValue("invalid", _("Small letters, digits and hyphens, as they stand in addresses."))
    return value


def _read_year(value: str) -> int:
    year = int(value) if re.fullmatch(r"[0-9]{4}", value) else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadValue("invalid", _("A year such as 1994."))
    return year


def _read_age(value: str) -> int:
    age = int(value) if re.fullmatch(r"[0-9]{1,2}", value) else -1
    if age not in Movie.MinimumAge.values:
        offered = ", ".join(map(str, Movie.MinimumAge.values))
        raise BadValue("invalid_choice", _("One of %(values)s.") % {"values": offered})
    return age


def _read_country(value: str) -> str:
    try:
        return normalise_territory(value)
    except UnknownCode:
        raise BadValue("invalid", _("A country's code, such as TH.")) from None


def _read_language(value: str) -> str:
    try:
        return normalise_language(value)
    except UnknownCode:
        raise BadValue("invalid", _("A language's tag, such as th or zh-Hant.")) from None


def _read_availability(value: str) -> Availability:
    return Availability(_one_of(value, Availability))


def _read_order(value: str) -> Order:
    bare = value.removeprefix("-")
    return Order(by=Sort(_one_of(bare, Sort)), is_descending=bare != value)


def _one_of(value: str, choices: Iterable[str]) -> str:
    if value not in list(choices):
        raise BadValue("invalid_choice", _("One of %(values)s.") % {"values": ", ".join(choices)})
    return value


_PARAMETERS: Mapping[str, _Parameter] = {
    "q": _Parameter(targets=("text",), read=_read_text),
    "genre": _Parameter(targets=("genres",), read=_read_slug, is_several=True),
    "tag": _Parameter(targets=("tags",), read=_read_slug, is_several=True),
    "person": _Parameter(targets=("people",), read=_read_slug, is_several=True),
    "country": _Parameter(targets=("countries",), read=_read_country, is_several=True),
    "language": _Parameter(targets=("languages",), read=_read_language, is_several=True),
    "year": _Parameter(targets=("year_from", "year_to"), read=_read_year, is_written=False),
    "year_from": _Parameter(targets=("year_from",), read=_read_year),
    "year_to": _Parameter(targets=("year_to",), read=_read_year),
    "age": _Parameter(targets=("age",), read=_read_age),
    "availability": _Parameter(targets=("availability",), read=_read_availability),
    "sort": _Parameter(targets=("order",), read=_read_order),
}


def _read(name: str, parameter: _Parameter, given: list[str], faults: list[Fault]) -> dict[str, Any]:
    """Return the fields that a parameter sets; none for what cannot be used, which is added to the faults."""
    values = []
    for text in given[:MOST_CHOICES] if parameter.is_several else given[-1:]:
        try:
            values.append(parameter.read(text))
        except BadValue as bad:
            faults.append(Fault(parameter=name, code=bad.code, detail=bad.detail))
    if parameter.is_several and len(given) > MOST_CHOICES:
        detail = _("At most %(most)d of these.") % {"most": MOST_CHOICES}
        faults.append(Fault(parameter=name, code="too_many", detail=detail))
    if not values:
        return {}
    value = tuple(dict.fromkeys(values)) if parameter.is_several else values[-1]
    return dict.fromkeys(parameter.targets, value)


def _consistent(values: dict[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """Drop what does not go together, each with its fault."""
    if (values.get("year_from") or FIRST_YEAR) > (values.get("year_to") or LAST_YEAR):
        faults.append(Fault(parameter="year_from", code="empty_range", detail=_("The first year is after the last.")))
        values = {name: value for name, value in values.items() if name not in ("year_from", "year_to")}
    order = values.get("order")
    if order and not _fits(order.by, values.get("text", ""), values.get("availability", Availability.NOW)):
        faults.append(Fault(parameter="sort", code="does_not_fit", detail=_("This list has nothing to sort by so.")))
        del values["order"]
    return values


def _fits(sort: Sort, text: str, availability: Availability) -> bool:
    if sort == Sort.RELEVANCE:
        return bool(text)
    return _SORT_NEEDS.get(sort, availability) == availability


def _written(name: str, parameter: _Parameter, query: ListingQuery) -> list[tuple[str, str]]:
    value = getattr(query, parameter.targets[0])
    if not parameter.is_written or value in ("", None, (), Availability.NOW):
        return []
    return [(name, str(each)) for each in (value if isinstance(value, tuple) else (value,))]
