"""Roles: what each kind of person may do. A role is a Django group with the permissions of this table.

Apps add theirs from `AppConfig.ready`: `roles.grant(Role.EDITOR, "catalog.change_movie")`. `migrate` brings the groups
up to date. It only ever adds: what an administrator gave a group by hand stays.
"""

from datetime import datetime

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from portal import audit
from portal.models import User


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    EDITOR = "editor", _("Editor")
    BROADCASTER = "broadcaster", _("Broadcaster")
    OPERATOR = "operator", _("Operator")


# The admin is where these work.
_STAFF_ROLES = frozenset({Role.EDITOR, Role.OPERATOR})

_permissions: dict[Role, set[str]] = {
    Role.VIEWER: set(),
    Role.EDITOR: set(),
    Role.BROADCASTER: set(),
    Role.OPERATOR: {"portal.view_auditentry", "portal.view_gallery"},
}


def grant(role: Role | str, *permissions: str) -> None:
    """Add permissions, as "app.codename", to a role's row of the table."""
    for permission in permissions:
        app, _dot, codename = permission.partition(".")
        if not (app and codename):
            raise ValueError(f"{permission!r} is not of the form app.codename")
        _permissions[Role(role)].add(permission)


def permissions_of(role: Role) -> frozenset[str]:
    """Return the permissions that the table gives to a role."""
    return frozenset(_permissions[role])


def sync_groups(app_config: AppConfig, using: str = "default", **_signal: object) -> None:
    """Give each role's group its permissions of one app; a receiver of `post_migrate`."""
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        missing = _stored_permissions(role, app_config.label, using).exclude(group=group)
        group.permissions.add(*missing)


def _stored_permissions(role: Role, app_label: str, using: str) -> models.QuerySet[Permission]:
    codenames = [name.partition(".")[2] for name in _permissions[role] if name.startswith(f"{app_label}.")]
    return Permission.objects.using(using).filter(content_type__app_label=app_label, codename__in=codenames)


def roles_of(user: User) -> list[Role]:
    """Return the roles of a person, in the order of the table."""
    names = set(user.groups.values_list("name", flat=True))
    return [role for role in Role if role.value in names]


def opens_admin(user: User) -> bool:
    """Tell whether a person holds a role that works in the admin."""
    return not _STAFF_ROLES.isdisjoint(roles_of(user))


def assign(user: User, role: Role, *, by: User | None, at: datetime) -> None:
    """Give a person a role, and entry to the admin if the role works there. Nothing happens if they have it."""
    with transaction.atomic():
        user = _locked(user)
        if user.groups.filter(name=role.value).exists():
            return
        user.groups.add(Group.objects.get(name=role.value))
        _set_staff(user, is_staff=user.is_staff or role in _STAFF_ROLES)
        audit.record("user.role_assigned", user, by=by, at=at, after={"role": role.value})


def withdraw(user: User, role: Role, *, by: User | None, at: datetime) -> None:
    """Take a role from a person, and the admin with it if no other role of theirs works there."""
    with transaction.atomic():
        user = _locked(user)
        if not user.groups.filter(name=role.value).exists():
            return
        user.groups.remove(Group.objects.get(name=role.value))
        if role in _STAFF_ROLES:
            _set_staff(user, is_staff=user.is_superuser or opens_admin(user))
        audit.record("user.role_withdrawn", user, by=by, at=at, before={"role": role.value})


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _set_staff(user: User, *, is_staff: bool) -> None:
    if user.is_staff != is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
