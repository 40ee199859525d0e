"""Write the audit trail: who did what to which object, in the transaction that did it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import models, transaction

from portal.models import AuditEntry, User
from portal.telemetry.correlation import current_request_id


def record(
    action: str,
    obj: models.Model | None,
    *,
    by: User | None,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Add one entry to the trail.

    Call it inside the transaction of the change, so that both are kept or neither. `by` None means the system.
    `before` and `after` hold the changed fields only, and never a secret.
    """
    assert transaction.get_connection().in_atomic_block, "audit.record belongs inside a transaction"
    return AuditEntry.objects.create(
        at=at,
        action=action,
        actor=by,
        actor_label=by.get_username() if by else "",
        object_type=obj._meta.label_lower if obj else "",
        object_id=str(obj.pk) if obj and obj.pk is not None else "",
        object_label=str(obj)[:200] if obj else "",
        before=dict(before or {}),
        after=dict(after or {}),
        request_id=current_request_id(),
    )


def changed_fields(
    before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """Reduce two states of one object to the fields that differ."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def forget_older_than(*, days: int, at: datetime) -> int:
    """Delete the entries that are older than `days`; return how many."""
    deleted, _ = AuditEntry.objects.filter(at__lt=at - timedelta(days=days)).delete()
    return deleted
