"""Writes about people: the first administrator."""

import secrets
from datetime import datetime

from django.db import transaction

from portal import audit
from portal.models import User
from portal.welcome import WelcomeLine


def create_first_administrator(*, at: datetime) -> list[WelcomeLine]:
    """Make the account `admin` if there is no administrator; return what to tell its owner.

    The password is generated, stored hashed, and returned this once.
    """
    with transaction.atomic():
        if User.objects.filter(is_superuser=True).exists():
            return [WelcomeLine(label="Sign-in", value="admin (password: manage.py changepassword admin)")]
        password = secrets.token_urlsafe(12)
        admin = User.objects.create_superuser("admin", password=password)
        audit.record("user.created", admin, by=None, at=at, after={"is_superuser": True})
    return [WelcomeLine(label="Sign-in", value=f"admin / {password}   (shown this once)")]
