import pytest
from django.test import Client

from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PROFILE = "/accounts/profile/"


@pytest.fixture
def person(client: Client) -> User:
    user = make_user(Role.VIEWER, username="ada", email="ada@example.com")
    client.force_login(user)
    return user


def test_the_profile_is_for_the_signed_in(client: Client) -> None:
    assert client.get(PROFILE).headers["Location"] == f"/accounts/login/?next={PROFILE}"


def test_it_shows_name_and_roles(client: Client, person: User) -> None:
    page = client.get(PROFILE).context["page"]
    assert (page.user_name, page.roles) == ("ada", ("Viewer",))


def test_a_change_is_stored_and_audited_by_field(client: Client, person: User) -> None:
    values = {"display_name": "Ada L.", "email": "ada@example.com", "language": "th"}
    response = client.post(PROFILE, values)
    assert response.headers["Location"] == PROFILE
    assert response.cookies["django_language"].value == "th"
    person.refresh_from_db()
    assert (person.display_name, person.language) == ("Ada L.", "th")
    entry = AuditEntry.objects.get(action="user.profile_changed")
    assert entry.actor == person
    assert entry.before == {"display_name": "", "language": ""}
    assert entry.after == {"display_name": "Ada L.", "language": "th"}


def test_saving_without_a_change_is_not_audited(client: Client, person: User) -> None:
    client.post(PROFILE, {"display_name": "", "email": "ada@example.com", "language": ""})
    assert not AuditEntry.objects.filter(action="user.profile_changed").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "no address"), ("email", "Taken@Example.com"), ("language", "xx"), ("display_name", "x" * 121)],
)
def test_a_bad_value_is_shown_at_its_field_and_nothing_is_stored(
    client: Client, person: User, field: str, value: str
) -> None:
    make_user(email="taken@example.com")
    response = client.post(PROFILE, {"display_name": "New", "email": "a@b.example", "language": "en", field: value})
    assert list(response.context["page"].form.errors) == [field]
    assert response.context["user"].display_name == ""
    person.refresh_from_db()
    assert (person.display_name, person.email) == ("", "ada@example.com")


def test_nobody_makes_themselves_an_administrator(client: Client, person: User) -> None:
    client.post(PROFILE, {"display_name": "A", "email": "", "language": "", "is_superuser": "1", "is_staff": "1"})
    person.refresh_from_db()
    assert person.display_name == "A"
    assert not person.is_superuser
    assert not person.is_staff
