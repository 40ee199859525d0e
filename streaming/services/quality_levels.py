"""Writes about the ladder: which qualities are made of films that are packaged from now on."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from portal import audit
from portal.errors import NotFound
from portal.models import User
from streaming.errors import QualityLevelExists
from streaming.models import QualityLevel

_CHANGEABLE = ("name", "codec", "width_px", "height_px", "bitrate_bps", "is_enabled")


def create_quality_level(*, facts: Mapping[str, object], by: User, at: datetime) -> QualityLevel:
    """Add a rung of these facts, which have been validated. Raises QualityLevelExists."""
    with transaction.atomic():
        level = QualityLevel(**_known(facts))
        _save(level)
        audit.record("quality_level.created", level, by=by, at=at, after=_audited(level))
    return level


def update_quality_level(*, level_id: int, facts: Mapping[str, object], by: User, at: datetime) -> QualityLevel:
    """Change a rung by these facts, which have been validated. Raises QualityLevelExists, NotFound."""
    with transaction.atomic():
        level = _lock(level_id)
        old = _audited(level)
        for name, value in _known(facts).items():
            setattr(level, name, value)
        before, after = audit.changed_fields(old, _audited(level))
        if after:
            _save(level)
            audit.record("quality_level.updated", level, by=by, at=at, before=before, after=after)
    return level


def delete_quality_level(*, level_id: int, by: User, at: datetime) -> None:
    """Remove a rung; what was packaged with it stays as it is. Raises NotFound."""
    with transaction.atomic():
        level = _lock(level_id)
        audit.record("quality_level.deleted", level, by=by, at=at, before=_audited(level))
        level.delete()


def _known(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: facts[name] for name in _CHANGEABLE if name in facts}


def _lock(level_id: int) -> QualityLevel:
    level = QualityLevel.objects.select_for_update().filter(pk=level_id).first()
    if level is None:
        raise NotFound()
    return level


def _save(level: QualityLevel) -> None:
    try:
        with transaction.atomic():
            level.save()
    except IntegrityError as error:
        others = QualityLevel.objects.exclude(pk=level.pk)
        same_size = others.filter(codec=level.codec, width_px=level.width_px, height_px=level.height_px)
        if not others.filter(name=level.name).exists() and not same_size.exists():
            raise
        raise QualityLevelExists() from error


def _audited(level: QualityLevel) -> dict[str, object]:
    return {name: getattr(level, name) for name in _CHANGEABLE}
