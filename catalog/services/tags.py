"""Writes about tags."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Lower

from catalog.models import Movie, Tag
from catalog.services.revisions import lock_movie, record_revision
from catalog.services.search_index import index_tags
from catalog.slugs import free_slug, propose_slug
from portal import audit
from portal.models import User

_SLUG_LENGTH = 60


def ensure_tags(*, names: Iterable[str], by: User | None, at: datetime) -> list[Tag]:
    """Return the tags of these names, whatever their case, adding those that nobody has used yet."""
    wanted = {name.casefold(): name for name in (" ".join(name.split()) for name in names) if name}
    with transaction.atomic():
        return [_ensure(name, by=by, at=at) for name in wanted.values()]


def merge_tags(*, tag_id: int, into_id: int, by: User | None, at: datetime) -> Tag:
    """Give every movie of one tag the other instead, and remove the first: two spellings of one thing."""
    with transaction.atomic():
        tag, into = Tag.objects.get(pk=tag_id), Tag.objects.get(pk=into_id)
        for movie_id in tag.movies.order_by("pk").values_list("pk", flat=True):
            movie = lock_movie(movie_id)
            before = _names(movie)
            movie.tags.remove(tag)
            movie.tags.add(into)
            change = audit.changed_fields({"tags": before}, {"tags": _names(movie)})
            record_revision("movie.updated", movie, by=by, at=at, change=change)
        audit.record("tag.merged", tag, by=by, at=at, before={"name": tag.name}, after={"name": into.name})
        tag.delete()
    return into


def _ensure(name: str, *, by: User | None, at: datetime) -> Tag:
    found = Tag.objects.annotate(folded=Lower("name")).filter(folded=name.lower()).first()
    if found:
        return found
    stem = propose_slug(name, fallback="tag", max_length=_SLUG_LENGTH - len("-9999"))
    taken = set(Tag.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    tag = Tag.objects.create(name=name, slug=free_slug(stem, taken=taken))
    index_tags([tag])
    audit.record("tag.created", tag, by=by, at=at, after={"name": name})
    return tag


def _names(movie: Movie) -> list[str]:
    return sorted(movie.tags.values_list("slug", flat=True))
