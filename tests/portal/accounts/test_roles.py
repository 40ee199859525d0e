import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from portal import clock
from portal.accounts import roles
from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def _held_by(role: Role) -> set[str]:
    pairs = Group.objects.get(name=role.value).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in pairs}


@pytest.fixture
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test grant permissions that no other test sees."""
    monkeypatch.setattr(roles, "_permissions", {role: set(roles.permissions_of(role)) for role in Role})


@pytest.mark.parametrize("role", Role)
def test_each_role_is_a_group_with_the_permissions_of_the_table(role: Role) -> None:
    assert _held_by(role) == roles.permissions_of(role)


def test_operators_read_the_audit_trail_and_others_do_not() -> None:
    readers = [role for role in Role if "portal.view_auditentry" in roles.permissions_of(role)]
    assert readers == [Role.OPERATOR]


def test_every_permission_of_the_table_exists() -> None:
    existing = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")}
    for role in Role:
        assert roles.permissions_of(role) <= existing


@pytest.mark.usefixtures("_table")
def test_an_app_grants_a_role_more_and_migrate_stores_it() -> None:
    roles.grant("viewer", "portal.view_gallery")
    call_command("migrate", verbosity=0)
    assert "portal.view_gallery" in _held_by(Role.VIEWER)


def test_syncing_again_changes_nothing_and_keeps_what_was_added_by_hand() -> None:
    by_hand = Permission.objects.get(codename="delete_user")
    Group.objects.get(name="viewer").permissions.add(by_hand)
    before = {role: _held_by(role) for role in Role}
    for app_config in apps.get_app_configs():
        roles.sync_groups(app_config)
    assert {role: _held_by(role) for role in Role} == before
    assert "portal.delete_user" in before[Role.VIEWER]


@pytest.mark.parametrize("permission", ["view_gallery", "portal.", ".view_gallery"])
def test_a_permission_without_its_app_is_refused(permission: str) -> None:
    with pytest.raises(ValueError, match=r"app\.codename"):
        roles.grant(Role.VIEWER, permission)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="director"):
        roles.grant("director", "portal.view_gallery")


def test_assigning_a_role_gives_its_permissions_and_is_audited(administrator: User) -> None:
    person = make_user()
    at = clock.now()
    roles.assign(person, Role.OPERATOR, by=administrator, at=at)
    person = User.objects.get(pk=person.pk)
    assert person.has_perm("portal.view_auditentry")
    assert roles.roles_of(person) == [Role.OPERATOR]
    entry = AuditEntry.objects.get(action="user.role_assigned", object_id=str(person.pk))
    assert (entry.actor, entry.at, entry.after) == (administrator, at, {"role": "operator"})


def test_assigning_a_role_twice_is_one_change(administrator: User) -> None:
    person = make_user()
    for _ in range(2):
        roles.assign(person, Role.VIEWER, by=administrator, at=clock.now())
    assert AuditEntry.objects.filter(action="user.role_assigned", object_id=str(person.pk)).count() == 1


@pytest.mark.parametrize(
    ("role", "is_staff"),
    [(Role.VIEWER, False), (Role.EDITOR, True), (Role.BROADCASTER, False), (Role.OPERATOR, True)],
)
def test_the_roles_that_work_in_the_admin_may_enter_it(role: Role, is_staff: bool) -> None:
    assert make_user(role).is_staff is is_staff


def test_withdrawing_the_last_admin_role_closes_the_admin(administrator: User) -> None:
    person = make_user(Role.EDITOR, Role.OPERATOR)
    roles.withdraw(person, Role.EDITOR, by=administrator, at=clock.now())
    assert User.objects.get(pk=person.pk).is_staff
    roles.withdraw(person, Role.OPERATOR, by=administrator, at=clock.now())
    person = User.objects.get(pk=person.pk)
    assert not person.is_staff
    assert not person.has_perm("portal.view_auditentry")
    entries = AuditEntry.objects.filter(action="user.role_withdrawn").order_by("pk")
    assert [entry.before for entry in entries] == [{"role": "editor"}, {"role": "operator"}]


def test_withdrawing_a_role_that_is_not_held_is_no_change(administrator: User) -> None:
    person = make_user(Role.VIEWER)
    roles.withdraw(person, Role.EDITOR, by=administrator, at=clock.now())
    assert not AuditEntry.objects.filter(action="user.role_withdrawn").exists()


def test_an_administrator_keeps_the_admin_without_any_role(administrator: User) -> None:
    roles.assign(administrator, Role.EDITOR, by=None, at=clock.now())
    roles.withdraw(administrator, Role.EDITOR, by=None, at=clock.now())
    assert User.objects.get(pk=administrator.pk).is_staff
