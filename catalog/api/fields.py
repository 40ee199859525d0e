"""Values that the catalogue's API takes in a form of its own."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from catalog.codes import UnknownCode, normalise_language, normalise_territory
from catalog.windows import EARLIEST, LATEST
from portal.api.serializers import ShortList

_LONGEST_TAG = 100


class LanguageField(serializers.CharField):
    """A language tag, in its usual form whatever form it came in."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "unknown_language": _("This is no language tag. Write th, en-GB or zh-Hant (BCP 47).")
    }

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return normalise_language(text[:_LONGEST_TAG])
        except UnknownCode:
            self.fail("unknown_language")


class TerritoryField(serializers.CharField):
    """A country's code, in capital letters whatever form it came in."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "unknown_territory": _("This is no country's code. Write TH or FR (ISO 3166-1 alpha-2).")
    }

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return normalise_territory(text[:_LONGEST_TAG])
        except UnknownCode:
            self.fail("unknown_territory")


class TimeZoneField(serializers.CharField):
    """The name of a time zone."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "unknown_time_zone": _("This is no time zone. Write a name such as Asia/Bangkok.")
    }

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        # Not by opening it: a name could lead to any file.
        if text not in available_timezones():
            self.fail("unknown_time_zone")
        return text


class MomentField(serializers.DateTimeField):
    """A moment with its offset: without one it would be another moment to each reader."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "no_offset": _("Say the offset from UTC too, as in 2026-12-24T20:00:00+07:00 or 2026-12-24T13:00:00Z.")
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if is_naive(value):
            self.fail("no_offset")
        if not EARLIEST <= value < LATEST:
            self.fail("overflow")
        return super().enforce_timezone(value)


class EachOnce(ShortList):
    """A list in which what comes twice counts once."""

    def run_validation(self, data: Any = serializers.empty) -> list[Any]:
        # Last, so that the limit is one of what is sent.
        return list(dict.fromkeys(super().run_validation(data)))
