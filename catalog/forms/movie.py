"""The form in which editors write about a movie: everything that its page in the admin saves at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import pycountry
from django import forms
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from catalog.artwork.forms import ArtworkForm
from catalog.codes import LONGEST_LANGUAGE_TAG, territory_name
from catalog.duplicates import find_similar_titles
from catalog.forms.codes import ListField, languages_field
from catalog.forms.credits import credit_rows
from catalog.forms.rows import Rows
from catalog.forms.uploads import FIELD_NAME, UploadIdsField, lock_usable
from catalog.forms.windows import window_rows
from catalog.models import Artwork, Movie
from catalog.models.movie import LONGEST_RUNTIME_S, MOST_CODES
from catalog.services.movies import MovieChanges
from catalog.services.tags import ensure_tags
from catalog.slugs import SLUG_PATTERN
from portal.models import AuditEntry, User

_DIRECT = (
    *("title", "original_title", "slug", "tagline", "synopsis", "year", "countries", "languages"),
    *("minimum_age", "trailer_url", "is_announced", "genres"),
)
MOST_TAGS = 30
# Actions of the trail about what other pages write, and this form does not.
_BESIDE = ("caption.", "movie.pictured", "movie.source_uploaded", "movie.runtime_measured")
_LONGEST_TAG = 40


class HttpsField(forms.URLField):
    """An address; without a scheme it is taken for one of https."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", **kwargs})

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        if address and not address.startswith("https://"):
            raise forms.ValidationError(_("Use an address that begins with https://."), code="not_https")
        return address


class MovieForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes its argument for mypy only
    """All that can be said of a movie, with the version that the editor saw when the form was opened.

    `windows` and `credits` are rows that are checked with it; those that were not sent stay as they are. Of a new movie
    `upload_ids` names the films that `person`, who writes here, has uploaded for it.
    """

    person: User

    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=120,
        required=False,
        validators=[RegexValidator(SLUG_PATTERN, gettext_lazy("Use lower-case letters, digits and single hyphens."))],
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy(
            "The last part of the movie's address; empty: made from the title. Earlier ones lead to it."
        ),
    )
    runtime_min = forms.IntegerField(
        label=gettext_lazy("Running time in minutes"),
        min_value=1,
        max_value=LONGEST_RUNTIME_S // 60,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Empty: taken from the film, as soon as it is packaged."),
        # A film that is packaged while the form is open must not look like a length that was taken away.
        show_hidden_initial=True,
    )
    countries = forms.MultipleChoiceField(
        label=gettext_lazy("Countries"),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text=gettext_lazy("Where it was made."),
    )
    languages = languages_field(
        most=MOST_CODES,
        longest=LONGEST_LANGUAGE_TAG,
        label=gettext_lazy("Languages"),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("What is spoken in it; tags such as th, en or zh-Hant, with commas between them."),
    )
    tag_names = ListField(
        label=gettext_lazy("Tags"),
        most=MOST_TAGS,
        longest=_LONGEST_TAG,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "data-tags": ""}),
        help_text=gettext_lazy("Free keywords with commas between them, such as “heist, one location”."),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visibility"),
        choices=Movie.Visibility.choices,
        initial=Movie.Visibility.DRAFT,
        widget=UnfoldAdminRadioSelectWidget,
    )
    is_other_film = forms.BooleanField(
        label=gettext_lazy("It is another film of that title"), required=False, widget=UnfoldBooleanWidget
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    upload_ids = UploadIdsField()

    class Meta:
        model = Movie
        fields: ClassVar = [*_DIRECT, "visibility"]
        field_classes: ClassVar = {"trailer_url": HttpsField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version
        if self.instance.runtime_s:
            self.initial["runtime_min"] = max(1, round(self.instance.runtime_s / 60))
        if self.instance.pk:
            self.initial["tag_names"] = sorted(tag.name for tag in self.instance.tags.all())
            del self.fields[FIELD_NAME]
        if "visibility" in self.fields:
            allowed = self.instance.allowed_visibilities()
            self.fields["visibility"].choices = [(v.value, v.label) for v in allowed]  # type: ignore[attr-defined]
            self.fields["countries"].choices = _countries()  # type: ignore[attr-defined]
        self.windows = window_rows(self.instance, self._sent("windows"))
        self.credits = credit_rows(self.instance, self._sent("credits"))
        self.pictures = [self._picture(kind) for kind in Artwork.Kind]
        self.has_duplicates = False

    @property
    def rows(self) -> tuple[Rows, ...]:
        return self.windows, self.credits

    @property
    def media(self) -> forms.Media:
        parts = (self.windows, self.credits, *self.pictures)
        return sum((part.media for part in parts), start=super().media)  # type: ignore[attr-defined]  # its metaclass makes it

    def is_multipart(self) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self._refuse_what_changed_meanwhile(cleaned)
        self._warn_of_duplicates(cleaned)
        for rows in self._bound():
            if not rows.is_valid():
                self.add_error(None, forms.ValidationError(_fault_of(rows), code="rows"))
        for picture in self.pictures:
            if picture.is_bound and not picture.is_valid():
                text = _("Media: look at the picture “%(kind)s”.") % {"kind": picture.kind.label}
                self.add_error(None, forms.ValidationError(text, code="picture"))
        if cleaned.get(FIELD_NAME):
            self._require_usable(cleaned[FIELD_NAME])
        return cleaned

    def changes(self, *, by: User, at: datetime) -> MovieChanges:
        """Return what the editor changed, of a new movie all that was filled in; tags that are new are added."""
        changes = MovieChanges()
        for name in _DIRECT:
            if name in self.changed_data:
                changes[name] = self.cleaned_data[name]  # type: ignore[literal-required]  # MovieChanges' own names
        if "runtime_min" in self.changed_data:
            minutes = self.cleaned_data["runtime_min"]
            changes["runtime_s"] = minutes * 60 if minutes else None
        if "tag_names" in self.changed_data:
            changes["tags"] = ensure_tags(names=self.cleaned_data["tag_names"], by=by, at=at)
        return changes

    def tab_errors(self) -> dict[str, int]:
        """Count what is wrong on each tab of the page."""
        own = len([name for name in self.errors if name not in (NON_FIELD_ERRORS, FIELD_NAME)])
        counted = {rows.tab: len(list(rows.faulty_rows())) or len(rows.non_form_errors()) for rows in self._bound()}
        media = sum(len(picture.errors) + bool(picture.lost_file) for picture in self.pictures)
        return {"details": own, "media": media, **counted}

    def _require_usable(self, upload_ids: Sequence[UUID]) -> None:
        try:
            lock_usable(upload_ids, self.person)
        except forms.ValidationError as error:
            self.add_error(FIELD_NAME, error)

    def _bound(self) -> Iterator[Rows]:
        return (rows for rows in self.rows if rows.is_bound)

    def _picture(self, kind: Artwork.Kind) -> ArtworkForm:
        """Return the form of a picture; one of which nothing was sent leaves it as it is."""
        prefix = f"{kind.value.lower()}-"
        is_sent = any(name.startswith(prefix) for name in (*self.data, *self.files))
        sent = (self.data, self.files) if is_sent else ()
        return ArtworkForm(*sent, kind=kind, movie=self.instance)

    def _sent(self, prefix: str) -> Mapping[str, Any] | None:
        return self.data if f"{prefix}-TOTAL_FORMS" in self.data else None

    def _refuse_what_changed_meanwhile(self, cleaned: dict[str, Any]) -> None:
        """Refuse what was written on top of a movie that somebody has changed since, and keep it in the form."""
        if self.instance.pk is None:
            return
        # The admin saves in this same transaction: what is compared here cannot change before it is saved.
        current = Movie.objects.select_for_update().get(pk=self.instance.pk)
        behind = current.version - (cleaned.get("seen_version") or 0)
        if behind and not _is_beside_the_form(current, behind):
            self.add_error(None, forms.ValidationError(_meanwhile(current), code="changed_meanwhile"))

    def _warn_of_duplicates(self, cleaned: dict[str, Any]) -> None:
        """Ask once whether a title that the catalogue has already is that of another film."""
        if not {"title", "original_title"} & set(self.changed_data) or not cleaned.get("title"):
            return
        similar = find_similar_titles(cleaned["title"], cleaned.get("original_title", ""), other_than=self.instance.pk)
        self.has_duplicates = bool(similar)
        if similar and not cleaned.get("is_other_film"):
            names = ", ".join(f"“{movie.title}” ({movie.year})" for movie in similar)
            text = _("The catalogue has %(names)s. If this is another film, say so below and save again.")
            self.add_error("title", forms.ValidationError(text, code="duplicate", params={"names": names}))


def _countries() -> list[tuple[str, str]]:
    named = ((country.alpha_2, territory_name(country.alpha_2)) for country in pycountry.countries)
    return sorted(((code, f"{name} ({code})") for code, name in named), key=lambda pair: pair[1])


def _fault_of(rows: Rows) -> str:
    tab = {"availability": _("Availability"), "people": _("People")}[rows.tab]
    places = ", ".join(map(str, rows.faulty_rows()))
    if not places:
        return "{}: {}".format(tab, " ".join(map(str, rows.non_form_errors())))
    return _("%(tab)s: look at row %(places)s.") % {"tab": tab, "places": places}


def _is_beside_the_form(movie: Movie, changes: int) -> bool:
    """Tell whether the latest changes were all of captions, pictures or films, which are not written here."""
    # A revision without a line of its own, such as a genre that was renamed, only makes more lines to look at.
    latest = _trail(movie).values_list("action", flat=True)[: max(changes, 0)]
    return changes > 0 and all(action.startswith(_BESIDE) for action in latest)


def _meanwhile(movie: Movie) -> str:
    entry = _trail(movie).first()
    text = _(
        "%(who)s changed this movie after you opened it (%(what)s). Nothing was saved. "
        "Open the movie anew in another tab and repeat there what you wrote here."
    )
    names = ", ".join(_label_of(name) for name in entry.after) if entry else "–"
    return text % {"who": (entry and entry.actor_label) or _("The system"), "what": names}


def _trail(movie: Movie) -> QuerySet[AuditEntry]:
    """Return what was written of a movie, the latest first."""
    entries = AuditEntry.objects.filter(object_type=movie._meta.label_lower, object_id=str(movie.pk))
    return entries.order_by("-at", "-id")


def _label_of(name: str) -> str:
    try:
        return str(label_for_field(name, Movie))
    except AttributeError:
        return name
