"""The main menu: each app registers its entries from `AppConfig.ready`, so no app knows the others."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry. `permission` is a dotted name ("streaming.view_stream"); without one everybody sees the entry."""

    label: str | Promise
    url_name: str
    order: int
    permission: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NavLink:
    """One entry as a page shows it."""

    label: str | Promise
    url: str
    is_current: bool


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add an entry; the same URL name again replaces the first."""
    _items[item.url_name] = item


def links_for(request: HttpRequest) -> tuple[NavLink, ...]:
    """Return what this person may go to, in order. The account is looked at only if an entry needs a permission."""
    links = (_link(item, request) for item in sorted(_items.values(), key=lambda item: item.order))
    return tuple(link for link in links if link is not None)


def _link(item: NavItem, request: HttpRequest) -> NavLink | None:
    if item.permission and not request.user.has_perm(item.permission):
        return None
    try:
        url = reverse(item.url_name)
    except NoReverseMatch:
        return None  # The app is installed without its pages (an API-only deployment).
    return NavLink(label=item.label, url=url, is_current=_is_current(url, request.path))


def _is_current(url: str, path: str) -> bool:
    """An entry is current on its own page and on the pages below it; the start page only on itself."""
    return path == url or (url != "/" and path.startswith(url))
