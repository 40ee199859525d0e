"""Who may call what of streaming's API: one table of calls and people."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from portal import clock
from portal.ids import uuid7
from portal.models import AuditEntry, User
from streaming.models import QualityLevel
from streaming.services.playback_sessions import SessionData, store_session
from tests.factories import (
    AT,
    make_channel,
    make_job,
    make_package,
    make_plan,
    make_source,
    make_stream,
    make_stream_key,
)

pytestmark = pytest.mark.django_db

PEOPLE = (None, "stranger", "viewer", "broadcaster", "operator", "editor", "administrator")
SOURCE = uuid7(AT)
LEVEL = {"name": "new", "width_px": 100, "height_px": 100, "bitrate_bps": 100_000}
_LIST = (401, 403, 403, 403, 200, 200, 200)
_ONE = (401, 404, 404, 404, 200, 200, 200)
_SESSION = uuid7(AT)
_SOON = clock.now() + timedelta(days=1)
_ANNOUNCED = {"channel": "harbour", "title": "Night", "starts_at": (_SOON + timedelta(hours=1)).isoformat()}
_POSITION = {"position_s": 1, "duration_s": 60}
# What viewers do leaves no line in the trail.
_UNTRAILED = {"playback", "position", "playback-report", "stream-playback"}


def _editors(status: int, others: int = 404) -> tuple[int, ...]:
    return (401, others, others, others, 403, status, status)


def _owners(status: int) -> tuple[int, ...]:
    """Return the statuses of what is the affair of a channel's owner, who is the broadcaster here, and of the desk."""
    return (401, 403, 403, status, 403, status, status)


_OWNERS = _owners(200)


# The statuses that `PEOPLE` get, in their order, by the name of the address and the method.
CALLS: dict[tuple[str, str], tuple[str, Any, tuple[int, ...]]] = {
    ("channel-list", "get"): ("channels/", None, (200,) * 7),
    ("channel-list", "post"): ("channels/", {"slug": "new", "title": "New"}, (401, 403, 403, 403, 403, 201, 201)),
    ("channel-detail", "get"): ("channels/{channel}/", None, (200,) * 7),
    ("channel-detail", "patch"): ("channels/{channel}/", {"title": "Other"}, _OWNERS),
    ("stream-key-list", "get"): ("channels/{channel}/stream-keys/", None, _OWNERS),
    ("stream-key-list", "post"): ("channels/{channel}/stream-keys/", {"label": "OBS"}, _owners(201)),
    ("stream-key-detail", "delete"): ("channels/{channel}/stream-keys/{key}/", None, _owners(204)),
    ("stream-key-rotate", "post"): ("channels/{channel}/stream-keys/{key}/rotate/", None, _owners(201)),
    ("stream-list", "get"): ("streams/", None, (200,) * 7),
    ("stream-list", "post"): ("streams/", _ANNOUNCED, _owners(201)),
    ("stream-plan-list", "get"): ("streams/planned/", None, (200,) * 7),
    ("stream-plan-detail", "get"): ("streams/planned/{plan}/", None, (200,) * 7),
    ("stream-plan-detail", "patch"): ("streams/planned/{plan}/", {"title": "Other"}, _OWNERS),
    ("stream-plan-detail", "delete"): ("streams/planned/{plan}/", None, _owners(204)),
    ("stream-detail", "get"): ("streams/{stream}/", None, (200,) * 7),
    # Also not told that there is such a thing: those who may watch the stream.
    ("stream-health", "get"): ("streams/{stream}/health/", None, (404, 404, 404, 200, 200, 200, 200)),
    ("stream-end", "post"): ("streams/{stream}/end/", None, _OWNERS),
    ("stream-playback", "post"): ("streams/{stream}/playback/", None, (201,) * 7),
    ("job-list", "get"): ("jobs/", None, _LIST),
    ("job-list", "post"): ("jobs/", {"source": str(SOURCE)}, _editors(201, others=403)),
    ("job-detail", "get"): ("jobs/{queued}/", None, _ONE),
    ("job-cancel", "post"): ("jobs/{queued}/cancel/", None, _ONE),
    ("job-retry", "post"): ("jobs/{failed}/retry/", None, (401, 404, 404, 404, 201, 201, 201)),
    ("package-list", "get"): ("packages/", None, _LIST),
    ("package-detail", "get"): ("packages/{package}/", None, _ONE),
    ("playback", "post"): ("movies/{movie}/playback/", None, (201,) * 7),
    ("position", "put"): ("movies/{movie}/position/", _POSITION, (401, *(204,) * 6)),
    ("playback-report", "post"): ("playback-reports/", {"code": "offline"}, (202,) * 7),
    ("playback-session", "delete"): ("playback-sessions/{session}/", None, (401, 404, 404, 404, 204, 204, 204)),
    ("quality-level-list", "get"): ("quality-levels/", None, _LIST),
    ("quality-level-list", "post"): ("quality-levels/", LEVEL, _editors(201, others=403)),
    ("quality-level-detail", "get"): ("quality-levels/{level}/", None, _ONE),
    ("quality-level-detail", "patch"): ("quality-levels/{level}/", {"is_enabled": False}, _editors(200)),
    ("quality-level-detail", "delete"): ("quality-levels/{level}/", None, _editors(204)),
}


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_who_may_call_what(request: pytest.FixtureRequest, call: tuple[str, str]) -> None:
    (name, method), (path, body, statuses) = call, CALLS[call]
    make_source(id=SOURCE)
    level = QualityLevel.objects.create(name="old", width_px=200, height_px=100, bitrate_bps=100_000)
    package = make_package()
    places: dict[str, Any] = {"queued": make_job().pk, "failed": make_job(state="FAILED").pk, "level": level.pk}
    issued = make_stream_key(channel=make_channel(slug="harbour", owner=request.getfixturevalue("broadcaster")))
    channel, stream = issued.key.channel, make_stream(issued.key.channel)
    places |= {"plan": make_plan(channel, starts_at=_SOON).pk}
    places |= {"channel": channel.slug, "key": issued.key.pk, "stream": stream.pk}
    assert package.movie is not None
    places |= {"package": package.pk, "movie": package.movie.slug, "session": _SESSION}
    store_session(_SESSION, SessionData(movie_id=1, package="", user_id=None, territory=None, opened_at=""), lasts_s=60)
    url = f"/api/v1/{path}".format(**places)
    for person, status in zip(PEOPLE, statuses, strict=True):
        user: User | None = request.getfixturevalue(person) if person else None
        api, before = APIClient(), AuditEntry.objects.count()
        api.force_authenticate(user)
        with transaction.atomic():
            answer = getattr(api, method)(url, body)
            written = AuditEntry.objects.count() - before
            transaction.set_rollback(True)
        assert answer.status_code == status, (person, answer.content)
        assert (written > 0) == (method != "get" and status < 400 and name not in _UNTRAILED), person
        if status >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_table_knows_every_address_and_method() -> None:
    (found,) = (
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and entry.namespace == "streaming-api"
    )
    pages = [page for page in found.url_patterns if isinstance(page, URLPattern)]
    methods = {
        (page.name, method)
        for page in pages
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(getattr(page.callback, "view_class"), method)  # noqa: B009  # its type has no such attribute
    }
    assert methods == set(CALLS)
