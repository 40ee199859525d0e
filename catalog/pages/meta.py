"""What machines read of each page: the head's metadata, from what the page shows."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import metadata
from catalog.artwork.pictures import social_picture
from catalog.metadata import Metadata, SharedPicture
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieRelations:
    """What is told of a film beside its own columns; the languages of its captions are BCP 47 tags."""

    credits: tuple[Credit, ...]
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    captions: tuple[str, ...]

    def people(self, role: Credit.Role) -> tuple[tuple[str, str], ...]:
        """Return the names and absolute addresses of those who did one thing."""
        return tuple(
            (line.person.name, absolute(line.person.get_absolute_url())) for line in self.credits if line.role == role
        )


def movie_meta(movie: Movie, relations: MovieRelations) -> Metadata:
    """Return that of a film. One that stands in no list is not for search engines either."""
    description = metadata.describe(
        movie.synopsis, movie.tagline, _("%(title)s (%(year)d)") % {"title": movie.title, "year": movie.year}
    )
    url, picture = absolute(movie.get_absolute_url()), shared_picture(movie)
    return Metadata(
        title=f"{movie.title} ({movie.year})",
        description=description,
        canonical=url,
        kind="video.movie",
        picture=picture,
        is_indexed=movie.visibility == Movie.Visibility.PUBLISHED,
        structured=metadata.film_as_json_ld(
            metadata.FilmFacts(
                name=movie.title,
                url=url,
                description=description,
                year=movie.year,
                original_name=movie.original_title,
                image=picture.url,
                duration_s=movie.runtime_s,
                genres=relations.genres,
                keywords=relations.tags,
                languages=tuple(movie.languages),
                subtitles=relations.captions,
                countries=tuple(movie.countries),
                rating=str(Movie.MinimumAge(movie.minimum_age).label) if movie.minimum_age is not None else "",
                trailer_url=movie.trailer_url,
                directors=relations.people(Credit.Role.DIRECTOR),
                writers=relations.people(Credit.Role.WRITER),
                actors=relations.people(Credit.Role.CAST),
                composers=relations.people(Credit.Role.COMPOSER),
            )
        ),
    )


def shared_picture(movie: Movie) -> SharedPicture:
    """Return what a film looks like where its address is shared."""
    picture = social_picture(movie)
    return SharedPicture(url=absolute(picture.src), width=picture.width, height=picture.height)
