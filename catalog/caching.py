"""How long what was read of the catalogue may be kept: never past an edit, nor past the edge of a window.

An edit makes the catalogue's revision greater, and the revision is part of the key. The next moment at which any window
opens or closes is kept with the answer. So nobody is shown what is not true any more, and nothing has to be discarded.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import Min
from django.http import HttpResponse
from django.utils.translation import get_language

from catalog import groups
from catalog.models import AvailabilityWindow, Movie
from catalog.viewpoints import Viewpoint
from portal import events
from portal.outages import REDIS_OUTAGES

Kept = TypeVar("Kept")

# What goes by the clock without an edge, such as "soon" in "leaving soon", is late by so much at most.
_LONGEST = timedelta(minutes=5)
# Browsers, and what strangers make us keep.
_A_MINUTE = timedelta(minutes=1)


def catalogue_revision() -> int | None:
    """Return a number that every change of the catalogue makes greater; None while Redis does not answer.

    It is the number of the last event of the lists' socket. Read it before what it is to stand for.
    """
    try:
        return events.current_sequence(groups.CATALOGUE)
    except REDIS_OUTAGES:
        return None


def remember(
    name: str, viewpoint: Viewpoint, build: Callable[[], Kept], *, is_worded_by_stranger: bool = False
) -> Kept:
    """Return what `build` made for such a viewpoint before, if it is true still; else let it make it now.

    `name` stands for all that the answer depends on besides the catalogue, the viewpoint and the language. Where a
    stranger may write into it whatever he likes, what is kept has to be small: a minute of it is what he can make us
    keep.
    """
    revision = None if viewpoint.is_preview else catalogue_revision()
    if revision is None:
        return build()
    key = _key(f"{name}:{get_language()}", revision, viewpoint)
    known: tuple[datetime, datetime, Kept] | None = cache.get(key)
    if known and known[0] <= viewpoint.at < known[1]:
        return known[2]
    built, until = build(), _until(revision, viewpoint)
    kept_for = _A_MINUTE if is_worded_by_stranger else _LONGEST
    cache.set(key, (viewpoint.at, until, built), timeout=kept_for.total_seconds())
    return built


def _until(revision: int, viewpoint: Viewpoint) -> datetime:
    """Return `true_until`, or the edge that somebody found a moment ago, if it is the next one still."""
    key = _key("edge", revision, viewpoint)
    known: tuple[datetime, datetime] | None = cache.get(key)
    if known and known[0] <= viewpoint.at < known[1]:
        return known[1]
    until = true_until(viewpoint)
    cache.set(key, (viewpoint.at, until), timeout=_LONGEST.total_seconds())
    return until


def _key(name: str, revision: int, viewpoint: Viewpoint) -> str:
    # While a deployment is under way, two versions may read what only one of them understands.
    said = f"{settings.NOVA_VERSION}:{name}:{revision}:{viewpoint.territory or ''}"
    return f"catalog:{hashlib.sha256(said.encode()).hexdigest()}"


def true_until(viewpoint: Viewpoint) -> datetime:
    """Return the moment from which on a read at `viewpoint` may be wrong: the next edge, or some minutes on."""
    at = viewpoint.at
    # A publication that was under way when the reader looked at the clock may have been counted already.
    published = Movie.objects.filter(published_at__gt=at, first_available_at__gt=at, visibility="PUBLISHED")
    edges = (
        AvailabilityWindow.objects.holding_in(viewpoint.territory).next_edge(at),
        published.aggregate(first=Min("published_at"))["first"],
    )
    return min([at + _LONGEST, *(edge for edge in edges if edge)])


def keep_until_edge(response: HttpResponse, viewpoint: Viewpoint) -> HttpResponse:
    """Let its receiver, and no shared cache, keep an answer for a minute, or until the next window edge."""
    until = min(true_until(viewpoint), viewpoint.at + _A_MINUTE)
    seconds = int((until - viewpoint.at).total_seconds())
    response.headers["Cache-Control"] = "no-store" if viewpoint.is_preview else f"private, max-age={seconds}"
    return response
