"""What every write of the catalogue's API asks first: on top of which version, and by whom."""

import re

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from portal import errors
from portal.models import User

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you read: the change is refused if somebody else made one since.",
)


def expected_version(request: Request) -> int | None:
    """Return the version in `If-Match`; None if any will do (RFC 9110 section 13.1.1)."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return None
    match = re.fullmatch(r'"([0-9]{1,10})"', header)
    if match is None:
        raise errors.MalformedRequest(_("If-Match takes one ETag, as this API sent it."))
    return int(match.group(1))


def signed_in(request: Request) -> User:
    assert isinstance(request.user, User), "only the signed-in come here"
    return request.user
