"""How the editors' desk looks: django-unfold in the portal's colours (settings.UNFOLD)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _


def _asset(path: str) -> Callable[[HttpRequest], str]:
    """Name a static file; its hashed address is known only once the request comes."""
    return lambda request: static(path)


# Warm greys from paper to the dark of the hall; `900` is the page, `950` what lies behind it.
_BASE = {
    "50": "#fbf9f5",
    "100": "#f3eee6",
    "200": "#e3dbce",
    "300": "#cdc2b2",
    "400": "#ab9f91",
    "500": "#8a7e71",
    "600": "#685e53",
    "700": "#484038",
    "800": "#2b2621",
    "900": "#191613",
    "950": "#110f0d",
}

# Tungsten light. Unfold writes white on `600`, so that step is dark enough to be read.
_PRIMARY = {
    "50": "#fff8ea",
    "100": "#ffefd0",
    "200": "#ffdd9d",
    "300": "#ffcb6f",
    "400": "#fabc57",
    "500": "#f7b24a",
    "600": "#96590a",
    "700": "#7c4807",
    "800": "#633a0a",
    "900": "#4e2e0b",
    "950": "#2c1804",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Nova",
    "SITE_HEADER": "Nova",
    "SITE_SUBHEADER": _("Editors' desk"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "flare",
    "SITE_ICON": _asset("img/favicon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _asset("img/favicon.svg")},
        {"rel": "icon", "sizes": "32x32", "type": "image/png", "href": _asset("img/favicon-32.png")},
        {"rel": "apple-touch-icon", "href": _asset("img/apple-touch-icon.png")},
    ],
    "SITE_DROPDOWN": [
        {"icon": "movie", "title": _("To the portal"), "link": "/"},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "10px",
    "STYLES": [_asset("admin.css")],
    # Runs before Unfold chooses its theme: dark, unless this browser has chosen otherwise.
    "SCRIPTS": [_asset("js/admin.js")],
    "COLORS": {
        "base": _BASE,
        "primary": _PRIMARY,
        "font": {
            "subtle-light": "var(--color-base-600)",
            "subtle-dark": "var(--color-base-400)",
            "default-light": "var(--color-base-700)",
            "default-dark": "var(--color-base-300)",
            "important-light": "var(--color-base-950)",
            "important-dark": "var(--color-base-50)",
        },
    },
    "SIDEBAR": {"show_search": True, "command_search": True, "show_all_applications": False},
}
