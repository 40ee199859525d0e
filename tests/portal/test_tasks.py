from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from pytest_django import Settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from portal import clock
from portal.celery import app
from portal.models import AuditEntry
from portal.tasks import forget_expired_sign_ins, forget_old_audit_entries
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_audit_entries_are_kept_as_long_as_the_setting_says(settings: Settings) -> None:
    settings.NOVA_AUDIT_RETENTION_DAYS = 30
    now = clock.now()
    for days in (0, 29, 31, 400):
        AuditEntry.objects.create(at=now - timedelta(days=days), action=f"test.days_{days}")
    forget_old_audit_entries()
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"test.days_0", "test.days_29"}


def test_expired_sessions_and_tokens_are_forgotten() -> None:
    now = clock.now()
    user = make_user()
    for name, expires_at in (("old", now - timedelta(days=1)), ("new", now + timedelta(days=1))):
        Session.objects.create(session_key=name, session_data="", expire_date=expires_at)
        OutstandingToken.objects.create(user=user, jti=name, token="", expires_at=expires_at)
    forget_expired_sign_ins()
    assert set(Session.objects.values_list("session_key", flat=True)) == {"new"}
    assert set(OutstandingToken.objects.values_list("jti", flat=True)) == {"new"}


def test_both_are_on_the_schedule_and_take_what_newer_publishers_may_send() -> None:
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {forget_old_audit_entries.name, forget_expired_sign_ins.name} <= scheduled
    forget_old_audit_entries(something_new=1)
    forget_expired_sign_ins(something_new=1)
