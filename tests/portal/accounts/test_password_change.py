import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from portal.models import AuditEntry, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

URL = "/accounts/password/"
NEW = "a different passphrase"


@pytest.fixture
def ada() -> User:
    return make_user(username="ada", password=PASSWORD)


def _change(client: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> int:
    answers = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(URL, answers).status_code


def test_the_page_is_for_the_signed_in(client: Client) -> None:
    assert client.get(URL).headers["Location"] == f"/accounts/login/?next={URL}"


def test_a_new_password_ends_other_sessions_and_all_tokens(client: Client, api: APIClient, ada: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)
    issued = api.post("/api/v1/auth/token/", {"username": "ada", "password": PASSWORD}).json()
    client.force_login(ada)

    assert _change(client) == 302

    assert client.get(URL).status_code == 200
    assert elsewhere.get(URL).status_code == 302
    assert api.post("/api/v1/auth/token/refresh/", {"refresh": issued["refresh"]}).status_code == 401
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {issued['access']}")
    assert api.get("/api/v1/auth/me/").status_code == 401
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    entry = AuditEntry.objects.get(action="user.password_changed")
    assert (entry.actor, entry.object_id, entry.before, entry.after) == (ada, str(ada.pk), {}, {})


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("wrong", NEW, NEW, "old_password"),
        (PASSWORD, NEW, "something else", "new_password2"),
        (PASSWORD, "short", "short", "new_password2"),
        (PASSWORD, "password123", "password123", "new_password2"),
    ],
)
def test_a_refused_change_changes_nothing(
    client: Client, ada: User, old: str, new: str, again: str, field: str
) -> None:
    client.force_login(ada)
    response = client.post(URL, {"old_password": old, "new_password1": new, "new_password2": again})
    assert response.status_code == 200
    assert field in response.context["page"].form.errors
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    assert not AuditEntry.objects.filter(action="user.password_changed").exists()


def test_the_old_password_cannot_be_guessed_here_either(client: Client, ada: User, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "sign-in": "2/5minutes"}
    client.force_login(ada)
    assert [_change(client, old=f"guess {n}") for n in range(2)] == [200, 200]
    response = client.post(URL, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 290


def test_the_admins_own_page_is_this_one(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    assert client.get("/admin/password_change/").headers["Location"] == URL
