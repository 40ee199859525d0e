"""Which requests for a page come from somebody who is about to watch."""

import re

from django.http import HttpRequest

# With these a browser says that it fetches a page before anybody has asked for it, and our own scripts (X-Purpose) that
# they look for what has changed on one that is open already.
_PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
# Search engines, link previews, monitors and programs: whatever none of these catch costs one session.
_PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|embedly|whatsapp|monitor|uptime"
    r"|^(?:curl|wget|python|go-http|java|ruby|php|okhttp|libwww|$)",
    re.IGNORECASE,
)


def is_by_a_viewer(request: HttpRequest) -> bool:
    """Tell whether a page is opened before somebody's eyes, and not fetched ahead, again, or by a program."""
    if request.method != "GET" or any(name in request.headers for name in _PURPOSES):
        return False
    return _PROGRAMS.search(request.headers.get("User-Agent", "")) is None
