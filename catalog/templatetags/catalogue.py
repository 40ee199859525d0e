"""Template tags of the catalogue's pages: `{% load catalogue %}`."""

from datetime import datetime
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from catalog.pages.shelves import Card
from portal import clock

register = template.Library()

# So many cards, of a few kilobytes each, are kept by a process.
_MOST_CARDS = 2000


@register.simple_tag
def movie_card(movie: Card, is_first: bool = False) -> SafeString:
    """Show a film in a list: `{% movie_card movie is_first=True %}` where it is in view at once.

    A list is mostly cards, and the same card is always the same text, so it is written once.
    """
    return _written_card(movie, is_first, get_language(), timezone.get_current_timezone_name())


@lru_cache(maxsize=_MOST_CARDS)
def _written_card(movie: Card, is_first: bool, _language: str, _time_zone: str) -> SafeString:
    html = render_to_string("components/_movie_card.html", {"movie": movie, "is_first": is_first})
    # Indentation would be a third of it.
    return mark_safe(" ".join(html.split()))


@register.simple_tag
def json_ld(text: str) -> SafeString:
    """Put what catalog.metadata has written, with nothing in it that could end a script, into a script element."""
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """Show a moment as "3 December, 20:00 UTC", with the year unless it is this one.

    A page's script tells it in the viewer's own time zone.
    """
    local = timezone.localtime(at)
    pattern = "j F" if local.year == timezone.localtime(clock.now()).year else "j F Y"
    return format_html(
        '<time datetime="{}" data-moment="long">{}, {} {}</time>',
        at.isoformat(),
        date_format(local, pattern),
        date_format(local, "H:i"),
        local.tzname(),
    )


@register.simple_tag
def day(at: datetime) -> SafeString:
    """Show the day of a moment as "3 Dec"."""
    return format_html(
        '<time datetime="{}" data-moment="day">{}</time>', at.isoformat(), date_format(timezone.localtime(at), "j M")
    )
