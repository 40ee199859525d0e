"""Accounts."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from portal.accounts.roles import opens_admin
from portal.admin.audited import AuditedAdmin
from portal.admin.autocomplete import PatientAutocompletes
from portal.models import AuditEntry, User

_SHOWN_SIGN_INS = 10
_SIGN_IN_ACTIONS = ("user.signed_in", "user.sign_in_failed", "user.signed_out")
_AUDITED = ("username", "email", "display_name", "language", "is_active", "is_staff", "is_superuser")
# What decides over power: for administrators only, whoever else may edit accounts.
_POWERS: tuple[str, ...] = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(AuditedAdmin, PatientAutocompletes, DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]  # Unfold has no types
    audit_subject = "user"
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "display_name", "role_names", "is_active", "is_staff", "last_login")
    search_fields = ("username", "email", "display_name")
    autocomplete_fields = ("groups",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "sign_ins")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("display_name", "email", "language", "first_name", "last_name")}),
        (_("Roles"), {"fields": ("groups", "is_active", "is_staff", "is_superuser", "user_permissions")}),
        (_("Sign-ins"), {"fields": ("date_joined", "last_login", "sign_ins")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all()))

    @admin.display(description=_("latest"))
    def sign_ins(self, user: User) -> SafeString:
        """Show the latest sign-ins and failed attempts, and the way to all of them."""
        entries = AuditEntry.objects.filter(
            Q(object_id=str(user.pk)) | Q(object_label=user.username),
            object_type=User._meta.label_lower,
            action__in=_SIGN_IN_ACTIONS,
        ).order_by("-at", "-id")[:_SHOWN_SIGN_INS]
        lines = format_html_join("", "<li>{} {}</li>", ((localize(e.at), e.action) for e in entries))
        query = urlencode({"object_type": User._meta.label_lower, "object_id": str(user.pk)})
        url = f"{reverse('admin:portal_auditentry_changelist')}?{query}"
        return format_html('<ul>{}</ul><a href="{}">{}</a>', lines, url, _("Everything about this account"))

    def audited_state(self, obj: User) -> Mapping[str, object]:
        state: dict[str, object] = {name: getattr(obj, name) for name in _AUDITED}
        pairs = obj.user_permissions.values_list("content_type__app_label", "codename")
        return {
            **state,
            "groups": sorted(obj.groups.values_list("name", flat=True)),
            "permissions": sorted(f"{app}.{codename}" for app, codename in pairs),
        }

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_administrator(request) else (*fields, *_POWERS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _may_touch(request, obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _may_touch(request, obj) and bool(super().has_delete_permission(request, obj))

    def after_relations(self, obj: User) -> None:
        if not obj.is_staff and opens_admin(obj):
            # A role that works in the admin is worth nothing at its closed door.
            obj.is_staff = True
            obj.save(update_fields=["is_staff"])

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            before = _stored_password(id)
            response: HttpResponse = super().user_change_password(request, id, form_url)
            if _stored_password(id) != before:
                self._record(request, "user.password_changed", User.objects.get(pk=id))
        return response


def _is_administrator(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """Only administrators touch administrators: else a new password would make one of anybody."""
    return user is None or not user.is_superuser or _is_administrator(request)


def _stored_password(pk: str) -> str | None:
    if not pk.isdecimal():
        return None
    return User.objects.filter(pk=pk).values_list("password", flat=True).first()
