"""What machines read of each page: the head's metadata, from what the page shows."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import metadata
from catalog.metadata import Metadata
from catalog.models import Credit, Movie, Person
from portal.context_processors import SITE_NAME


def absolute(path: str) -> str:
    """Return the public address of a path of the portal."""
    return f"{settings.NOVA_PUBLIC_URL}{path}"


def home_meta() -> Metadata:
    return Metadata(
        title=SITE_NAME,
        description=_("Films and live channels, one press away."),
        canonical=absolute(reverse("catalog:home")),
        structured=metadata.as_json_ld({"@type": "WebSite", "name": SITE_NAME, "url": absolute("/")}),
    )


def shelf_meta(*, name: str, path: str, total: int, is_first: bool) -> Metadata:
    """Return that of a page of films under one name; pages after the first are not for search engines."""
    return Metadata(
        title=name,
        description=_("%(name)s on %(site)s: what is new, what leaves soon, and all the rest.")
        % {"name": name, "site": SITE_NAME},
        canonical=absolute(path),
        is_indexed=is_first and total > 0,
    )


def person_meta(person: Person, *, has_films: bool) -> Metadata:
    description = metadata.describe(
        person.biography, _("Films with %(name)s on %(site)s.") % {"name": person.name, "site": SITE_NAME}
    )
    url = absolute(person.get_absolute_url())
    return Metadata(
        title=person.name,
        description=description,
        canonical=url,
        kind="profile",
        is_indexed=has_films,
        structured=metadata.person_as_json_ld(
            name=person.name, alternate_name=person.original_name, url=url, description=description
        ),
    )


def movie_meta(movie: Movie, credited: Iterable[Credit], *, genres: Iterable[str], tags: Iterable[str]) -> Metadata:
    """Return that of a film. One that stands in no list is not for search engines either."""
    description = metadata.describe(
        movie.synopsis, movie.tagline, _("%(title)s (%(year)d)") % {"title": movie.title, "year": movie.year}
    )
    url = absolute(movie.get_absolute_url())
    return Metadata(
        title=f"{movie.title} ({movie.year})",
        description=description,
        canonical=url,
        kind="video.movie",
        is_indexed=movie.visibility == Movie.Visibility.PUBLISHED,
        structured=metadata.film_as_json_ld(
            _facts(movie, tuple(credited), url=url, description=description, genres=tuple(genres), tags=tuple(tags))
        ),
    )


def _facts(
    movie: Movie,
    credited: tuple[Credit, ...],
    *,
    url: str,
    description: str,
    genres: tuple[str, ...],
    tags: tuple[str, ...],
) -> metadata.FilmFacts:
    def people(role: Credit.Role) -> tuple[tuple[str, str], ...]:
        return tuple(
            (line.person.name, absolute(line.person.get_absolute_url())) for line in credited if line.role == role
        )

    return metadata.FilmFacts(
        name=movie.title,
        url=url,
        description=description,
        year=movie.year,
        original_name=movie.original_title,
        duration_s=movie.runtime_s,
        genres=genres,
        keywords=tags,
        languages=tuple(movie.languages),
        countries=tuple(movie.countries),
        rating=str(Movie.MinimumAge(movie.minimum_age).label) if movie.minimum_age is not None else "",
        trailer_url=movie.trailer_url,
        directors=people(Credit.Role.DIRECTOR),
        writers=people(Credit.Role.WRITER),
        actors=people(Credit.Role.CAST),
        composers=people(Credit.Role.COMPOSER),
    )
