"""The main menu: a registry that apps fill and that shows each person what is theirs."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from portal import navigation
from portal.models import User
from portal.navigation import NavItem


@pytest.fixture(autouse=True)
def _empty_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_items", {})


def request_for(path: str, user: User | AnonymousUser | None = None) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user or AnonymousUser()
    return request


def labels(request: HttpRequest) -> list[str]:
    return [str(link.label) for link in navigation.links_for(request)]


def test_entries_stand_in_their_order_and_not_in_that_of_registration() -> None:
    navigation.register(NavItem("Second", "portal:problem-list", 20))
    navigation.register(NavItem("First", "accounts:login", 10))
    assert labels(request_for("/")) == ["First", "Second"]


def test_registering_an_address_again_replaces_its_entry() -> None:
    navigation.register(NavItem("Old", "portal:problem-list", 10))
    navigation.register(NavItem("New", "portal:problem-list", 10))
    assert labels(request_for("/")) == ["New"]


def test_an_entry_without_its_page_is_left_out() -> None:
    navigation.register(NavItem("Nowhere", "no-such-app:page", 10))
    assert labels(request_for("/")) == []


@pytest.mark.parametrize(
    ("path", "is_current"),
    [("/problems/", True), ("/problems/not-found/", True), ("/problems-of-others/", False), ("/", False)],
)
def test_an_entry_is_current_on_its_page_and_below(path: str, is_current: bool) -> None:
    navigation.register(NavItem("Problems", "portal:problem-list", 10))
    assert navigation.links_for(request_for(path))[0].is_current is is_current


def test_the_start_page_is_current_only_on_itself() -> None:
    navigation.register(NavItem("Home", "catalog:home", 10))
    assert navigation.links_for(request_for("/"))[0].is_current
    assert not navigation.links_for(request_for("/movies/"))[0].is_current


def test_an_entry_with_a_permission_is_shown_to_those_who_have_it(viewer: User, operator: User) -> None:
    navigation.register(NavItem("Design", "portal:gallery", 10, permission="portal.view_gallery"))
    assert labels(request_for("/")) == []
    assert labels(request_for("/", viewer)) == []
    assert labels(request_for("/", operator)) == ["Design"]


def test_a_menu_without_permissions_never_asks_who_is_there() -> None:
    """Public pages need no query for the menu."""
    navigation.register(NavItem("Problems", "portal:problem-list", 10))
    request = RequestFactory().get("/")
    assert not hasattr(request, "user")
    assert len(navigation.links_for(request)) == 1
