"""The bar above the pages of somebody who looks from another moment, and links that keep it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.codes import territory_name
from catalog.metadata import Metadata
from catalog.models import Movie
from catalog.viewpoints import Viewpoint

_WHY_ABSENT = {
    Movie.Visibility.DRAFT: gettext_lazy("It is a draft."),
    Movie.Visibility.HIDDEN: gettext_lazy("It is hidden."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """From when and where somebody looks. `territory` is a country's name; "" for one that nobody knows.

    `fields` are the parameters that keep the preview in a form, `query` the same for a link.
    """

    moment: datetime
    territory: str
    fields: tuple[tuple[str, str], ...]
    leave_url: str

    @property
    def query(self) -> str:
        return f"?{urlencode(self.fields)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentMoviePage:
    """In place of a film that viewers do not see at the moment of a preview, and why they do not."""

    meta: Metadata
    title: str
    reason: str | Promise
    opens_at: datetime | None


def preview_of(viewpoint: Viewpoint, path: str) -> Preview | None:
    """Return the bar of a page; None for those who look from here and now."""
    if not viewpoint.is_preview:
        return None
    return Preview(
        moment=viewpoint.at,
        territory=territory_name(viewpoint.territory) if viewpoint.territory else "",
        fields=_fields(viewpoint),
        leave_url=path,
    )


def keep(url: str, viewpoint: Viewpoint) -> str:
    """Return an address of the portal as a link of this viewpoint: a preview goes on behind it."""
    if not viewpoint.is_preview:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(_fields(viewpoint))}"


def absent_movie_page(movie: Movie, viewpoint: Viewpoint) -> AbsentMoviePage:
    return AbsentMoviePage(
        meta=Metadata(title=movie.title, description="", canonical="", is_indexed=False),
        title=movie.title,
        reason=_WHY_ABSENT.get(Movie.Visibility(movie.visibility)) or _reason_in_time(movie, viewpoint),
        opens_at=movie.availability_at(viewpoint).opens_at if movie.is_watchable else None,
    )


def _reason_in_time(movie: Movie, viewpoint: Viewpoint) -> str:
    if movie.published_at is None or movie.published_at > viewpoint.at:
        return _("It was not published yet.")
    return _("None of its windows is open then and there.")


def _fields(viewpoint: Viewpoint) -> tuple[tuple[str, str], ...]:
    place = (("territory", viewpoint.territory),) if viewpoint.territory else ()
    return (("at", viewpoint.at.isoformat()), *place)
