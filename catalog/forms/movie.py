"""The form in which editors write about a movie."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import label_for_field
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from catalog.models import Movie
from catalog.models.movie import LONGEST_RUNTIME_S
from catalog.services.movies import MovieChanges
from catalog.slugs import SLUG_PATTERN
from portal.models import AuditEntry

_DIRECT = ("title", "original_title", "slug", "tagline", "synopsis", "year", "genres")


class MovieForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes its argument for mypy only
    """All that can be said of a movie, with the version that the editor saw when the form was opened."""

    slug = forms.CharField(
        label=_("Address"),
        max_length=120,
        required=False,
        validators=[RegexValidator(SLUG_PATTERN, _("Use lower-case letters, digits and single hyphens."))],
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The last part of the movie's address; empty: made from the title. Earlier ones lead to it."),
    )
    runtime_min = forms.IntegerField(
        label=_("Running time in minutes"),
        min_value=1,
        max_value=LONGEST_RUNTIME_S // 60,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Empty: not known yet."),
    )
    visibility = forms.ChoiceField(
        label=_("Visibility"), choices=Movie.Visibility.choices, widget=UnfoldAdminRadioSelectWidget
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Movie
        fields: ClassVar = [*_DIRECT, "visibility"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version
        if self.instance.runtime_s:
            self.initial["runtime_min"] = round(self.instance.runtime_s / 60)
        if "visibility" in self.fields:
            allowed = self.instance.allowed_visibilities()
            self.fields["visibility"].choices = [(v.value, v.label) for v in allowed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse what was written on top of a movie that somebody has changed since, and keep it in the form."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.pk is not None:
            # The admin saves in this same transaction: what is compared here cannot change before it is saved.
            current = Movie.objects.select_for_update().get(pk=self.instance.pk)
            if current.version != cleaned.get("seen_version"):
                raise forms.ValidationError(_meanwhile(current), code="changed_meanwhile")
        return cleaned

    def changes(self) -> MovieChanges:
        """Return what the editor changed; of a new movie, all that was filled in."""
        changes = MovieChanges()
        for name in _DIRECT:
            if name in self.changed_data:
                changes[name] = self.cleaned_data[name]  # type: ignore[literal-required]  # MovieChanges' own names
        if "runtime_min" in self.changed_data:
            minutes = self.cleaned_data["runtime_min"]
            changes["runtime_s"] = minutes * 60 if minutes else None
        return changes


def _meanwhile(movie: Movie) -> str:
    entry = AuditEntry.objects.filter(object_type=movie._meta.label_lower, object_id=str(movie.pk)).latest("at", "id")
    names = ", ".join(str(label_for_field(name, Movie)) for name in entry.after)
    return _(
        "%(who)s changed this movie after you opened it (%(what)s). Nothing was saved. "
        "Open the movie anew in another tab and repeat there what you wrote here."
    ) % {"who": entry.actor_label or _("The system"), "what": names}
