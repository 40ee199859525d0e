"""Error pages: what happened, what to do, and the request's id, even when everything else is broken."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from portal import error_handlers
from portal.pages import ErrorPage

STATUSES = (400, 403, 404, 405, 429, 500, 503)
BARE = (400, 500, 503)
ID = "0123456789abcdef"


def request_for(path: str = "/somewhere/", **cookies: str) -> HttpRequest:
    request = RequestFactory().get(path)
    request.META["HTTP_X_REQUEST_ID"] = ID
    request.COOKIES.update(cookies)
    return request


def page(status: int, **overrides: Any) -> dict[str, ErrorPage]:
    return {"page": ErrorPage(status=status, title="A title", request_id=ID, **overrides)}


@pytest.mark.parametrize("status", STATUSES)
def test_every_page_says_what_happened_and_what_to_do(status: int) -> None:
    request = request_for()
    request.user = AnonymousUser()
    text = render_to_string(f"errors/{status}.html", page(status), request=request)
    assert re.search(r"<h1>\s*\S", text)
    assert len(re.findall(r"<p>\s*\S", text.partition("</main>")[0])) == 2
    assert ID in text
    assert str(status) in text
    assert 'href="/"' in text
    assert "noindex" in text


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_known_of_the_error_replaces_the_general_words(status: int) -> None:
    request = request_for()
    request.user = AnonymousUser()
    context = page(status, detail="The part <redis> rests.", advice="Come back in 5 s.")
    text = render_to_string(f"errors/{status}.html", context, request=request)
    assert "The part &lt;redis&gt; rests." in text
    assert "Come back in 5 s." in text


@pytest.mark.parametrize("status", BARE)
def test_some_pages_need_nothing_that_may_be_broken(status: int) -> None:
    """No database (pytest refuses it here), no session, no context processor, not even a request."""
    text = render_to_string(f"errors/{status}.html", page(status))
    assert ID in text
    assert "csrf" not in text


def test_an_unforeseen_error_is_answered_without_the_database() -> None:
    answer = error_handlers.server_error(request_for(nova_theme="light"))
    assert answer.status_code == 500
    assert answer["Cache-Control"] == "no-store"
    text = answer.content.decode()
    assert ID in text
    assert 'data-theme="light"' in text


def test_a_request_that_cannot_be_read_is_answered_without_reading_it() -> None:
    request = request_for()
    request.META["HTTP_HOST"] = "not a host"
    answer = error_handlers.bad_request(request, ValueError())
    assert answer.status_code == 400
    assert ID in answer.content.decode()


@pytest.mark.django_db
def test_refusals_and_empty_addresses_have_their_pages() -> None:
    for handler, error, status in (
        (error_handlers.permission_denied, PermissionDenied("secret reason"), 403),
        (error_handlers.page_not_found, Http404("secret path"), 404),
    ):
        request = request_for()
        request.user = AnonymousUser()
        answer = handler(request, error)
        assert answer.status_code == status
        assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_shows_the_portals_own_page(client: Client) -> None:
    answer = client.get("/no/such/film/", headers={"x-request-id": ID})
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "Nothing is playing here" in text
    assert ID in text
    assert 'class="site-header"' in text


@pytest.mark.django_db
def test_a_visitor_is_offered_to_sign_in_and_to_come_back(client: Client) -> None:
    assert "/accounts/login/?next=/no/such/film/" in client.get("/no/such/film/").content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_with_advice() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"name": "a", "password": "b"})
    assert answer.status_code == 403
    assert "safety token" in answer.content.decode()


@pytest.mark.django_db
def test_a_wrong_method_is_a_wrong_door(client: Client) -> None:
    answer = client.get("/preferences/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
