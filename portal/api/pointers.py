"""From the nested faults that DRF reports to flat ones with JSON Pointers (RFC 6901)."""

from collections.abc import Iterator, Mapping, Sequence

from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from portal.errors import FieldError


def field_errors(faults: object, pointer: str = "") -> Iterator[FieldError]:
    """Yield one error per fault of a serializer's `errors`, in the order of its fields."""
    if isinstance(faults, ErrorDetail):
        yield FieldError(pointer=pointer, code=faults.code or "invalid", detail=str(faults))
    elif isinstance(faults, Mapping):
        for key, inner in faults.items():
            yield from field_errors(inner, _step(pointer, key))
    elif isinstance(faults, Sequence):
        # A list of messages belongs to this value; a list of anything else has one entry for each of its items.
        is_leaf = all(isinstance(fault, ErrorDetail) for fault in faults)
        for index, inner in enumerate(faults):
            yield from field_errors(inner, pointer if is_leaf else _step(pointer, index))


def escape(key: str) -> str:
    """Write one reference token of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _step(pointer: str, key: object) -> str:
    if key == api_settings.NON_FIELD_ERRORS_KEY:
        return pointer
    return f"{pointer}/{escape(str(key))}"
