"""What every serializer of the API is built on."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

# More than these tell nobody more, and a stranger pays nothing for what each of them costs.
MOST_FAULTS = 100


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
        unknown = islice((str(name) for name in data if name not in writable), MOST_FAULTS)
        return {name: [fault] for name in unknown}


class ShortList(serializers.ListField):
    """A list whose length is checked before what is in it: a body has room for a million faulty items."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)
