"""Ending what somebody watches."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from portal import clock
from portal.ids import uuid7
from portal.models import AuditEntry, User
from streaming.origin.revoked import Revocations
from streaming.services import revocations
from streaming.services.playback_sessions import find_session
from streaming.tokens import PlaybackClaims
from tests.factories import AT
from tests.streaming.api.test_playback import URL, claims_of, make_film

pytestmark = pytest.mark.django_db


def end(api: APIClient, session_id: UUID) -> Any:
    return api.delete(f"/api/v1/playback-sessions/{session_id}/")


def is_void(claims: PlaybackClaims) -> bool:
    known = Revocations()
    known.replace(revocations.list_revocations(clock.now()))
    return known.is_revoked(claims)


def test_a_session_is_ended_and_no_other(api: APIClient, editor: User, django_capture_on_commit_callbacks: Any) -> None:
    package = make_film()
    ended, other = claims_of(api.post(URL)), claims_of(api.post(URL))
    api.force_authenticate(editor)
    with django_capture_on_commit_callbacks(execute=True):
        assert end(api, ended.session_id).status_code == 204
    assert (is_void(ended), is_void(other)) == (True, False)
    assert find_session(ended.session_id) is None
    entry = AuditEntry.objects.get(action="playback.ended")
    assert (entry.actor, entry.after["session"]) == (editor, str(ended.session_id))
    assert (entry.object_type, entry.object_id) == ("streaming.package", str(package.pk))
    # Whoever watched may begin anew: the session was ended, and not the movie.
    assert not is_void(claims_of(api.post(URL)))


def test_a_session_that_is_over_or_never_was_is_not_there(
    api: APIClient, editor: User, django_capture_on_commit_callbacks: Any
) -> None:
    make_film()
    claims = claims_of(api.post(URL))
    api.force_authenticate(editor)
    with django_capture_on_commit_callbacks(execute=True):
        assert end(api, claims.session_id).status_code == 204
    assert end(api, claims.session_id).status_code == 404
    assert end(api, uuid7(AT)).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "stranger", "broadcaster"])
def test_nobody_else_ends_a_session_or_learns_that_there_is_one(
    request: pytest.FixtureRequest, api: APIClient, role: str
) -> None:
    make_film()
    claims = claims_of(api.post(URL))
    api.force_authenticate(request.getfixturevalue(role))
    assert end(api, claims.session_id).status_code == 404
    assert not is_void(claims)
