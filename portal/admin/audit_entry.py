"""The audit trail, to read."""

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter

from portal.models import AuditEntry


class MomentRangeFilter(RangeDateTimeFilter):  # type: ignore[misc]  # Unfold has no types
    """From one moment to another, in the portal's time zone; Unfold's own compares without any."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        for end, lookup, time_of_day in (("from", "gte", "00:00:00"), ("to", "lte", "23:59:59")):
            date = self.used_parameters.get(f"{self.parameter_name}_{end}_0")
            if not date:
                continue
            time = self.used_parameters.get(f"{self.parameter_name}_{end}_1") or time_of_day
            try:
                moment = forms.DateTimeField().clean(f"{date} {time}")
            except ValidationError as error:
                raise IncorrectLookupParameters from error
            queryset = queryset.filter(**{f"{self.parameter_name}__{lookup}": moment})
        return queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    list_display = ("at", "action", "who", "object_label", "object_type", "request_id")
    list_filter: ClassVar[list[Any]] = [
        ("at", MomentRangeFilter),
        ("action", FieldTextFilter),
        ("actor_label", FieldTextFilter),
        ("object_type", FieldTextFilter),
        ("object_id", FieldTextFilter),
        ("request_id", FieldTextFilter),
    ]
    list_filter_submit = True
    search_fields = ("action", "actor_label", "object_label", "=object_id", "=request_id")
    ordering = ("-at", "-id")
    list_per_page = 50
    # Counting millions of rows tells nobody anything.
    show_full_result_count = False
    fields = ("at", "action", "who", "object_type", "object_id", "object_label", "was", "became", "request_id")
    readonly_fields = fields

    @admin.display(description=_("who"), ordering="actor_label")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_label or str(_("the system"))

    @admin.display(description=_("before"))
    def was(self, entry: AuditEntry) -> SafeString:
        return _as_text(entry.before)

    @admin.display(description=_("after"))
    def became(self, entry: AuditEntry) -> SafeString:
        return _as_text(entry.after)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False


def _as_text(state: dict[str, Any]) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(state, indent=2, ensure_ascii=False, sort_keys=True))
