"""Which other sites may put the player into their pages."""

import re

from portal.env import BadSetting, Env

# As a content policy names a site: anything else in it could begin another rule.
_SITE = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:(\d{1,5}|\*))?")


def read_embed_origins(env: Env) -> list[str]:
    """Return the sites of NOVA_EMBED_ORIGINS, such as "https://news.example" or "https://*.news.example"."""
    sites = [site.lower().rstrip("/") for site in env.listing("NOVA_EMBED_ORIGINS")]
    for site in sites:
        if not _SITE.fullmatch(site):
            raise BadSetting(f"NOVA_EMBED_ORIGINS names {site!r}; it takes sites such as https://news.example.")
    return sites
