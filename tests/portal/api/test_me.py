import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.accounts.roles import Role
from portal.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_it_tells_who_calls_and_what_they_may_do(api: APIClient) -> None:
    person = make_user(Role.VIEWER, Role.OPERATOR, username="ada", email="ada@example.com", display_name="Ada L.")
    api.force_login(person)
    answer = api.get("/api/v1/auth/me/").json()
    assert answer == {
        "id": person.pk,
        "username": "ada",
        "email": "ada@example.com",
        "display_name": "Ada L.",
        "language": "",
        "is_staff": True,
        "is_superuser": False,
        "roles": ["viewer", "operator"],
        "permissions": sorted(person.get_all_permissions()),
    }
    assert "portal.view_auditentry" in answer["permissions"]


def test_the_session_of_our_pages_is_enough(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    assert client.get("/api/v1/auth/me/").json()["username"] == "viewer"


def test_answers_are_for_one_person_and_no_shared_cache(api: APIClient, viewer: User) -> None:
    api.force_login(viewer)
    assert api.get("/api/v1/auth/me/").headers["Cache-Control"] == "no-store"
