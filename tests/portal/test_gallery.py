"""The component gallery, and the parts that it shows."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from portal.models import User

ADDRESS = reverse("portal:gallery")
ROOT = Path(settings.BASE_DIR)
ICON_NAMES = (ROOT / "static" / "src" / "icons.txt").read_text(encoding="utf-8").split("\n")


def render(source: str, **context: object) -> str:
    return Template("{% load nova %}" + source).render(Context(context))


# --- Who sees it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("viewer", 404),
        ("editor", 404),
        ("broadcaster", 404),
        ("stranger", 404),
        ("operator", 200),
        ("administrator", 200),
    ],
)
def test_only_operators_know_of_it(client: Client, request: pytest.FixtureRequest, role: str, status: int) -> None:
    client.force_login(request.getfixturevalue(role))
    assert client.get(ADDRESS).status_code == status


@pytest.mark.django_db
def test_visitors_are_told_that_there_is_no_such_page(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 404


def test_the_menu_names_it_only_to_those_who_may_see_it(client: Client, viewer: User, operator: User) -> None:
    for person, is_named in ((viewer, False), (operator, True)):
        client.force_login(person)
        assert (f'href="{ADDRESS}"' in client.get("/accounts/profile/").content.decode()) is is_named


def test_it_shows_every_kind_of_component(client: Client, operator: User) -> None:
    client.force_login(operator)
    page = client.get(ADDRESS).content.decode()
    for mark in ("btn", "badge", "alert", "toast", "modal", "skeleton", "empty", "movie-card", "poster is-art",
                 "pagination", "field-error", "progress-line", "swatch"):  # fmt: skip
        assert f'class="{mark}' in page, mark


# --- What the content security policy asks of templates ---------------------------------------------------------------


def test_no_template_holds_inline_styles_or_handlers() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text), path


def test_every_icon_that_a_template_names_is_built() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        for name in re.findall(r'{% icon "([^"]+)"', path.read_text(encoding="utf-8")):
            assert name in ICON_NAMES, f"{path}: {name}"


# --- Tags -------------------------------------------------------------------------------------------------------------


class SignUp(forms.Form):
    name = forms.CharField(help_text="As others see it.")
    secret = forms.CharField(widget=forms.PasswordInput, required=False)
    terms = forms.BooleanField()


def test_a_field_is_joined_to_its_label_help_and_error() -> None:
    html = render("{% field form.name %}", form=SignUp({"name": ""}))
    assert '<label for="id_name">' in html
    assert 'aria-describedby="id_name-error id_name-help"' in html
    assert 'id="id_name-error"' in html
    assert 'id="id_name-help"' in html
    assert 'aria-invalid="true"' in html


def test_a_field_without_fault_is_not_called_invalid() -> None:
    html = render("{% field form.name %}", form=SignUp())
    assert "aria-invalid" not in html
    assert 'aria-describedby="id_name-help"' in html


def test_a_password_can_be_shown_and_what_may_stay_empty_says_so() -> None:
    html = render("{% field form.secret %}", form=SignUp())
    assert 'aria-controls="id_secret"' in html
    assert "(optional)" in html


def test_what_was_typed_into_a_field_is_escaped() -> None:
    html = render("{% field form.name %}", form=SignUp({"name": '"><script>'}))
    assert "<script>" not in html


def test_an_icon_is_silent_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in render('{% icon "play" %}')
    named = render('{% icon "play" label=label %}', label='Play "it"')
    assert 'role="img"' in named
    assert "Play &quot;it&quot;" in named


@pytest.mark.parametrize(
    ("title", "size"), [("Ember", "is-short"), ("Night Ferry", ""), ("Marta and the Cartographers", "is-long")]
)
def test_titles_are_set_to_fit(title: str, size: str) -> None:
    assert render("{{ title|title_size }}", title=title) == size
