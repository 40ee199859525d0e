"""Rows of a form that belong to one thing and are saved with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _


class Rows(BaseFormSet):  # type: ignore[type-arg]  # it takes its argument for mypy only
    """A list of forms, those first that show what is `known`. What is marked for removal, or new and empty, is none."""

    can_delete = True
    can_delete_extra = True
    can_order = False
    validate_min = False
    validate_max = True
    renderer = None
    min_num = 0
    extra = 1
    # Which tab of the page has them.
    tab: ClassVar[str]

    def __init__(self, data: Any = None, *, known: Sequence[Any] = (), defaults: Mapping[str, Any], **kwargs: Any):
        self.renderer = forms.renderers.get_default_renderer()
        self.known, self.defaults = known, defaults
        super().__init__(data=data, initial=[self.shown(one) for one in known] or None, **kwargs)

    def shown(self, known: Any) -> dict[str, Any]:
        """Return the initial values of the form that shows it."""
        raise NotImplementedError

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        known = self.known[index] if index is not None and index < len(self.known) else None
        return {"known": known, "defaults": self.defaults}

    def clean(self) -> None:
        """Refuse what lacks rows that the page had: a browser sends those that are to be removed, too."""
        if (self.management_form.cleaned_data["TOTAL_FORMS"] or 0) < len(self.known):
            raise forms.ValidationError(_("Some rows did not arrive. Open the page anew."), code="rows_missing")

    def kept(self) -> list[Any]:
        """Return the forms that count, in their order."""
        first_new = self.initial_form_count()
        return [
            form
            for place, form in enumerate(self.forms)
            if not self._should_delete_form(form)  # type: ignore[attr-defined]  # its stub leaves it out
            and (place < first_new or form.has_changed())
        ]

    def faulty_rows(self) -> Iterator[int]:
        """Yield the numbers, from 1, of the rows that the editor has to look at."""
        yield from (number for number, form in enumerate(self.forms, start=1) if self.is_bound and form.errors)
