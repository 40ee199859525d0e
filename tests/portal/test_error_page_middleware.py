"""An anticipated error that a page's view raises becomes the page for it."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.api.probe_urls")]


@pytest.mark.parametrize(
    ("kind", "status", "template", "sentence"),
    [
        ("own", 403, "errors/403.html", "You are not on the list."),
        ("limited", 429, "errors/429.html", "Try again in 17 seconds."),
        ("faulty", 422, "errors/400.html", ""),
        ("database", 503, "errors/503.html", "Try again in 5 seconds."),
        ("connection", 503, "errors/503.html", "Try again in 5 seconds."),
        ("redis", 503, "errors/503.html", "Try again in 5 seconds."),
    ],
)
def test_an_anticipated_error_becomes_its_page(
    client: Client, kind: str, status: int, template: str, sentence: str
) -> None:
    response = client.get(f"/pages/{kind}/")
    assert response.status_code == status
    assert template in [used.name for used in response.templates]
    text = response.content.decode()
    assert sentence in text
    assert "secret" not in text
    assert response.headers["X-Request-ID"] in text
    assert response.headers["Cache-Control"] == "no-store"


def test_what_passes_by_itself_says_when_to_come_back(client: Client) -> None:
    assert client.get("/pages/limited/").headers["Retry-After"] == "17"


def test_who_must_sign_in_is_led_to_the_sign_in_and_back(client: Client) -> None:
    assert client.get("/pages/unsigned/?a=b").headers["Location"] == "/accounts/login/?next=/pages/unsigned/%3Fa%3Db"


def test_a_form_that_nobody_signed_in_sent_is_refused_without_a_detour(client: Client) -> None:
    assert client.post("/pages/unsigned/").status_code == 401


@pytest.mark.parametrize("path", ["/movies/%00/", "/%00", "/api/v1/movies/%00/"])
def test_an_address_that_no_database_can_look_for_is_not_found(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    is_api = path.startswith("/api/")
    assert response.headers["Content-Type"].startswith("application/problem+json" if is_api else "text/html")


@pytest.mark.parametrize("path", ["/pages/?q=%00", "/movies/?q=Mer%00idian", "/admin/portal/auditentry/?q=%00"])
def test_a_query_that_no_database_can_take_is_refused(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


def test_an_unforeseen_error_is_left_to_djangos_handler(client: Client) -> None:
    with pytest.raises(RuntimeError):
        client.get("/pages/unforeseen/")


@pytest.mark.urls("portal.urls")
def test_a_method_that_a_page_does_not_take_gets_a_page_that_names_those_it_takes(client: Client) -> None:
    response = client.get("/preferences/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert "errors/405.html" in [used.name for used in response.templates]
