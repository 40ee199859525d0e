"""The same creating call, sent again, creates nothing again: draft-ietf-httpapi-idempotency-key-header.

The answer is remembered in the transaction that creates, so a crash leaves both or neither. Only success is remembered:
a call that was refused has changed nothing, and may be sent again with the same key.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from portal import clock
from portal.errors import IdempotencyKeyReused, MalformedRequest, RequestInProgress
from portal.models import RememberedAnswer, User

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=(
        "A text of your own, such as a UUID, new for each thing to create. The same call with the same key, within "
        "24 hours, gets the first answer again, with `Idempotency-Replayed: true`, and creates nothing."
    ),
)
IDEMPOTENCY_PROBLEMS = (RequestInProgress, IdempotencyKeyReused)

# The draft has a quoted string (RFC 9651); most clients send the bare text.
_KEY = re.compile(r'"(?P<quoted>[ !#-\[\]-~]+)"|(?P<bare>[^\s"\\,;]+)', re.ASCII)
# These tell of what was created.
_KEPT_HEADERS = ("ETag", "Location")


def create_once(request: Request, create: Callable[[], Response]) -> Response:
    """Answer with `create()`, or with what it answered to the same call before. Ask for permission before this.

    Without an `Idempotency-Key` it creates each time. `create` writes to the database only, and in no transaction that
    it does not let others join.

    Raises RequestInProgress, IdempotencyKeyReused, MalformedRequest, and what `create` raises.
    """
    key = _read_key(request)
    if key is None:
        return create()
    user, at = request.user, clock.now()
    assert isinstance(user, User), "only the signed-in create"
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        _claim(user, key)
        remembered = _recall(user, key, at=at)
        if remembered:
            return _repeat(remembered, fingerprint)
        response = create()
        RememberedAnswer.objects.create(
            user=user,
            key=key,
            fingerprint=fingerprint,
            status=response.status_code,
            headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
            body=response.data,
            created_at=at,
        )
    return response


def forget_answers(*, at: datetime) -> int:
    """Delete the answers that are kept no longer; return how many."""
    deleted, _by_model = RememberedAnswer.objects.filter(created_at__lte=at - KEPT_FOR).delete()
    return deleted


def _read_key(request: Request) -> str | None:
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    match = _KEY.fullmatch(header.strip())
    key = (match["quoted"] or match["bare"]) if match else ""
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= LONGEST_KEY:
        raise MalformedRequest(
            _("Idempotency-Key takes a text of at most %(most)d letters, digits and marks, such as a UUID.")
            % {"most": LONGEST_KEY}
        )
    return key


def _claim(user: User, key: str) -> None:
    """Keep others from this key until the transaction ends. Raises RequestInProgress if somebody else has it."""
    digest = hashlib.sha256(f"portal.idempotency {user.pk} {key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])
        if cursor.fetchone() != (True,):
            raise RequestInProgress()


def _recall(user: User, key: str, *, at: datetime) -> RememberedAnswer | None:
    mine = RememberedAnswer.objects.filter(user=user, key=key)
    mine.filter(created_at__lte=at - KEPT_FOR).delete()
    return mine.first()


def _repeat(remembered: RememberedAnswer, fingerprint: str) -> Response:
    if remembered.fingerprint != fingerprint:
        raise IdempotencyKeyReused()
    headers = {**remembered.headers, "Idempotency-Replayed": "true"}
    return Response(remembered.body, status=remembered.status, headers=headers)


def _fingerprint(request: Request) -> str:
    """Return what two calls have in common if they ask for the same: method, address and content."""
    said = [request.method, request.get_full_path(), dict(_content(request))]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _content(request: Request) -> Iterator[tuple[str, object]]:
    """Yield the members of the body; of a file its name, size and digest."""
    if not hasattr(request.data, "items"):
        yield "", request.data
        return
    for name, value in request.data.items():
        yield name, _file(value) if isinstance(value, UploadedFile) else value


def _file(file: "UploadedFile[bytes]") -> list[object]:
    digest = hashlib.sha256(b"".join(file.chunks())).hexdigest()
    file.seek(0)
    return [file.name, file.size, digest]
