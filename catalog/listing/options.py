"""What the form of the list offers to choose from."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import CharField, Exists, F, Func, OuterRef, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.caching import remember
from catalog.codes import language_name, territory_name
from catalog.listing.query import Availability, ListingQuery
from catalog.models import Genre, Movie
from catalog.models.movie import FIRST_YEAR, LAST_YEAR
from catalog.viewpoints import Viewpoint

_AVAILABILITIES = (
    (Availability.NOW, _("Available now")),
    (Availability.COMING, _("Coming soon")),
    (Availability.LEAVING, _("Leaving soon")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    label: str | Promise
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A field of which one value is chosen, or any."""

    name: str
    label: str | Promise
    options: tuple[Option, ...]
    has_any: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The form, filled in. `kept` are parameters that it shows no field for, and has to send again."""

    genres: tuple[Option, ...]
    choices: tuple[Choice, ...]
    year_from: str
    year_to: str
    first_year: int
    last_year: int
    kept: tuple[tuple[str, str], ...]
    is_used: bool


def filters_of(query: ListingQuery, *, viewpoint: Viewpoint) -> Filters:
    """Offer what the films have that somebody at `viewpoint` is told of, now or as coming soon."""
    genres, languages, countries = remember(
        "filters", viewpoint, lambda: (_genres(viewpoint), *_spoken_and_made(viewpoint))
    )
    ages = [(str(age.value), age.label) for age in Movie.MinimumAge]
    return Filters(
        genres=_options(genres, query.genres),
        choices=(
            _choice("language", _("Language"), [(tag, language_name(tag)) for tag in languages], query.languages),
            _choice("country", _("Country"), [(code, territory_name(code)) for code in countries], query.countries),
            _choice("age", _("Rated at most"), ages, () if query.age is None else (str(query.age),)),
            Choice(
                name="availability",
                label=_("Availability"),
                options=_options(_AVAILABILITIES, (query.availability,)),
                has_any=False,
            ),
        ),
        year_from=str(query.year_from or ""),
        year_to=str(query.year_to or ""),
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        kept=_kept(query),
        is_used=query.changed(text="", order=None) != ListingQuery(),
    )


def _genres(viewpoint: Viewpoint) -> list[tuple[str, str]]:
    films = Movie.objects.shown(viewpoint).filter(genres=OuterRef("pk"))
    return list(Genre.objects.filter(Exists(films)).order_by("name").values_list("slug", "name"))


def _spoken_and_made(viewpoint: Viewpoint) -> tuple[list[str], list[str]]:
    films = Movie.objects.shown(viewpoint).order_by()
    spoken, made = (
        films.annotate(field=Value(field), code=Func(F(field), function="unnest", output_field=CharField()))
        .values_list("field", "code")
        .distinct()
        for field in ("languages", "countries")
    )
    found = list(spoken.union(made))
    return (
        sorted({code for field, code in found if field == "languages"}, key=language_name),
        sorted({code for field, code in found if field == "countries"}, key=territory_name),
    )


def _choice(
    name: str, label: str | Promise, values: Iterable[tuple[str, str | Promise]], chosen: tuple[str, ...]
) -> Choice:
    return Choice(name=name, label=label, options=_options(values, chosen[:1]))


def _options(values: Iterable[tuple[str, str | Promise]], chosen: Iterable[str]) -> tuple[Option, ...]:
    picked = set(chosen)
    return tuple(Option(value=value, label=label, is_chosen=value in picked) for value, label in values)


def _kept(query: ListingQuery) -> tuple[tuple[str, str], ...]:
    """Return what has no field: tags, people, the order, and all but the first language and country."""
    unshown = ListingQuery(
        tags=query.tags, people=query.people, languages=query.languages[1:], countries=query.countries[1:]
    )
    order = [("sort", str(query.order))] if query.order else []
    return (*unshown.pairs(), *order)
