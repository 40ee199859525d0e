"""Writes about people: who they are, their password, and the first administrator."""

import secrets
from collections.abc import Mapping
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


def change_password(*, user: User, password: str, by: User, at: datetime) -> None:
    """Give a person a new, already validated password. It ends their other sessions and all their tokens."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record("user.password_changed", user, by=by, at=at)


def update_profile(*, user: User, values: Mapping[str, object], at: datetime) -> User:
    """Store what a person says of themselves: display name, e-mail address, language."""
    with transaction.atomic():
        stored = User.objects.select_for_update().get(pk=user.pk)
        before, after = audit.changed_fields({name: getattr(stored, name) for name in values}, values)
        if after:
            for name, value in after.items():
                setattr(stored, name, value)
            stored.save(update_fields=list(after))
            audit.record("user.profile_changed", stored, by=user, at=at, before=before, after=after)
    return stored
