"""The history that the admin shows of an object is the audit trail, and no second one is kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from unfold.admin import ModelAdmin

from portal.models import AuditEntry, User

_SHOWN = 100
_LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One entry of the trail in words. `who` is "" for the system."""

    at: datetime
    who: str
    what: str
    changes: tuple[Change, ...]


class TrailedAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    """A page whose writes go through services, which write the trail; deleting is none of them.

    `action_labels` says in words what the actions of the trail are; each app has its own.
    """

    action_labels: ClassVar[Mapping[str, str | Promise]] = {}
    object_history_template = "admin/trail.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        lines = self.history_lines(object_id)
        response: HttpResponse = super().history_view(request, object_id, {**(extra_context or {}), "lines": lines})
        return response

    def history_lines(self, object_id: str) -> tuple[HistoryLine, ...]:
        entries = AuditEntry.objects.filter(object_type=self.opts.label_lower, object_id=object_id)
        return tuple(self._line(entry) for entry in entries.order_by("-at", "-id")[:_SHOWN])

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Leave it to the trail."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Leave it to the trail."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def _line(self, entry: AuditEntry) -> HistoryLine:
        return HistoryLine(
            at=entry.at,
            who=entry.actor_label,
            what=str(self.action_labels.get(entry.action, entry.action)),
            changes=tuple(
                Change(field=self._field_label(name), before=_shown(entry.before.get(name)), after=_shown(value))
                for name, value in entry.after.items()
                if value or entry.before.get(name)  # of a new movie, only what was filled in
            ),
        )

    def _field_label(self, name: str) -> str:
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return name
        return str(capfirst(getattr(field, "verbose_name", name)))


def _shown(value: object) -> str:
    if value in (None, "", []):
        return "–"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Truncator(text).chars(_LONGEST_VALUE)


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets nobody else in"
    return request.user
