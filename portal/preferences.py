"""What a visitor chose about the look: theme and language, kept in cookies, with or without an account."""

from typing import Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

THEME_COOKIE: Final = "nova_theme"
THEMES: Final = (("dark", _("Dark")), ("light", _("Light")), ("system", _("Like the device")))
DEFAULT_THEME: Final = "dark"
_ONE_YEAR_S: Final = 365 * 24 * 3600


class PreferencesForm(forms.Form):
    """The menu's form: either field may come alone."""

    theme = forms.ChoiceField(choices=THEMES, required=False)
    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES, required=False)
    next = forms.CharField(required=False)


def theme_of(request: HttpRequest) -> str:
    """Return dark, light or system; a cookie that says something else counts as none."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in dict(THEMES) else DEFAULT_THEME


def safe_next(request: HttpRequest, presented: str) -> str:
    """Return the address to go back to, or the start page where it would lead to another host."""
    is_ours = url_has_allowed_host_and_scheme(
        presented,
        allowed_hosts={request.get_host()},
        require_https=request.is_secure(),
    )
    return presented if is_ours else "/"


def remember(response: HttpResponse, *, theme: str, language: str) -> None:
    """Set the cookies of what was chosen; "" leaves the earlier choice."""
    if theme:
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=_ONE_YEAR_S,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=_ONE_YEAR_S,
            path=settings.LANGUAGE_COOKIE_PATH,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
