"""What every write of the catalogue's API asks first: on top of which version, and by whom."""

import hashlib
from typing import Protocol

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from portal.api.conditional import revisions_in
from portal.models import User

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you read: the change is refused if somebody else made one since.",
)
# No row has it: versions begin at 1.
_NO_VERSION = 0


class Versioned(Protocol):
    version: int


class Named(Protocol):
    slug: str
    name: str


def expected_version(request: Request, *, of: Versioned) -> int | None:
    """Return the version that `of` must still have once it is locked; None if any will do."""
    wanted = revisions_in(request)
    if wanted is None:
        return None
    return of.version if str(of.version) in wanted else _NO_VERSION


def expected_name(request: Request, *, of: Named) -> str | None:
    """Return the name that `of`, which has no version, must still have once it is locked; None if any will do."""
    wanted = revisions_in(request)
    if wanted is None:
        return None
    return of.name if revision_of_name(of) in wanted else ""


def revision_of_name(shelf: Named) -> str:
    return hashlib.sha256(f"{shelf.slug} {shelf.name}".encode()).hexdigest()[:12]


def signed_in(request: Request) -> User:
    assert isinstance(request.user, User), "only the signed-in come here"
    return request.user
