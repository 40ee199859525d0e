import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from portal import audit, clock
from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

NEW = "a different passphrase"


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def _page(user: User, name: str = "change") -> str:
    return reverse(f"admin:portal_user_{name}", args=[user.pk])


def _values(user: User, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "username": user.username,
        "email": user.email,
        "display_name": user.display_name,
        "language": "",
        "first_name": "",
        "last_name": "",
        "is_active": "on",
        "groups": [],
        "user_permissions": [],
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def test_the_list_shows_roles_in_a_constant_number_of_queries(
    desk: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(12):
        make_user(Role.VIEWER).groups.add(Group.objects.get(name="editor"))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        html = desk.get("/admin/portal/user/").content.decode()
    assert "editor, viewer" in html


def test_an_account_is_created_and_audited(desk: Client, administrator: User) -> None:
    response = desk.post(
        "/admin/portal/user/add/",
        {"username": "grace", "password1": NEW, "password2": NEW, "usable_password": "true"},
    )
    grace = User.objects.get(username="grace")
    assert response.headers["Location"] == _page(grace)
    assert grace.check_password(NEW)
    entry = AuditEntry.objects.get(action="user.created")
    assert (entry.actor, entry.object_id, entry.after["username"]) == (administrator, str(grace.pk), "grace")
    assert "password" not in entry.after


def test_a_name_that_differs_in_case_only_is_refused(desk: Client) -> None:
    make_user(username="grace")
    response = desk.post(
        "/admin/portal/user/add/",
        {"username": "GRACE", "password1": NEW, "password2": NEW, "usable_password": "true"},
    )
    assert response.status_code == 200
    assert not User.objects.filter(username="GRACE").exists()


def test_a_role_given_here_opens_the_admin_and_is_audited(desk: Client, administrator: User) -> None:
    grace = make_user(username="grace")
    editors = Group.objects.get(name="editor")
    response = desk.post(_page(grace), _values(grace, groups=[editors.pk], display_name="Grace H."))
    assert response.status_code == 302
    grace.refresh_from_db()
    assert grace.is_staff
    entry = AuditEntry.objects.get(action="user.changed")
    assert entry.actor == administrator
    assert entry.before == {"display_name": "", "groups": [], "is_staff": False}
    assert entry.after == {"display_name": "Grace H.", "groups": ["editor"], "is_staff": True}


def test_saving_without_a_change_is_not_audited(desk: Client) -> None:
    grace = make_user()
    assert desk.post(_page(grace), _values(grace)).status_code == 302
    assert not AuditEntry.objects.filter(action="user.changed").exists()


def test_a_new_password_is_audited_without_it(desk: Client, administrator: User) -> None:
    grace = make_user(password=PASSWORD)
    change = {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": "1"}
    assert desk.post(reverse("admin:auth_user_password_change", args=[grace.pk]), change).status_code == 302
    grace.refresh_from_db()
    assert grace.check_password(NEW)
    entry = AuditEntry.objects.get(action="user.password_changed")
    assert (entry.actor, entry.object_id) == (administrator, str(grace.pk))
    assert NEW not in f"{entry.__dict__}"


def test_a_refused_password_is_not_audited(desk: Client) -> None:
    grace = make_user(password=PASSWORD)
    change = {"password1": NEW, "password2": "another one", "usable_password": "true", "set-password": "1"}
    url = reverse("admin:auth_user_password_change", args=[grace.pk])
    assert desk.post(url, change).status_code == 200
    assert desk.get("/admin/portal/user/none/password/").status_code == 404
    assert not AuditEntry.objects.filter(action="user.password_changed").exists()


def test_deleting_is_audited_and_the_name_stays(desk: Client) -> None:
    grace = make_user(username="grace")
    alan = make_user(username="alan")
    desk.post(_page(grace, "delete"), {"post": "yes"})
    desk.post("/admin/portal/user/", {"action": "delete_selected", "_selected_action": [alan.pk], "post": "yes"})
    entries = AuditEntry.objects.filter(action="user.deleted").order_by("pk")
    assert [entry.object_label for entry in entries] == ["grace", "alan"]
    assert not User.objects.filter(username__in=["grace", "alan"]).exists()


def test_the_account_page_shows_its_sign_ins(desk: Client) -> None:
    grace = make_user(username="grace")
    audit.record("user.signed_in", grace, by=grace, at=clock.now())
    audit.record("user.sign_in_failed", User(username="grace"), by=None, at=clock.now())
    audit.record("user.signed_in", make_user(), by=None, at=clock.now())
    html = desk.get(_page(grace)).content.decode()
    assert html.count("user.signed_in") == 1
    assert "user.sign_in_failed" in html
    history = f"/admin/portal/auditentry/?object_type=portal.user&amp;object_id={grace.pk}"
    assert history in html
    assert desk.get(history.replace("&amp;", "&")).status_code == 200


@pytest.fixture
def clerk(client: Client) -> Client:
    """Somebody who may edit accounts without being an administrator."""
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "delete_user"]))
    client.force_login(person)
    return client


def test_who_may_edit_accounts_cannot_hand_out_power(clerk: Client) -> None:
    grace = make_user()
    operators = Group.objects.get(name="operator")
    powers = {"is_superuser": "on", "is_staff": "on", "groups": [operators.pk]}
    assert clerk.post(_page(grace), _values(grace, display_name="Grace", **powers)).status_code == 302
    grace.refresh_from_db()
    assert grace.display_name == "Grace"
    assert not grace.is_superuser
    assert not grace.is_staff
    assert not grace.groups.exists()


def test_who_may_edit_accounts_cannot_touch_an_administrators(clerk: Client, administrator: User) -> None:
    change = {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": "1"}
    password_page = reverse("admin:auth_user_password_change", args=[administrator.pk])
    assert clerk.post(password_page, change).status_code == 403
    assert clerk.post(_page(administrator), _values(administrator, username="mine")).status_code == 403
    assert clerk.post(_page(administrator, "delete"), {"post": "yes"}).status_code == 403
    administrator.refresh_from_db()
    assert administrator.username == "administrator"


@pytest.mark.parametrize("person", ["viewer", "editor", "broadcaster", "operator"])
def test_accounts_and_groups_are_for_administrators(
    client: Client, request: pytest.FixtureRequest, person: str
) -> None:
    client.force_login(request.getfixturevalue(person))
    for address in ("/admin/portal/user/", "/admin/auth/group/"):
        assert client.get(address).status_code in {302, 403}


def test_changing_a_groups_permissions_is_audited(desk: Client) -> None:
    viewers = Group.objects.get(name="viewer")
    permission = Permission.objects.get(codename="view_gallery")
    page = reverse("admin:auth_group_change", args=[viewers.pk])
    assert desk.post(page, {"name": "viewer", "permissions": [permission.pk]}).status_code == 302
    entry = AuditEntry.objects.get(action="group.changed")
    assert "portal.view_gallery" in entry.after["permissions"]


def test_tokens_are_no_business_of_the_admin(desk: Client) -> None:
    assert desk.get("/admin/token_blacklist/outstandingtoken/").status_code == 404
