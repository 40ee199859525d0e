"""Admin pages whose changes go into the audit trail."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from portal import audit, clock
from portal.models import User


class AuditedAdmin(ModelAdmin):  # type: ignore[type-arg]  # it takes its argument for mypy only
    """Record what was added, changed and deleted here, in the transaction that the admin opens for each page."""

    audit_subject: str

    def audited_state(self, obj: Any) -> Mapping[str, object]:
        """Return the fields of a stored object that the trail shows."""
        raise NotImplementedError

    def after_relations(self, obj: Any) -> None:
        """Finish an object whose relations are stored, before the trail compares it."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        form.state_before = self.audited_state(self.model._default_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.after_relations(form.instance)
        before, after = audit.changed_fields(form.state_before, self.audited_state(form.instance))
        if after:
            verb = "changed" if change else "created"
            self._record(request, f"{self.audit_subject}.{verb}", form.instance, before=before, after=after)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self._record(request, f"{self.audit_subject}.deleted", obj, before=self.audited_state(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _record(self, request: HttpRequest, action: str, obj: Model, **states: Mapping[str, object]) -> None:
        assert isinstance(request.user, User), "the admin lets nobody else in"
        audit.record(action, obj, by=request.user, at=clock.now(), **states)
