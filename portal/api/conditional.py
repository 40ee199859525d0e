"""Answers with an ETag: read again only if they have changed, and a base for `If-Match` (RFC 9110, section 13).

A tag is `"<revision>-<digest>"`. The revision changes with each write, and is what `If-Match` compares: nothing is lost
if only the clock, or the reader's language, has changed the answer since. The digest is that of the answer itself, and
is what `If-None-Match` compares: a film that has left is no longer what it was, though nobody wrote anything.
"""

import hashlib
import json
from collections.abc import Mapping

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from portal.errors import MalformedRequest

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of an answer that you have kept: 304 if it would be the same.",
)
NOT_MODIFIED = {304: OpenApiResponse(description="What you have kept, by `If-None-Match`, still holds.")}
_ANY = "*"


def tagged(
    request: Request,
    content: object,
    *,
    revision: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with `content` and its ETag; a read with 304 if the caller has it already. "" stands for no revision."""
    text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
    digest = hashlib.sha256(text.encode()).hexdigest()[:20]
    etag = f'"{revision}-{digest}"' if revision else f'"{digest}"'
    headers = {"ETag": etag, **(headers or {})}
    if request.method not in SAFE_METHODS:
        return Response(content, status=status, headers=headers)
    # It depends on who asks, and on the clock: it may be kept, but is asked for each time.
    headers |= {"Cache-Control": "private, no-cache", "Vary": "Accept-Language, Authorization, Cookie"}
    if _holds(request.headers.get("If-None-Match", ""), etag):
        return Response(status=304, headers=headers)
    return Response(content, status=status, headers=headers)


def revisions_in(request: Request) -> frozenset[str] | None:
    """Return the revisions that `If-Match` names; None if the caller takes any.

    Only strong tags count (section 13.1.1): a weak one names none. Raises MalformedRequest.
    """
    header = request.headers.get("If-Match", _ANY)
    tags = parse_etags(header)
    if tags == [_ANY]:
        return None
    if not tags:
        raise MalformedRequest(_("If-Match takes an ETag, in its quotes, as this API sent it."))
    return frozenset(tag.strip('"').partition("-")[0] for tag in tags if not tag.startswith("W/"))


def _holds(header: str, etag: str) -> bool:
    """Compare weakly (section 8.8.3.2): a proxy that compresses makes our tags weak."""
    kept = [tag.removeprefix("W/") for tag in parse_etags(header)]
    return etag in kept or kept == [_ANY]
