"""What filters and orders of the list are called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.listing.query import Availability, Order, Sort

AVAILABILITY_LABELS: Mapping[str, str | Promise] = {
    Availability.COMING: _("Coming soon"),
    Availability.LEAVING: _("Leaving soon"),
}
# Ascending, descending.
_ORDER_LABELS: Mapping[Sort, tuple[str | Promise, str | Promise]] = {
    Sort.RELEVANCE: (_("Best match"), _("Best match")),
    Sort.ADDED: (_("Oldest additions"), _("Newest additions")),
    Sort.TITLE: (_("Title, A to Z"), _("Title, Z to A")),
    Sort.YEAR: (_("Oldest films"), _("Latest films")),
    Sort.RUNTIME: (_("Shortest first"), _("Longest first")),
    Sort.RATING: (_("For the youngest first"), _("For the oldest first")),
    Sort.OPENING: (_("First to come"), _("Last to come")),
    Sort.CLOSING: (_("First to leave"), _("Last to leave")),
}


def order_label(order: Order) -> str | Promise:
    return _ORDER_LABELS[order.by][order.is_descending]
