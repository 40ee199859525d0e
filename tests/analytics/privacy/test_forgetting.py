"""What somebody watched becomes nobody's: by command, by page, by API, and when the account is deleted."""

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from rest_framework.test import APIClient

from analytics.models import PlaybackSession, Subject
from analytics.models.playback_session import day_of
from analytics.partitions import make_partitions
from analytics.privacy.forgetting import forget_viewer
from portal.ids import uuid7
from portal.models import AuditEntry, User
from tests.factories import AT, make_user

pytestmark = pytest.mark.django_db
KEY = UUID(int=7)


def make_session(user: User | None, *, days_ago: int = 0) -> PlaybackSession:
    subject, _ = Subject.objects.get_or_create(name="movie:7", defaults={"kind": "MOVIE"})
    at = AT - timedelta(days=days_ago)
    session = uuid7(at)
    return PlaybackSession.objects.create(
        day=day_of(session),
        session=session,
        subject=subject,
        viewer_key=KEY,
        user=user,
        started_at=at,
        last_seen_at=at,
        state="q",
        watch_ms=60_000,
    )


@pytest.fixture(autouse=True)
def _partitions(db: None) -> None:
    make_partitions(AT - timedelta(days=3), AT)


def links() -> set[tuple[int | None, UUID]]:
    return set(PlaybackSession.objects.values_list("user", "viewer_key"))


def test_sessions_lose_account_and_key_and_keep_their_figures(viewer: User) -> None:
    for days_ago in (0, 0, 2):
        make_session(viewer, days_ago=days_ago)
    assert forget_viewer(user=viewer, by=None, at=AT) == 3
    found = links()
    assert {user for user, _ in found} == {None}
    # Not even that they were of one viewer can be told.
    assert len({key for _, key in found} - {KEY}) == 3
    assert list(PlaybackSession.objects.values_list("watch_ms", flat=True)) == [60_000] * 3


def test_those_of_others_stay_as_they_are(viewer: User, stranger: User) -> None:
    make_session(viewer)
    make_session(stranger)
    make_session(None)
    forget_viewer(user=viewer, by=viewer, at=AT)
    assert {(stranger.pk, KEY), (None, KEY)} < links()


def test_it_stands_in_the_audit_trail_without_what_was_watched(viewer: User, operator: User) -> None:
    make_session(viewer)
    forget_viewer(user=viewer, by=operator, at=AT)
    entry = AuditEntry.objects.get(action="viewer.forgotten")
    assert (entry.actor, entry.object_label, entry.after) == (operator, "viewer", {"sessions": 1})


def test_it_is_one_statement_however_much_somebody_watched(viewer: User) -> None:
    for days_ago in (0, 1, 2, 3):
        make_session(viewer, days_ago=days_ago)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        forget_viewer(user=viewer, by=None, at=AT)
    assert len([query for query in captured if query["sql"].startswith("UPDATE")]) == 1


def test_an_account_that_is_deleted_leaves_figures_that_are_nobodys() -> None:
    user = make_user(username="leaving")
    make_session(user)
    user.delete()
    [(owner, key)] = links()
    assert owner is None
    assert key != KEY


def test_the_command_does_it_by_name(viewer: User) -> None:
    make_session(viewer)
    out = StringIO()
    call_command("forget_viewer", "Viewer", stdout=out)
    assert out.getvalue() == "1 sessions were theirs, and are nobody's now.\n"
    assert {user for user, _ in links()} == {None}
    with pytest.raises(CommandError, match="no-such-person"):
        call_command("forget_viewer", "no-such-person")


# --- The API ----------------------------------------------------------------------------------------------------------

ADDRESS = "/api/v1/auth/me/audience/"


def test_an_account_asks_what_is_known_of_it_and_has_it_forgotten(api: APIClient, viewer: User, stranger: User) -> None:
    make_session(viewer)
    make_session(stranger)
    api.force_authenticate(viewer)
    assert api.get(ADDRESS).json() == {"sessions": 1}
    assert api.delete(ADDRESS).status_code == 204
    assert api.get(ADDRESS).json() == {"sessions": 0}
    assert {user for user, _ in links()} == {None, stranger.pk}


@pytest.mark.parametrize("method", ["get", "delete"])
def test_nobody_asks_for_nobody(api: APIClient, method: str) -> None:
    assert getattr(api, method)(ADDRESS).status_code == 401


# --- The page ---------------------------------------------------------------------------------------------------------

PAGE = "/audience/you/"


def test_the_page_says_how_one_is_counted(client: Client) -> None:
    assert "counted as one viewer" in client.get(PAGE).content.decode()
    client.post("/preferences/", {"audience": "no"})
    assert "counted by itself" in client.get(PAGE).content.decode()
    by_browser = client.get(PAGE, headers={"DNT": "1"}).content.decode()
    assert "asks not to be tracked" in by_browser
    assert 'name="audience"' not in by_browser


def test_the_page_on_which_one_answers_does_not_ask_besides(client: Client, settings: Settings) -> None:
    settings.NOVA_AUDIENCE_CONSENT = "asked"
    assert '<aside class="consent"' in client.get("/accounts/login/").content.decode()
    assert '<aside class="consent"' not in client.get(PAGE).content.decode()


def test_who_has_not_signed_in_has_nothing_to_be_forgotten(client: Client) -> None:
    assert "linked to your account" not in client.get(PAGE).content.decode()


def test_a_button_has_it_forgotten(client: Client, viewer: User) -> None:
    make_session(viewer)
    client.force_login(viewer)
    assert "1 play is linked to your account" in client.get(PAGE).content.decode()
    answer = client.post("/audience/you/forget/", follow=True)
    assert "not linked to you any more" in answer.content.decode()
    assert "Nothing of what was counted is linked to your account" in answer.content.decode()
    assert {user for user, _ in links()} == {None}


def test_another_site_cannot_press_it(viewer: User) -> None:
    make_session(viewer)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(viewer)
    assert browser.post("/audience/you/forget/").status_code == 403
    assert {user for user, _ in links()} == {viewer.pk}


def test_every_page_leads_there(client: Client) -> None:
    assert f'href="{PAGE}"' in client.get("/problems/").content.decode()
