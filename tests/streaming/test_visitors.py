"""Who watches, as far as figures may know it, and what is left in a browser for that."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from catalog.viewpoints import Viewpoint
from portal.models import User
from streaming.visitors import Visitor, VisitorMiddleware, know_again, visitor_of

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HERE = Viewpoint(at=AT, territory="TH")
NUMBER = "0123456789abcdef" * 2
NOBODY = AnonymousUser()


def visit(user: Any = NOBODY, *, cookies: str = "", **headers: str) -> Visitor:
    request = RequestFactory().get("/", headers={"Cookie": cookies, **headers})
    return visitor_of(request, user, HERE)


def test_a_browser_without_a_number_gets_one_of_16_random_bytes() -> None:
    first, second = visit(), visit()
    assert first.is_new
    assert len(bytes.fromhex(first.browser_id)) == 16
    assert first.browser_id != second.browser_id


def test_a_browser_is_known_again_by_its_number() -> None:
    assert visit(cookies=f"nova_viewer={NUMBER}") == Visitor(browser_id=NUMBER, territory="TH")


@pytest.mark.parametrize("value", ["", "x", NUMBER.upper(), NUMBER + "0", "../../etc", "0" * 4000])
def test_a_number_of_another_form_is_none(value: str) -> None:
    visitor = visit(cookies=f"nova_viewer={value}")
    assert visitor.is_new
    assert visitor.browser_id != value


@pytest.mark.django_db
def test_who_has_signed_in_is_known_by_the_account_and_needs_no_number(viewer: User) -> None:
    assert visit(viewer, cookies=f"nova_viewer={NUMBER}") == Visitor(user_id=viewer.pk, territory="TH")


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
@pytest.mark.parametrize("choice", ["", "yes", "no"])
def test_who_asks_not_to_be_tracked_is_not_known_whatever_was_chosen(viewer: User, header: str, choice: str) -> None:
    cookies = f"nova_viewer={NUMBER}; nova_audience={choice}"
    for user in (NOBODY, viewer):
        assert visit(user, cookies=cookies, **{header: "1"}) == Visitor(territory="TH")
        assert visit(user, cookies="nova_audience=yes", **{header: "0"}) != Visitor(territory="TH")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "choice", "is_known"),
    [
        ("implied", "", True),
        ("implied", "yes", True),
        ("implied", "no", False),
        ("implied", "perhaps", True),
        ("asked", "", False),
        ("asked", "yes", True),
        ("asked", "no", False),
        ("asked", "perhaps", False),
    ],
)
def test_the_setting_says_what_silence_means(
    viewer: User, settings: Settings, setting: str, choice: str, is_known: bool
) -> None:
    settings.NOVA_AUDIENCE_CONSENT = setting
    for user in (NOBODY, viewer):
        known = visit(user, cookies=f"nova_audience={choice}")
        assert bool(known.browser_id or known.user_id) == is_known


def test_the_device_is_told_in_one_word() -> None:
    assert visit(**{"User-Agent": "Mozilla/5.0 (iPhone) Mobile"}).device == "phone"


def test_only_who_began_to_watch_is_left_a_number() -> None:
    request = RequestFactory().get("/")
    answer = VisitorMiddleware(lambda _: HttpResponse())
    visitor = visitor_of(request, NOBODY, HERE)
    assert not answer(request).cookies
    know_again(request, visitor)
    cookie = answer(request).cookies["nova_viewer"]
    assert cookie.value == visitor.browser_id
    assert (cookie["max-age"], cookie["samesite"], cookie["path"]) == (86400, "Lax", "/")
    assert cookie["httponly"]
