"""What the catalogue refuses, by name.

PortalError
├── MovieChangedMeanwhile    movie-changed-meanwhile  412
├── SlugTaken                slug-taken               409
├── SlugIsPublic             slug-is-public           409
└── MovieWasPublished        movie-was-published      409
"""

from collections.abc import Iterable
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from portal.errors import PortalError


class MovieChangedMeanwhile(PortalError):
    """Somebody else changed the movie after you read it. Nothing was saved.

    `version` is the one that it has now. Read the movie again, look at what changed, and repeat your change with the
    new version (`If-Match` in the API).
    """

    code = "movie-changed-meanwhile"
    title = _("Somebody else has changed this movie")
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, *, version: int) -> None:
        super().__init__(_("Load it again, then repeat your change."), version=version)


class SlugTaken(PortalError):
    """Another movie has this address. Nothing was saved.

    `proposed` is one that was free a moment ago.
    """

    code = "slug-taken"
    title = _("This address is taken")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, slug: str, proposed: str) -> None:
        super().__init__(
            _("“%(slug)s” belongs to another movie; “%(proposed)s” is free.") % {"slug": slug, "proposed": proposed},
            proposed=proposed,
        )


class SlugIsPublic(PortalError):
    """The address of a movie that viewers have seen does not change: their links and bookmarks would break."""

    code = "slug-is-public"
    title = _("The address is public already")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, slug: str) -> None:
        super().__init__(_("It stays “%(slug)s”.") % {"slug": slug}, slug=slug)


class MovieWasPublished(PortalError):
    """A movie that viewers have seen cannot become a draft again; hide it instead.

    `allowed` lists the visibilities that it can have.
    """

    code = "movie-was-published"
    title = _("This movie is no draft any more")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, allowed: Iterable[str]) -> None:
        super().__init__(_("Viewers have seen it. Hide it instead."), allowed=[str(value) for value in allowed])
