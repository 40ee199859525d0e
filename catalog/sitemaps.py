"""What search engines are told: where they may go, and the address of everything that can be found now."""

from datetime import datetime
from math import ceil
from typing import Any
from xml.sax.saxutils import escape

from django.db.models import DateTimeField, Exists, OuterRef, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.caching import keep_until_edge
from catalog.models import Credit, Genre, Movie, Person
from catalog.pages.meta import absolute
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal.errors import NotFound

# The protocol (sitemaps.org) allows 50,000 addresses a file; a fifth of that is made in a blink.
LARGEST_PART = 10_000
_MOST_PARTS = 1_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGE_OF = {"movies": "catalog:movie-detail", "genres": "catalog:genre-detail", "people": "catalog:person-detail"}
# Nothing to be found there, and no end of addresses to try.
_CLOSED = ("/admin/", "/api/", "/accounts/", "/audience/", "/preferences/")


@require_safe
def show_robots(request: HttpRequest) -> HttpResponse:
    closed = "".join(f"Disallow: {path}\n" for path in _CLOSED)
    index = absolute(reverse("catalog:sitemap-index"))
    return HttpResponse(f"User-agent: *\n{closed}\nSitemap: {index}\n", content_type="text/plain; charset=utf-8")


@require_safe
def show_index(request: HttpRequest) -> HttpResponse:
    """List the parts of the sitemap, as many as there is something for."""
    viewpoint = viewpoint_of(request)
    parts = [
        absolute(reverse("catalog:sitemap-part", args=[name, number + 1]))
        for name in _PAGE_OF
        for number in range(ceil(_rows(name, viewpoint).count() / LARGEST_PART))
    ]
    entries = "".join(f"<sitemap><loc>{escape(part)}</loc></sitemap>\n" for part in parts)
    return _answer(f'<sitemapindex xmlns="{_NAMESPACE}">\n{entries}</sitemapindex>\n', viewpoint)


@require_safe
def show_part(request: HttpRequest, part: str, number: int) -> HttpResponse:
    """List the addresses of one part, films and people with the moment of their last change."""
    viewpoint = viewpoint_of(request)
    if part not in _PAGE_OF or not 1 <= number <= _MOST_PARTS:
        raise NotFound()
    rows = _rows(part, viewpoint)[LARGEST_PART * (number - 1) : LARGEST_PART * number]
    # Ten thousand times `reverse` would take a second.
    stem = absolute(reverse(_PAGE_OF[part], args=["-"])).removesuffix("-/")
    entries = "".join(_entry(f"{stem}{slug}/", changed_at) for slug, changed_at in rows)
    if not entries:
        raise NotFound()
    return _answer(f'<urlset xmlns="{_NAMESPACE}">\n{entries}</urlset>\n', viewpoint)


def _rows(part: str, viewpoint: Viewpoint) -> "QuerySet[Any, tuple[str, datetime | None]]":
    """Select (slug, last change) of all that viewers find now, in an order that additions leave alone."""
    listed = Movie.objects.listed(viewpoint)
    if part == "movies":
        return listed.order_by("pk").values_list("slug", "updated_at")
    if part == "genres":
        never = Value(None, output_field=DateTimeField())
        filled = Genre.objects.filter(Exists(listed.filter(genres=OuterRef("pk"))))
        return filled.annotate(updated_at=never).order_by("pk").values_list("slug", "updated_at")
    credited = Credit.objects.filter(movie__in=listed).values("person")
    return Person.objects.filter(pk__in=credited).order_by("pk").values_list("slug", "updated_at")


def _entry(url: str, changed_at: datetime | None) -> str:
    changed = f"<lastmod>{changed_at.isoformat(timespec='seconds')}</lastmod>" if changed_at else ""
    return f"<url><loc>{escape(url)}</loc>{changed}</url>\n"


def _answer(body: str, viewpoint: Viewpoint) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return keep_until_edge(HttpResponse(text, content_type="application/xml; charset=utf-8"), viewpoint)
