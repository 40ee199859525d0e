"""Template tags of figures, for pages of other apps: `{% load figures %}`."""

from typing import Any

from django import template

from analytics.pages.charts import STUDIO_CHARTS, figure_words, finding_words
from analytics.pages.parts import latency_figure, live_figures
from analytics.pages.wording import average_words, count_words, length_words

register = template.Library()


@register.inclusion_tag("analytics/_studio_figures.html")
def studio_figures() -> dict[str, Any]:
    """Show the place of a stream's figures, which its script fills while there is one."""
    return {
        "figures": (*live_figures(None, now=None), latency_figure(None)),
        "charts": STUDIO_CHARTS,
        "words": {**figure_words(), "findings": finding_words()},
    }


register.filter("count", count_words)
register.filter("average", average_words)
register.filter("length_of_time", length_words)
