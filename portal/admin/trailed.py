"""The history that the admin shows of an object is the audit trail, and no second one is kept beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from portal.models import AuditEntry, User

# Says the value of a field, by its name.
Wording = Callable[[str, object], str]
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
        shown = list(entries.order_by("-at", "-id")[:_SHOWN])
        say = self.wording_of(shown)
        return tuple(self._line(entry, say) for entry in shown)

    def wording_of(self, entries: Sequence[AuditEntry]) -> Wording:
        """Return what says a field's value in words; "" for none."""
        return lambda name, value: plain_words(value)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Leave it to the trail."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Leave it to the trail."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def field_label(self, name: str) -> str:
        """Return what a field of the trail is called."""
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return str(capfirst(name))
        related: Any = field.related_model if field.auto_created else None
        return str(capfirst(related._meta.verbose_name_plural if related else getattr(field, "verbose_name", name)))

    def _line(self, entry: AuditEntry, say: Wording) -> HistoryLine:
        return HistoryLine(
            at=entry.at,
            who=entry.actor_label,
            what=str(self.action_labels.get(entry.action, entry.action)),
            changes=tuple(
                Change(
                    field=self.field_label(name),
                    before=_cut(say(name, entry.before.get(name))),
                    after=_cut(say(name, value)),
                )
                for name, value in entry.after.items()
                if _is_filled(value) or _is_filled(entry.before.get(name))  # of a new movie, only what was filled in
            ),
        )


def plain_words(value: object) -> str:
    """Say a value of the trail that stands for itself."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _is_filled(value: object) -> bool:
    """Tell whether somebody said something: 0 is a value, such as the age that everybody has."""
    return not (value is None or value is False or value == "" or value == [])


def _cut(words: str) -> str:
    return Truncator(words).chars(_LONGEST_VALUE) or "–"


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets nobody else in"
    return request.user
