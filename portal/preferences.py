"""What a visitor chose, kept in cookies, with or without an account: theme, language, and whether to be counted."""

from typing import Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

THEME_COOKIE: Final = "nova_theme"
THEMES: Final = (("dark", _("Dark")), ("light", _("Light")), ("system", _("Like the device")))
DEFAULT_THEME: Final = "dark"
AUDIENCE_COOKIE: Final = "nova_audience"
AUDIENCE_CHOICES: Final = (("yes", _("Count me as one viewer")), ("no", _("Count only plays")))
# By this a browser is known for a day, of those who may be counted as one viewer and have not signed in.
VIEWER_COOKIE: Final = "nova_viewer"
_ONE_YEAR_S: Final = 365 * 24 * 3600


class PreferencesForm(forms.Form):
    """The form of a menu or a strip: each field may come alone."""

    theme = forms.ChoiceField(choices=THEMES, required=False)
    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES, required=False)
    audience = forms.ChoiceField(choices=AUDIENCE_CHOICES, required=False)
    next = forms.CharField(required=False)


def theme_of(request: HttpRequest) -> str:
    """Return dark, light or system; a cookie that says something else counts as none."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in dict(THEMES) else DEFAULT_THEME


def audience_choice_of(request: HttpRequest) -> str:
    """Return yes or no, "" of who has not chosen; a cookie that says something else counts as none."""
    choice = request.COOKIES.get(AUDIENCE_COOKIE, "")
    return choice if choice in dict(AUDIENCE_CHOICES) else ""


def asks_not_to_be_tracked(request: HttpRequest) -> bool:
    """Tell whether the browser says so: by Do Not Track, or by Global Privacy Control."""
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def may_be_counted_as_one(request: HttpRequest) -> bool:
    """Tell whether what a visitor watches may be counted as watched by one; the browser's word is the last."""
    if asks_not_to_be_tracked(request):
        return False
    choice = audience_choice_of(request)
    return choice == "yes" or (not choice and settings.NOVA_AUDIENCE_CONSENT == "implied")


def is_to_be_asked(request: HttpRequest) -> bool:
    """Tell whether a page should ask its visitor whether to be counted as one viewer."""
    return (
        settings.NOVA_AUDIENCE_CONSENT == "asked"
        and not audience_choice_of(request)
        and not asks_not_to_be_tracked(request)
    )


def safe_next(request: HttpRequest, presented: str) -> str:
    """Return the address to go back to, or the start page where it would lead to another host."""
    is_ours = url_has_allowed_host_and_scheme(
        presented,
        allowed_hosts={request.get_host()},
        require_https=request.is_secure(),
    )
    return presented if is_ours else "/"


def remember(response: HttpResponse, *, theme: str = "", language: str = "", audience: str = "") -> None:
    """Set the cookies of what was chosen; "" leaves the earlier choice."""
    if theme:
        _keep(response, THEME_COOKIE, theme)
    if audience:
        _keep(response, AUDIENCE_COOKIE, audience)
    if audience == "no":
        response.delete_cookie(VIEWER_COOKIE, samesite="Lax")
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=_ONE_YEAR_S,
            path=settings.LANGUAGE_COOKIE_PATH,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )


def _keep(response: HttpResponse, cookie: str, value: str) -> None:
    response.set_cookie(
        cookie, value, max_age=_ONE_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
    )
