"""Fields for lists that are typed with commas: codes of territories and languages, and tags."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.codes import UnknownCode, normalise_language, normalise_territory
from portal.texts import check_line

# Thai and Chinese keyboards have commas of their own.
_COMMAS = re.compile(r"[,;\n،、，]+")
_GAPS = re.compile(r"[\s,;،、，]+")


class ListField(forms.CharField):
    """Texts between commas, each once. Its value is a list."""

    _between = _COMMAS

    def __init__(self, *, most: int, longest: int, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=most * (longest + 2), **kwargs)
        self.most, self.longest = most, longest

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(self.prepare_value(value))
        parts = (" ".join(part.split()) for part in self._between.split(text))
        found = list(dict.fromkeys(self.read(part) for part in parts if part))
        if len(found) > self.most:
            raise forms.ValidationError(_("Write at most %(most)d.") % {"most": self.most}, code="too_many")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), self.prepare_value(data)))

    def read(self, part: str) -> str:
        """Return one of them as it is stored. Raises ValidationError."""
        if len(part) > self.longest:
            raise forms.ValidationError(
                _("“%(part)s…” is too long; the limit is %(longest)d letters."),
                code="too_long",
                params={"part": part[:20], "longest": self.longest},
            )
        check_line(part)
        return part


class CodesField(ListField):
    """Codes between commas or spaces, in the form in which they are stored."""

    _between = _GAPS

    def __init__(self, normalise: Callable[[str], str], unknown: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._normalise, self._unknown = normalise, unknown

    def read(self, part: str) -> str:
        try:
            return self._normalise(part)
        except UnknownCode:
            raise forms.ValidationError(self._unknown, code="unknown_code", params={"code": part[:40]}) from None


def territories_field(*, most: int, **kwargs: Any) -> CodesField:
    unknown = _("“%(code)s” is no territory. Write codes of two letters, such as TH for Thailand.")
    return CodesField(normalise_territory, unknown, most=most, longest=2, **kwargs)


def languages_field(*, most: int, longest: int, **kwargs: Any) -> CodesField:
    unknown = _("“%(code)s” is no language. Write tags such as th for Thai, or zh-Hant.")
    return CodesField(normalise_language, unknown, most=most, longest=longest, **kwargs)


def joined(values: Sequence[str]) -> str:
    return ", ".join(values)
