"""What every template of the portal may rely on."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal import navigation
from portal.preferences import THEMES, is_to_be_asked, theme_of

SITE_NAME = "Nova"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Give `nav`, `theme`, `themes`, `asks_consent` and `site_name`; the menu is worked out only if it is shown."""
    return {
        "nav": SimpleLazyObject(lambda: navigation.links_for(request)),
        "theme": theme_of(request),
        "themes": THEMES,
        # Whether the page asks its visitor whether to be counted as one viewer.
        "asks_consent": is_to_be_asked(request),
        "site_name": SITE_NAME,
    }
