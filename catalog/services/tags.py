"""Writes about tags."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from catalog.errors import NameTaken, ShelfChangedMeanwhile
from catalog.models import Movie, Tag
from catalog.services.revisions import lock_movie, lock_movies, record_mention, record_revision
from catalog.services.search_index import index_tags
from catalog.slugs import free_slug, propose_slug
from portal import audit
from portal.errors import NotFound
from portal.models import User

_SLUG_LENGTH = 60


def ensure_tags(*, names: Iterable[str], by: User | None, at: datetime) -> list[Tag]:
    """Return the tags of these names, whatever their case, adding those that nobody has used yet.

    They stay until the caller's transaction ends: nobody merges them away before a movie has them.
    """
    wanted: dict[str, str] = {}
    for name in (" ".join(name.split()) for name in names):
        if name:
            wanted.setdefault(name.casefold(), name)
    with transaction.atomic():
        # In one order for all, so that no two who use the same tags wait for each other.
        return [_ensure(wanted[folded], by=by, at=at) for folded in sorted(wanted)]


def rename_tag(*, tag_id: int, name: str, by: User | None, at: datetime, expected_name: str | None = None) -> Tag:
    """Change what viewers read; the address stays. The open pages of its movies are told.

    `expected_name` is the one that the caller saw; None means: whatever it is now.

    Raises NameTaken, ShelfChangedMeanwhile, NotFound.
    """
    with transaction.atomic():
        # First, as who changes a movie locks it before its tags.
        movies = lock_movies(Movie.objects.filter(tags=tag_id))
        tag = _lock(tag_id)
        if expected_name is not None and expected_name != tag.name:
            raise ShelfChangedMeanwhile(name=tag.name)
        name = " ".join(name.split())
        if tag.name == name:
            return tag
        previous, tag.name = tag.name, name
        _save(tag)
        index_tags([tag])
        audit.record("tag.renamed", tag, by=by, at=at, before={"name": previous}, after={"name": name})
        record_mention(movies, at=at)
    return tag


def merge_tags(*, tag_id: int, into_id: int, by: User | None, at: datetime) -> Tag:
    """Give every movie of one tag the other instead, and remove the first: two spellings of one thing.

    A tag that is merged into itself stays as it is. Raises NotFound.
    """
    with transaction.atomic():
        lock_movies(Movie.objects.filter(tags=tag_id))
        tag, into = _lock_both(tag_id, into_id)
        if tag == into:
            return into
        # Once more: a movie may have been given the tag while this waited for it.
        for movie_id in lock_movies(Movie.objects.filter(tags=tag_id)):
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
    found = _named(name).select_for_update(no_key=True).first()
    if found:
        return found
    stem = propose_slug(name, fallback="tag", max_length=_SLUG_LENGTH - len("-9999"))
    taken = set(Tag.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    tag = Tag(name=name, slug=free_slug(stem, taken=taken))
    try:
        _save(tag)
    except NameTaken:
        # Somebody used the same new word at this moment: it is theirs, and the same.
        return _named(name).get()
    index_tags([tag])
    audit.record("tag.created", tag, by=by, at=at, after={"name": name})
    return tag


def _lock(tag_id: int) -> Tag:
    tag = Tag.objects.select_for_update().filter(pk=tag_id).first()
    if tag is None:
        raise NotFound()
    return tag


def _lock_both(tag_id: int, into_id: int) -> tuple[Tag, Tag]:
    """Lock two tags in the order that everybody takes, so that no two mergers wait for each other."""
    locked = {pk: _lock(pk) for pk in sorted((tag_id, into_id))}
    return locked[tag_id], locked[into_id]


def _save(tag: Tag) -> None:
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError as error:
        named = _named(tag.name).exclude(pk=tag.pk).first()
        if named is None:
            raise
        raise NameTaken(name=named.name, slug=named.slug) from error


def _named(name: str) -> QuerySet[Tag]:
    """Return the tag of this name, whatever its case: at most one."""
    # The database folds both: of some letters, such as İ, its lower case is not Python's.
    return Tag.objects.annotate(folded=Lower("name")).filter(folded=Lower(Value(name)))


def _names(movie: Movie) -> list[str]:
    return sorted(movie.tags.values_list("slug", flat=True))
