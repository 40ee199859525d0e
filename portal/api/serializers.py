"""What every serializer of the API is built on."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class StrictSerializer(serializers.Serializer[Any]):
    """Refuse members that it does not know, or that are for reading only: nothing sent is silently lost."""

    def to_internal_value(self, data: Any) -> Any:
        faults = self._unknown_members(data)
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if isinstance(error.detail, dict):
                faults = {**error.detail, **faults}
            raise ValidationError(faults) from error
        if faults:
            raise ValidationError(faults)
        return values

    def _unknown_members(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            return {}
        writable = {name for name, field in self.fields.items() if not field.read_only}
        fault = ErrorDetail(str(_("This call takes no such value.")), code="unknown")
        return {str(name): [fault] for name in data if name not in writable}
