"""Who watches what: kept in Redis as long as their tokens are good, for three hours where nobody has signed in."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from django.db import transaction
from django_redis import get_redis_connection

from portal import audit
from portal.errors import NotFound
from portal.models import User
from streaming.models import Package
from streaming.services import revocations

# As long as most films: strangers can make us keep so much, and Redis has other things to hold.
_STRANGERS_KEPT_S = 3 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """`package` is the 32 digits of its path, `user_id` None for who has not signed in, `opened_at` in ISO 8601.

    Of `movie_id` and `channel_id` one is None.
    """

    movie_id: int | None = None
    channel_id: int | None = None
    package: str
    user_id: int | None
    territory: str | None
    opened_at: str


def store_session(session_id: UUID, session: SessionData, *, lasts_s: float) -> None:
    kept_s = lasts_s if session.user_id is not None else min(lasts_s, _STRANGERS_KEPT_S)
    redis = get_redis_connection("default")
    redis.set(_key(session_id), json.dumps(asdict(session)), ex=max(1, ceil(kept_s)))


def find_session(session_id: UUID) -> SessionData | None:
    """Return what is known of a session; None of one that is over or never was."""
    stored = get_redis_connection("default").get(_key(session_id))
    return SessionData(**json.loads(stored)) if stored else None


def end_session(*, session_id: UUID, by: User | None, at: datetime) -> None:
    """End what somebody watches: their player is refused within a second. Raises NotFound."""
    session = find_session(session_id)
    if session is None:
        raise NotFound()
    with transaction.atomic():
        revocations.revoke(revocations.session_subject(session_id), at=at)
        package = Package.objects.filter(path=f"packages/{session.package}").defer("index").first()
        watched = {"movie": session.movie_id} if session.movie_id is not None else {"channel": session.channel_id}
        after = {"session": str(session_id), **watched}
        audit.record("playback.ended", package, by=by, at=at, after=after)
        transaction.on_commit(lambda: _forget(session_id), robust=True)


def _forget(session_id: UUID) -> None:
    get_redis_connection("default").delete(_key(session_id))


def _key(session_id: UUID) -> str:
    return f"nova:playback:session:{session_id}"
