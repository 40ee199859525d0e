"""Theme and language: a form that needs neither an account nor a script."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

ADDRESS = reverse("portal:preferences")


@pytest.mark.parametrize("theme", ["dark", "light", "system"])
@pytest.mark.django_db
def test_a_chosen_theme_is_in_the_next_page(client: Client, theme: str) -> None:
    answer = client.post(ADDRESS, {"theme": theme, "next": "/accounts/login/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/"
    assert f'data-theme="{theme}"' in client.get("/accounts/login/").content.decode()


def test_the_cookie_stays_on_this_site_and_out_of_reach_of_scripts(client: Client) -> None:
    cookie = client.post(ADDRESS, {"theme": "light"}).cookies["nova_theme"]
    assert cookie["samesite"] == "Lax"
    assert cookie["httponly"]
    assert int(cookie["max-age"]) > 300 * 24 * 3600


@pytest.mark.django_db
def test_the_portal_is_dark_until_somebody_chooses(client: Client) -> None:
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
def test_a_cookie_with_another_word_counts_as_none(client: Client) -> None:
    client.cookies["nova_theme"] = '"><script>'
    page = client.get("/accounts/login/").content.decode()
    assert 'data-theme="dark"' in page
    assert '"><script>' not in page


@pytest.mark.django_db
def test_a_chosen_language_is_spoken(client: Client) -> None:
    client.post(ADDRESS, {"language": "th"})
    page = client.get("/accounts/login/")
    assert '<html lang="th"' in page.content.decode()


def test_choosing_one_leaves_the_other(client: Client) -> None:
    client.post(ADDRESS, {"theme": "light"})
    answer = client.post(ADDRESS, {"language": "th"})
    assert "nova_theme" not in answer.cookies
    assert client.cookies["nova_theme"].value == "light"


@pytest.mark.parametrize("values", [{"theme": "sepia"}, {"language": "tlh"}])
@pytest.mark.django_db
def test_a_choice_that_is_not_offered_is_refused_and_changes_nothing(client: Client, values: dict[str, str]) -> None:
    answer = client.post(ADDRESS, values)
    assert answer.status_code == 400
    assert not answer.cookies.keys() & {"nova_theme", "django_language"}


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "\\\\evil"])
def test_it_never_leads_to_another_host(client: Client, address: str) -> None:
    answer = client.post(ADDRESS, {"theme": "light", "next": address})
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_it_is_not_an_address_to_visit(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 405


@pytest.mark.django_db
def test_another_site_cannot_change_them() -> None:
    answer = Client(enforce_csrf_checks=True).post(ADDRESS, {"theme": "light"})
    assert answer.status_code == 403
    assert "nova_theme" not in answer.cookies


# --- Being counted as one viewer --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_choice_about_being_counted_is_kept_for_a_year(client: Client) -> None:
    cookie = client.post(ADDRESS, {"audience": "no"}).cookies["nova_audience"]
    assert (cookie.value, cookie["samesite"]) == ("no", "Lax")
    assert cookie["httponly"]
    assert int(cookie["max-age"]) > 300 * 24 * 3600


def test_who_does_not_want_to_be_counted_loses_the_number_that_was_kept(client: Client) -> None:
    client.cookies["nova_viewer"] = "ab" * 16
    assert client.post(ADDRESS, {"audience": "yes"}).cookies.keys() == {"nova_audience"}
    assert client.post(ADDRESS, {"audience": "no"}).cookies["nova_viewer"]["max-age"] == 0


def asks(client: Client, **headers: str) -> bool:
    return '<aside class="consent"' in client.get("/accounts/login/", headers=headers).content.decode()


@pytest.mark.django_db
def test_pages_ask_only_where_the_setting_says_so_and_only_who_has_not_answered(
    client: Client, settings: Settings
) -> None:
    assert not asks(client)
    settings.NOVA_AUDIENCE_CONSENT = "asked"
    assert asks(client)
    # The browser has answered.
    assert not asks(client, DNT="1")
    assert not asks(client, **{"Sec-GPC": "1"})
    client.post(ADDRESS, {"audience": "no"})
    assert not asks(client)


@pytest.mark.django_db
def test_both_answers_are_worth_the_same(client: Client, settings: Settings) -> None:
    settings.NOVA_AUDIENCE_CONSENT = "asked"
    strip = (
        client.get("/accounts/login/").content.decode().partition('<aside class="consent"')[2].partition("</aside>")[0]
    )
    buttons = [" ".join(button.split()) for button in re.findall(r"<button(.*?)>", strip, re.DOTALL)]
    no, yes = buttons
    assert no.replace('value="no"', 'value="yes"') == yes
