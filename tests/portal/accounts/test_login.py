from typing import ClassVar

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.models import AuditEntry, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture
def ada() -> User:
    return make_user(username="Ada", email="ada@example.com", password=PASSWORD)


def _sign_in(client: Client, name: str, password: str = PASSWORD, **extra: str) -> int:
    return client.post(LOGIN, {"name": name, "password": password, **extra}).status_code


def _is_signed_in(client: Client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


@pytest.mark.parametrize("name", ["Ada", "ada", "ADA", "ada@example.com", "Ada@Example.COM"])
@pytest.mark.usefixtures("ada")
def test_people_sign_in_by_name_or_email_in_any_case(client: Client, name: str) -> None:
    assert _sign_in(client, name) == 302
    assert _is_signed_in(client)


def test_a_user_name_goes_before_an_email_address_that_is_spelt_the_same(client: Client, ada: User) -> None:
    namesake = make_user(username="ada@example.com", password="another long password")
    assert _sign_in(client, "ada@example.com", "another long password") == 302
    assert client.session["_auth_user_id"] == str(namesake.pk)


def test_people_without_an_email_address_are_not_found_by_the_empty_one(client: Client) -> None:
    make_user(email="", password=PASSWORD)
    client.post(LOGIN, {"name": " ", "password": PASSWORD})
    assert not _is_signed_in(client)


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("closed", PASSWORD)])
@pytest.mark.usefixtures("ada")
def test_a_wrong_name_and_a_wrong_password_look_alike(client: Client, name: str, password: str) -> None:
    make_user(username="closed", password=PASSWORD, is_active=False)
    response = client.post(LOGIN, {"name": name, "password": password})
    assert response.status_code == 200
    assert response.context["page"].form.non_field_errors() == ["The name or the password is wrong"]
    assert "_auth_user_id" not in client.session


class CountingHasher(MD5PasswordHasher):
    """Remembers how often it had to work."""

    works: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.works.append(password)
        return super().encode(password, salt)


@pytest.mark.usefixtures("ada")
def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(client: Client, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.works.clear()
    _sign_in(client, "ada", "wrong")
    assert CountingHasher.works == ["wrong"]
    _sign_in(client, "nobody", "wrong")
    assert CountingHasher.works == ["wrong", "wrong"]


@pytest.mark.usefixtures("ada")
def test_the_session_gets_a_new_key(client: Client) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    key = session.session_key
    _sign_in(client, "ada")
    assert client.session.session_key != key


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/movies/?page=2", "/movies/?page=2"),
        ("http://testserver/live/", "http://testserver/live/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
@pytest.mark.usefixtures("ada")
def test_next_leads_to_this_host_only(client: Client, wanted: str, leads_to: str) -> None:
    response = client.post(LOGIN, {"name": "ada", "password": PASSWORD, "next": wanted})
    assert response.headers["Location"] == leads_to
    asked = client.get(LOGIN, {"next": wanted})
    assert asked.context["page"].next_url == ("" if leads_to == "/" else leads_to)


def test_sign_ins_are_audited_without_password_or_address(client: Client, ada: User) -> None:
    _sign_in(client, "ada@example.com", "not her password")
    _sign_in(client, "ada@example.com")
    client.post("/accounts/logout/")
    failed, came, went = AuditEntry.objects.order_by("pk")
    assert (failed.action, failed.actor, failed.object_id) == ("user.sign_in_failed", None, "")
    assert failed.object_label == "ada@example.com"
    assert (came.action, came.actor, came.object_id) == ("user.signed_in", ada, str(ada.pk))
    assert came.after["via"] == "session"
    assert came.after["client"] == failed.after["client"]
    assert (went.action, went.actor) == ("user.signed_out", ada)
    stored = "".join(f"{entry.__dict__}" for entry in (failed, came, went))
    assert "not her password" not in stored
    assert "127.0.0.1" not in stored


def test_the_audited_name_is_cut(client: Client) -> None:
    _sign_in(client, "x" * 254)
    assert AuditEntry.objects.get().object_label == "x" * 150


@pytest.mark.usefixtures("ada")
def test_too_many_attempts_must_wait_even_with_the_right_password(client: Client, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "sign-in": "2/5minutes"}
    for _ in range(2):
        assert _sign_in(client, "ada", "wrong") == 200
    response = client.post(LOGIN, {"name": "ADA", "password": PASSWORD})
    assert response.status_code == 429
    assert 295 <= int(response.headers["Retry-After"]) <= 300
    (sentence,) = response.context["page"].form.non_field_errors()
    assert "5 minutes" in sentence
    assert not _is_signed_in(client)
    assert AuditEntry.objects.filter(action="user.sign_in_failed").count() == 2


@pytest.mark.usefixtures("ada")
def test_an_attacker_elsewhere_does_not_lock_a_person_out(client: Client, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "sign-in": "2/5minutes"}
    attacker = Client(REMOTE_ADDR="203.0.113.9")
    assert [_sign_in(attacker, "ada", "guess") for _ in range(3)] == [200, 200, 429]
    assert _sign_in(client, "ada") == 302


def test_one_network_cannot_try_one_password_on_many_names(client: Client, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "sign-in-network": "3/5minutes"}
    assert [_sign_in(client, f"name-{n}", "Spring2026") for n in range(4)] == [200, 200, 200, 429]


@pytest.mark.usefixtures("ada")
def test_a_success_forgives_the_mistypings_before_it(client: Client, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "sign-in": "3/5minutes"}
    for _ in range(3):
        assert _sign_in(client, "ada", "typo") == 200
        assert _sign_in(client, "ada", "typo") == 200
        assert _sign_in(client, "ada") == 302


def test_a_name_that_no_account_can_have_is_refused_by_the_form(client: Client) -> None:
    assert _sign_in(client, "a\0b") == 200
    assert _sign_in(client, "x" * 300) == 200
    assert not AuditEntry.objects.exists()


def test_signing_in_needs_the_pages_csrf_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LOGIN, {"name": "ada", "password": PASSWORD}).status_code == 403


def test_signing_out_takes_a_post_and_leads_to_the_start_page(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    assert client.get("/accounts/logout/").status_code == 405
    assert _is_signed_in(client)
    assert client.post("/accounts/logout/").headers["Location"] == "/"
    assert not _is_signed_in(client)


def test_signing_out_twice_is_no_second_sign_out(client: Client) -> None:
    assert client.post("/accounts/logout/").status_code == 302
    assert not AuditEntry.objects.exists()


def test_the_admin_uses_the_same_door(client: Client, administrator: User) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    administrator.set_password(PASSWORD)
    administrator.save()
    assert _sign_in(client, "administrator", next="/admin/") == 302
    assert client.get("/admin/").status_code == 200
    assert client.post(reverse("admin:logout")).status_code == 302
    assert client.get("/admin/").status_code == 302
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"user.signed_in", "user.signed_out"}


def test_somebody_without_the_admin_is_told_who_they_are(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 200
    assert response.context["page"].signed_in_as == "viewer"


@pytest.mark.usefixtures("ada")
def test_signing_in_brings_the_chosen_language(client: Client) -> None:
    User.objects.filter(username="Ada").update(language="th")
    _sign_in(client, "ada")
    assert client.cookies["django_language"].value == "th"


def test_the_sign_in_page_is_never_cached(client: Client) -> None:
    assert "no-store" in client.get(LOGIN).headers["Cache-Control"]
