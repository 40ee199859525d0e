"""What every template of the portal may rely on."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal import navigation
from portal.preferences import THEMES, theme_of

SITE_NAME = "Nova"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Give `nav`, `theme`, `themes` and `site_name`; the menu is worked out only if a template shows it."""
    return {
        "nav": SimpleLazyObject(lambda: navigation.links_for(request)),
        "theme": theme_of(request),
        "themes": THEMES,
        "site_name": SITE_NAME,
    }
