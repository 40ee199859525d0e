"""People at the same moment: the limit of sign-ins, one role twice, one e-mail address for two."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client, RequestFactory
from pytest_django import Settings

from portal import clock
from portal.accounts import roles, services
from portal.accounts.roles import Role
from portal.accounts.sign_in import sign_in_for_tokens
from portal.errors import TooManyRequests, WrongCredentials
from portal.models import AuditEntry, User
from tests.concurrency import at_once, start_and_wait
from tests.factories import AT, PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _groups(transactional_db: None) -> None:
    """The roles' groups, which the end of another test on the real database may have taken away."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


def kinds(outcomes: list[Any]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_of_guesses_at_once_only_as_many_are_tried_as_the_limit_says(settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "sign-in": "4/5minutes"}
    make_user(username="ada", password=PASSWORD)

    def guess() -> None:
        sign_in_for_tokens(RequestFactory().post("/"), name="ada", password="wrong", at=clock.now())

    outcomes = at_once(*[guess] * 12)

    assert kinds(outcomes) == ["TooManyRequests"] * 8 + ["WrongCredentials"] * 4
    assert all(isinstance(outcome, TooManyRequests | WrongCredentials) for outcome in outcomes)
    assert AuditEntry.objects.filter(action="user.sign_in_failed").count() == 4


def test_the_same_person_may_sign_in_in_many_places_at_once() -> None:
    make_user(username="ada", password=PASSWORD)

    def enter() -> str:
        return sign_in_for_tokens(RequestFactory().post("/"), name="ada", password=PASSWORD, at=AT).access

    tokens = at_once(*[enter] * 6)

    assert len(set(map(str, tokens))) == 6
    assert AuditEntry.objects.filter(action="user.signed_in").count() == 6


def test_a_role_given_several_times_at_once_is_given_once() -> None:
    ada = make_user()
    at_once(*[lambda: roles.assign(ada, Role.OPERATOR, by=None, at=AT)] * 5)
    assert roles.roles_of(ada) == [Role.OPERATOR]
    assert AuditEntry.objects.filter(action="user.role_assigned").count() == 1


def test_a_role_given_and_taken_at_once_leaves_the_admin_open_only_to_those_who_hold_it() -> None:
    ada = make_user(Role.EDITOR)
    outcomes = at_once(
        lambda: roles.withdraw(ada, Role.EDITOR, by=None, at=AT),
        lambda: roles.assign(ada, Role.OPERATOR, by=None, at=AT),
        lambda: roles.withdraw(ada, Role.OPERATOR, by=None, at=AT),
    )
    assert outcomes == [None] * 3
    ada.refresh_from_db()
    assert ada.is_staff is roles.opens_admin(ada)


def test_two_changes_of_one_profile_at_once_are_both_kept() -> None:
    ada = make_user()
    at_once(
        lambda: services.update_profile(user=ada, values={"display_name": "Countess"}, at=AT),
        lambda: services.update_profile(user=ada, values={"language": "th"}, at=AT),
    )
    stored = User.objects.get(pk=ada.pk)
    assert (stored.display_name, stored.language) == ("Countess", "th")
    assert AuditEntry.objects.filter(action="user.profile_changed").count() == 2


def test_of_two_people_who_take_one_address_at_once_the_second_is_told_in_the_form() -> None:
    ada, grace = make_user(username="ada"), make_user(username="grace")
    browser = Client()
    browser.force_login(grace)

    def take() -> Any:
        return browser.post("/accounts/profile/", {"display_name": "Grace", "email": "One@example.com", "language": ""})

    with transaction.atomic():
        services.update_profile(user=ada, values={"email": "one@example.com"}, at=AT)
        second = start_and_wait(take)

    response = second.result(20)
    assert response.status_code == 200
    assert response.context["page"].form.errors["email"] == ["Another account has this e-mail address."]
    grace.refresh_from_db()
    assert grace.display_name == ""
