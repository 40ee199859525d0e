"""House-keeping that beat starts."""

from django.conf import settings
from django.core.management import call_command

from portal import audit, clock
from portal.api import idempotency
from portal.celery import shared_task


@shared_task(name="portal.forget_old_audit_entries")
def forget_old_audit_entries(**_: object) -> None:
    """Delete audit entries past their retention."""
    audit.forget_older_than(days=settings.NOVA_AUDIT_RETENTION_DAYS, at=clock.now())


@shared_task(name="portal.forget_expired_sign_ins")
def forget_expired_sign_ins(**_: object) -> None:
    """Delete sessions and refresh tokens that have expired."""
    call_command("clearsessions")
    call_command("flushexpiredtokens")


@shared_task(name="portal.forget_answers")
def forget_answers(**_: object) -> None:
    """Delete the answers to idempotency keys past their day."""
    idempotency.forget_answers(at=clock.now())
