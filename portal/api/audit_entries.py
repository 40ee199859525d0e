"""The audit trail, for those who may read it."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets

from portal.api.filters import StrictFilterBackend
from portal.api.pagination import CursorPages
from portal.api.permissions import HasPermission
from portal.models import AuditEntry


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    actor = serializers.CharField(
        source="actor_label", help_text="User name of who did it, also after the account is gone; empty: the system."
    )
    actor_id = serializers.IntegerField(allow_null=True, help_text="null: the system, or an account that is gone.")

    class Meta:
        model = AuditEntry
        fields: ClassVar = [
            "id", "at", "action", "actor", "actor_id", "object_type", "object_id", "object_label", "before", "after",
            "request_id",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs: ClassVar = {
            "before": {"help_text": "The changed fields as they were."},
            "after": {"help_text": "The changed fields as they are since."},
        }


class AuditEntryFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    action = django_filters.CharFilter(help_text="movie.published")
    action_prefix = django_filters.CharFilter("action", "startswith", help_text="movie. for all of movies")
    actor = django_filters.CharFilter("actor_label", help_text="user name")
    actor_id = django_filters.NumberFilter(help_text="account")
    object_type = django_filters.CharFilter(help_text="catalog.movie")
    object_id = django_filters.CharFilter()
    request_id = django_filters.CharFilter()

    class Meta:
        model = AuditEntry
        fields: ClassVar[list[str]] = []


# `from` is a word of Python's own, so the two ends of the period are added by name.
AuditEntryFilter.base_filters["from"] = django_filters.IsoDateTimeFilter(
    "at", "gte", label=_("from"), help_text="at or after this moment"
)
AuditEntryFilter.base_filters["to"] = django_filters.IsoDateTimeFilter(
    "at", "lt", label=_("to"), help_text="before this moment"
)


@extend_schema_view(
    list=extend_schema(operation_id="audit_entries_list", tags=["audit"]),
    retrieve=extend_schema(operation_id="audit_entries_retrieve", tags=["audit"]),
)
class AuditEntryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[AuditEntry]):
    """Who did what to which object, newest first. Needs the permission `portal.view_auditentry`."""

    queryset: QuerySet[AuditEntry] = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    permission_classes = (HasPermission,)
    required_permission = "portal.view_auditentry"
    filter_backends = (StrictFilterBackend,)
    filterset_class = AuditEntryFilter
    pagination_class = CursorPages
    page_ordering = ("-at", "-id")
