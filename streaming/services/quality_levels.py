"""The ladder: which qualities are made of films that are packaged from now on, and of streams that begin."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from portal import audit
from portal.errors import NotFound
from portal.models import User
from streaming.errors import QualityLevelChangedMeanwhile, QualityLevelExists
from streaming.media.ladder import Codec, Rung
from streaming.models import QualityLevel

_CHANGEABLE = ("name", "codec", "width_px", "height_px", "bitrate_bps", "is_enabled")


def create_quality_level(*, facts: Mapping[str, object], by: User, at: datetime) -> QualityLevel:
    """Add a rung of these facts, which have been validated. Raises QualityLevelExists."""
    with transaction.atomic():
        level = QualityLevel(**_known(facts))
        _save(level)
        audit.record("quality_level.created", level, by=by, at=at, after=_audited(level))
    return level


def update_quality_level(
    *, level_id: int, facts: Mapping[str, object], by: User, at: datetime, seen: Collection[str] | None = None
) -> QualityLevel:
    """Change a rung by these facts, which have been validated.

    `seen` are revisions of which it must have one still; None means: whatever it is now.

    Raises QualityLevelChangedMeanwhile, QualityLevelExists, NotFound.
    """
    with transaction.atomic():
        level = _lock(level_id, seen)
        old = _audited(level)
        for name, value in _known(facts).items():
            setattr(level, name, value)
        before, after = audit.changed_fields(old, _audited(level))
        if after:
            _save(level)
            audit.record("quality_level.updated", level, by=by, at=at, before=before, after=after)
    return level


def delete_quality_level(*, level_id: int, by: User, at: datetime, seen: Collection[str] | None = None) -> None:
    """Remove a rung; what was packaged with it stays as it is. Raises QualityLevelChangedMeanwhile, NotFound."""
    with transaction.atomic():
        level = _lock(level_id, seen)
        audit.record("quality_level.deleted", level, by=by, at=at, before=_audited(level))
        level.delete()


def read_ladder() -> list[Rung]:
    """Return the rungs that are in use, the largest first."""
    return [
        Rung(
            name=level.name,
            codec=Codec(level.codec.lower()),
            width_px=level.width_px,
            height_px=level.height_px,
            bitrate_bps=level.bitrate_bps,
        )
        for level in QualityLevel.objects.filter(is_enabled=True).order_by("-height_px", "codec")
    ]


def _known(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: facts[name] for name in _CHANGEABLE if name in facts}


def revision_of(level: QualityLevel) -> str:
    """Return a text that changes with any of its facts."""
    return hashlib.sha256(json.dumps(_audited(level), sort_keys=True).encode()).hexdigest()[:12]


def _lock(level_id: int, seen: Collection[str] | None) -> QualityLevel:
    level = QualityLevel.objects.select_for_update().filter(pk=level_id).first()
    if level is None:
        raise NotFound()
    if seen is not None and revision_of(level) not in seen:
        raise QualityLevelChangedMeanwhile()
    return level


def _save(level: QualityLevel) -> None:
    try:
        with transaction.atomic():
            level.save()
    except IntegrityError as error:
        others = QualityLevel.objects.exclude(pk=level.pk)
        same_size = others.filter(codec=level.codec, width_px=level.width_px, height_px=level.height_px)
        is_name = others.filter(name=level.name).exists()
        if not is_name and not same_size.exists():
            raise
        raise QualityLevelExists(is_name=is_name) from error


def _audited(level: QualityLevel) -> dict[str, object]:
    return {name: getattr(level, name) for name in _CHANGEABLE}
