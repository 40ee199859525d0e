"""Roles and other groups."""

from collections.abc import Mapping

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin

from portal.admin.audited import AuditedAdmin

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(AuditedAdmin, DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    audit_subject = "group"

    def audited_state(self, obj: Group) -> Mapping[str, object]:
        pairs = obj.permissions.values_list("content_type__app_label", "codename")
        return {"name": obj.name, "permissions": sorted(f"{app}.{codename}" for app, codename in pairs)}
