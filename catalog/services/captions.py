"""Writes about captions. Each is a change of the movie: one lock, one version, one audit line, one event."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.db import transaction

from catalog import caption_followers
from catalog.captions.checks import check_sequence
from catalog.captions.cues import Cue
from catalog.captions.findings import CaptionsRefused, Finding, Findings, finding_as_json
from catalog.captions.reading import CaptionFile, read_captions, read_stored
from catalog.captions.timing import Retiming, retime
from catalog.captions.webvtt import format_webvtt
from catalog.errors import CaptionExists, CaptionFileRefused, CaptionTimesRefused, TooManyCaptions
from catalog.models import Caption, Movie
from catalog.models.caption import MOST_CAPTIONS, default_label
from catalog.services.revisions import lock_movie, record_revision
from portal import audit
from portal.errors import NotFound
from portal.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionPlan:
    """Captions as somebody uploads them. `language` is a valid tag in its usual form; an empty label is made of it."""

    language: str
    content: bytes
    kind: Caption.Kind = Caption.Kind.SUBTITLES
    label: str = ""
    is_default: bool = False


class CaptionChanges(TypedDict, total=False):
    """What is to be different; what is not named stays as it is. `content` is a file that replaces the text."""

    language: str
    kind: Caption.Kind
    label: str
    is_default: bool
    content: bytes


def add_caption(
    *, movie_id: int, plan: CaptionPlan, by: User | None, at: datetime, expected_version: int | None = None
) -> Caption:
    """Read a file and give it to a movie.

    Raises CaptionFileRefused, CaptionExists, TooManyCaptions, MovieChangedMeanwhile, NotFound.
    """
    file = _read(plan.content, plan.language, movie_id)
    with transaction.atomic():
        movie = lock_movie(movie_id, expected_version=expected_version)
        if movie.captions.count() >= MOST_CAPTIONS:
            raise TooManyCaptions(most=MOST_CAPTIONS)
        caption = Caption(movie=movie, language=plan.language, kind=plan.kind, created_at=at)
        caption.label = plan.label or default_label(plan.language, plan.kind)
        caption.is_default = plan.is_default
        _fill(caption, file.cues, file.warnings, file.warning_count)
        caption.source_format, caption.source_encoding = file.format, file.encoding
        _save(caption, at=at)
        record_revision("caption.added", movie, by=by, at=at, change=({}, _audited(caption)))
        caption_followers.tell(movie.pk)
    return caption


def update_caption(
    *, caption_id: int, changes: CaptionChanges, by: User | None, at: datetime, expected_version: int | None = None
) -> Caption:
    """Change what captions are called, or replace their text; a change to what is so already changes nothing.

    Raises as add_caption does.
    """
    known = _find(caption_id)
    language, content = changes.get("language", known.language), changes.get("content")
    file = None if content is None else _read(content, language, known.movie_id)
    with transaction.atomic():
        movie, caption = _lock(known, expected_version)
        before = _audited(caption)
        _apply(caption, changes)
        if file:
            _fill(caption, file.cues, file.warnings, file.warning_count)
            caption.source_format, caption.source_encoding = file.format, file.encoding
        change = audit.changed_fields(before, _audited(caption))
        if change[1]:
            _save(caption, at=at)
            record_revision("caption.updated", movie, by=by, at=at, change=_named(caption, change))
            caption_followers.tell(movie.pk)
    return caption


def retime_caption(
    *, caption_id: int, retiming: Retiming, by: User | None, at: datetime, expected_version: int | None = None
) -> Caption:
    """Move and stretch all cues of a text; a measure that moves nothing changes nothing.

    Raises CaptionTimesRefused, MovieChangedMeanwhile, NotFound.
    """
    with transaction.atomic():
        movie, caption = _lock(_find(caption_id), expected_version)
        if retiming == Retiming():
            return caption
        before, found = _audited(caption), Findings()
        try:
            cues = retime(read_stored(caption.webvtt), retiming, found)
            check_sequence(cues, found, runtime_s=movie.runtime_s)
            found.settle()
        except CaptionsRefused as refused:
            raise CaptionTimesRefused.by_cues(refused.faults) from refused
        _fill(caption, cues, found.warnings, found.warning_count)
        _save(caption, at=at)
        measure = {"stretch": f"{float(retiming.stretch):.6f}", "offset_s": retiming.offset_ms / 1000}
        was, became = audit.changed_fields(before, _audited(caption))
        change = (was, {**became, **measure})
        record_revision("caption.retimed", movie, by=by, at=at, change=_named(caption, change))
        caption_followers.tell(movie.pk)
    return caption


def remove_caption(*, caption_id: int, by: User | None, at: datetime, expected_version: int | None = None) -> Movie:
    """Take captions away from their movie. Raises MovieChangedMeanwhile, NotFound."""
    with transaction.atomic():
        movie, caption = _lock(_find(caption_id), expected_version)
        before = _audited(caption)
        caption.delete()
        change = (before, dict.fromkeys(before, ""))
        record_revision("caption.removed", movie, by=by, at=at, change=change)
        caption_followers.tell(movie.pk)
    return movie


def _read(content: bytes, language: str, movie_id: int) -> CaptionFile:
    """Read a file before anything is locked: it may take a second."""
    runtime_s = Movie.objects.filter(pk=movie_id).values_list("runtime_s", flat=True).first()
    try:
        return read_captions(content, language=language, runtime_s=runtime_s)
    except CaptionsRefused as refused:
        raise CaptionFileRefused(refused.faults) from refused


def _find(caption_id: int) -> Caption:
    caption = Caption.objects.without_text().filter(pk=caption_id).first()
    if caption is None:
        raise NotFound()
    return caption


def _lock(known: Caption, expected_version: int | None) -> tuple[Movie, Caption]:
    """Lock the movie, then read the captions as they are now."""
    movie = lock_movie(known.movie_id, expected_version=expected_version)
    caption = movie.captions.filter(pk=known.pk).first()
    if caption is None:
        raise NotFound()
    return movie, caption


def _apply(caption: Caption, changes: CaptionChanges) -> None:
    was_called_by_default = caption.label == default_label(caption.language, caption.kind)
    caption.language = changes.get("language", caption.language)
    caption.kind = changes.get("kind", caption.kind)
    caption.is_default = changes.get("is_default", caption.is_default)
    label = changes.get("label", "" if was_called_by_default else caption.label)
    caption.label = label or default_label(caption.language, caption.kind)


def _fill(caption: Caption, cues: Sequence[Cue], warnings: Iterable[Finding], warning_count: int) -> None:
    caption.webvtt = format_webvtt(cues)
    caption.cue_count = len(cues)
    caption.warnings = [finding_as_json(warning) for warning in warnings]
    caption.warning_count = warning_count


def _save(caption: Caption, *, at: datetime) -> None:
    """Save captions of a movie that is locked; of its captions, at most one is the default."""
    siblings = Caption.objects.filter(movie_id=caption.movie_id).exclude(pk=caption.pk)
    if siblings.filter(language=caption.language, kind=caption.kind).exists():
        raise CaptionExists(language=caption.language, kind=caption.kind)
    if caption.is_default:
        siblings.filter(is_default=True).update(is_default=False, updated_at=at)
    caption.updated_at = at
    caption.save()


def _audited(caption: Caption) -> dict[str, object]:
    """Return what the trail keeps; of the text, enough to tell one from another."""
    checksum = hashlib.sha256(caption.webvtt.encode()).hexdigest()[:12]
    return {
        **{name: getattr(caption, name) for name in ("language", "kind", "label", "is_default")},
        "text": f"{caption.cue_count} ({checksum})",
    }


def _named(
    caption: Caption, change: tuple[Mapping[str, object], Mapping[str, object]]
) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """Say of which captions the trail speaks: a movie has several."""
    before, after = change
    name = f"{caption.language} {caption.kind}"
    return {"captions": name, **before}, {"captions": name, **after}
