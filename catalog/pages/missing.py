"""Films for somebody whose address leads nowhere: those that its words may mean, or else the newest."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.listing.query import ListingQuery
from catalog.listing.reading import read_listing
from catalog.models import Movie
from catalog.pages.cards import CARD_RELATIONS, cards_of, with_cards
from catalog.pages.shelves import Row
from catalog.viewpoints import Viewpoint, asks_for_preview, viewpoint_of

_MOST = 8
_LONGEST_TEXT = 60
# Addresses of people's own typing. What looks for files or for holes in other software gets a page and no search.
_WORDS = re.compile(r"^/(?:movies/|people/|genres/|live/)?([\w%-]{2,120})/?$")


def suggest_films(request: HttpRequest) -> Iterator[Row]:
    words = _WORDS.match(request.path)
    if words is None or asks_for_preview(request):
        return
    viewpoint = viewpoint_of(request)
    row = _meant(words[1], viewpoint) or _newest(viewpoint)
    if row.movies:
        yield row


def _meant(slug: str, viewpoint: Viewpoint) -> Row | None:
    text = " ".join(re.split(r"[\W_]+", slug)).strip()[:_LONGEST_TEXT]
    query = ListingQuery(text=text)
    found = read_listing(query, viewpoint=viewpoint, cursor=None, size=_MOST).page.rows if text else []
    if not found:
        return None
    prefetch_related_objects(found, *CARD_RELATIONS)
    url = f"{reverse('catalog:movie-list')}?{urlencode({'q': text})}"
    return Row(title=_("Were you looking for one of these?"), movies=cards_of(found, viewpoint), url=url)


def _newest(viewpoint: Viewpoint) -> Row:
    newest = with_cards(Movie.objects.listed(viewpoint)).newest_first()[:_MOST]
    return Row(title=_("New"), movies=cards_of(newest, viewpoint), url=reverse("catalog:movie-list"))
