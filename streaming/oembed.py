"""oEmbed 1.0 (oembed.com): what other sites show where somebody writes the address of a film."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils.html import format_html

from catalog.feeds import printable
from catalog.metadata import SharedPicture
from catalog.pages.meta import absolute
from portal.context_processors import SITE_NAME

FORMATS = {"json": "application/json", "xml": "text/xml"}
# What a site gets at most: with a width of its own a frame grows and shrinks as its page tells it.
_WIDTH, _HEIGHT = 640, 360
LARGEST = 10_000
_CACHE_AGE_S = 3600
_PAGES = {"catalog:movie-detail", "streaming:embed"}
# What a frame on another site has to be allowed by that site.
FEATURES = "autoplay; clipboard-write; encrypted-media; fullscreen; picture-in-picture; web-share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A film for other sites. `embed_url` is "" where they may not show the player: then they get a link."""

    title: str
    embed_url: str
    picture: SharedPicture | None
    max_width: int = LARGEST
    max_height: int = LARGEST

    def as_mapping(self) -> dict[str, object]:
        told: dict[str, object] = {
            "version": "1.0",
            "type": "video" if self.embed_url else "link",
            "title": self.title,
            "provider_name": SITE_NAME,
            "provider_url": absolute("/"),
            "cache_age": _CACHE_AGE_S,
        }
        if self.picture and self.picture.width <= self.max_width and self.picture.height <= self.max_height:
            picture = self.picture
            told |= {"thumbnail_url": picture.url, "thumbnail_width": picture.width, "thumbnail_height": picture.height}
        if self.embed_url:
            width, height = self._size()
            told |= {"width": width, "height": height, "html": self._frame(width, height)}
        return told

    def _size(self) -> tuple[int, int]:
        """Return the usual size, or the largest of that shape that the site has room for."""
        width = min(_WIDTH, self.max_width, self.max_height * _WIDTH // _HEIGHT)
        return max(1, width), max(1, width * _HEIGHT // _WIDTH)

    def _frame(self, width: int, height: int) -> str:
        return format_html(
            '<iframe src="{}" width="{}" height="{}" title="{}" allow="{}" allowfullscreen style="border:0"></iframe>',
            self.embed_url,
            width,
            height,
            self.title,
            FEATURES,
        )


def discovery_urls(page_url: str) -> tuple[tuple[str, str], ...]:
    """Return (type, address) of what a page says of itself, for each format."""
    base = absolute(reverse("streaming:oembed"))
    return tuple(
        (f"{media_type}+oembed", f"{base}?{urlencode({'url': page_url, 'format': name})}")
        for name, media_type in FORMATS.items()
    )


def slug_in(url: str) -> str:
    """Return the film of which an address is the page, or the player for other sites; "" for any other address."""
    try:
        parts, own = urlsplit(url), urlsplit(settings.NOVA_PUBLIC_URL)
        if parts.netloc.lower() != own.netloc.lower() or parts.scheme not in ("http", "https"):
            return ""
        found = resolve(parts.path if parts.path.endswith("/") else f"{parts.path}/")
    except (ValueError, Resolver404):
        return ""
    return str(found.kwargs["slug"]) if found.view_name in _PAGES else ""


def as_xml(told: Mapping[str, object]) -> str:
    elements = "".join(f"<{name}>{escape(printable(str(value)))}</{name}>" for name, value in told.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{elements}</oembed>'
