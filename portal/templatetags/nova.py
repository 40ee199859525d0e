"""Template tags of the design system: `{% load nova %}`."""

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal import cover_art
from portal.pictures import Picture, cover_picture, picture_markup, stage_picture
from portal.viewer_wording import WORDINGS, exact_figure, short_figure

register = template.Library()

# Titles up to this many characters are set larger, and beyond the second smaller, so that they fill a poster.
_SHORT_TITLE, _LONG_TITLE = 9, 24


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Show an icon of the sprite (static/src/icons.txt). Without a label it is decoration and is not read out."""
    attributes = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" {} focusable="false"><use href="{}#{}"></use></svg>',
        f" {css}" if css else "",
        attributes,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def picture(shown: Picture, sizes: str = "", is_first: bool = False, widest: int = 0) -> SafeString:
    """Show a picture in the format and width that suit the browser: `{% picture movie.poster "15rem" widest=540 %}`.

    `sizes` says how wide it is shown, `widest` how many pixels are enough for that. `is_first` fetches it at once.
    """
    return picture_markup(shown.up_to(widest) if widest else shown, sizes=sizes, is_first=is_first)


@register.simple_tag
def cover(key: object, shape: cover_art.Shape = "poster", is_first: bool = False) -> SafeString:
    """Show the generated cover of a film: `{% cover movie.art_key %}` or `{% cover movie.art_key "wide" %}`."""
    return picture_markup(cover_picture(str(key), shape), is_first=is_first)


@register.simple_tag
def stage_art(movie: Any) -> Picture:
    """Return what the top of a film's page shows: its backdrop, or on a narrow screen its poster, or covers."""
    wide = movie.backdrop or cover_picture(str(movie.art_key), "wide")
    return stage_picture(wide, movie.poster or movie.backdrop or cover_picture(str(movie.art_key)))


@register.simple_tag
def stage_cover(key: str) -> Picture:
    """Return the generated cover for a stage that shows no film."""
    return stage_picture(cover_picture(key, "wide"), cover_picture(key))


@register.filter
def title_size(title: object) -> str:
    """Return the class that fits a title's length into a poster or a stage."""
    length = len(str(title))
    if length > _LONG_TITLE:
        return "is-long"
    return "is-short" if length <= _SHORT_TITLE else ""


@register.inclusion_tag("components/_viewers.html")
def viewers(subject: str, count: int | None, wording: str = "viewers", in_words: bool = True) -> dict[str, Any]:
    """Show how many watch a subject of portal.audience: `{% viewers card.subject card.viewers in_words=False %}`.

    The page's script keeps it up to date. Nothing is shown while `count` is None: nobody knows; and of what is said to
    be "watching", nothing while nobody does. `in_words` has the words beside the figure seen, and not only read out.
    """
    phrase = WORDINGS[wording]
    least = 1 if wording == "watching" else 0
    exact = shown = ""
    if count is not None and count >= least:
        exact, short = phrase(count).replace("#", exact_figure(count)), short_figure(count)
        shown = phrase(count).replace("#", short) if in_words else short
    return {
        "subject": subject,
        "count": count,
        "least": least,
        "one": phrase(1),
        "many": phrase(2),
        "in_words": in_words,
        "exact": exact,
        "shown": shown,
    }


@register.inclusion_tag("components/_field.html")
def field(bound: BoundField, help_text: str | None = None) -> dict[str, Any]:
    """Show one form field: label, control, help and error, joined for screen readers."""
    control_id = bound.id_for_label or bound.html_name
    error_id, help_id = f"{control_id}-error", f"{control_id}-help"
    help_shown = bound.help_text if help_text is None else help_text
    described_by = [*([error_id] if bound.errors else []), *([help_id] if help_shown else [])]
    attributes: dict[str, Any] = {"aria-describedby": " ".join(described_by) or None}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    widget = bound.field.widget
    return {
        "field": bound,
        "control": bound.as_widget(attrs={name: value for name, value in attributes.items() if value}),
        "control_id": control_id,
        "error_id": error_id,
        "help_id": help_id,
        "help_text": help_shown,
        "is_inline": isinstance(widget, forms.CheckboxInput),
        "is_group": widget.use_fieldset,
        "is_password": isinstance(widget, forms.PasswordInput),
    }
