"""Fields with autocompletion that survive what a browser would not send."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import Field
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class _KnownKeys:
    """Shows again only what can be a key: Django looks up whatever came back, and raises where it is no number.

    The form refuses the value all the same, and says so.
    """

    def optgroups(self, name: str, value: Iterable[object], attr: Any = None) -> Any:
        keys = [key for key in map(str, value) if key.isascii() and key.isdigit()]
        return super().optgroups(name, keys, attr)  # type: ignore[misc]  # the widgets below have it


class PatientSelect(_KnownKeys, AutocompleteSelect):
    pass


class PatientSelectMultiple(_KnownKeys, AutocompleteSelectMultiple):
    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> Any:
        """Leave out the button that clears all at once: Select2 puts it into a list, where screen readers lose it."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}


class PatientAutocompletes(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    """A page of the admin whose `autocomplete_fields` use the widgets above."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, **self._with(PatientSelect, db_field, request, kwargs)
        )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        chosen = self._with(PatientSelectMultiple, db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **chosen)

    def _with(
        self, widget: type[Any], db_field: "Field[Any, Any]", request: Any, kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        if db_field.name not in self.get_autocomplete_fields(request):
            return kwargs
        return {"widget": widget(db_field, self.admin_site, using=kwargs.get("using")), **kwargs}
