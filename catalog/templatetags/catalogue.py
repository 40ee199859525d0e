"""Template tags of the catalogue's pages: `{% load catalogue %}`."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal import clock

register = template.Library()


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
