"""The administrators' desk: accounts, roles, and the trail of what everybody did."""

from django.contrib import admin
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from portal.admin.audit_entry import AuditEntryAdmin
from portal.admin.group import GroupAdmin
from portal.admin.user import UserAdmin

__all__ = ["AuditEntryAdmin", "GroupAdmin", "UserAdmin"]

# They hold nothing that a person could read or should change.
admin.site.unregister([BlacklistedToken, OutstandingToken])
