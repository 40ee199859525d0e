"""The form of a film's credits: who did what, in the order of the billing."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.forms.rows import Rows
from catalog.models import Credit, Movie, Person
from catalog.services.credits import CreditPlan, read_credits
from catalog.services.people import create_person
from portal.models import User
from portal.texts import check_line

MOST_CREDITS = 300
# A key with more digits than these is none that PostgreSQL could look up.
_LONGEST_KEY = 18
_PLAYED = {Credit.Role.CAST, Credit.Role.NARRATOR}


class PersonSelect(AutocompleteSelect):
    """A person by autocompletion. It asks the database for nothing: `people` are those whom the rows show."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        super().__init__(Credit._meta.get_field("person"), admin.site)
        self.people = people

    def optgroups(self, name: str, value: Iterable[object], attr: Any = None) -> Any:
        chosen = [key for key in map(str, value) if key in self.people]
        options = [self.create_option(name, "", "", not chosen, 0)]
        options += [self.create_option(name, key, str(self.people[key]), True, 1) for key in chosen]
        return [(None, options, 0)]


class CreditForm(forms.Form):
    """One line of the credits. Somebody new is named, and becomes a person when the form is saved."""

    person = forms.CharField(label=gettext_lazy("Person"), max_length=40, required=False)
    new_person = forms.CharField(
        label=gettext_lazy("or somebody new"),
        max_length=120,
        required=False,
        validators=[check_line],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=Credit.Role.choices,
        initial=Credit.Role.CAST,
        widget=UnfoldAdminSelectWidget,
    )
    character = forms.CharField(
        label=gettext_lazy("Character"),
        max_length=120,
        required=False,
        validators=[check_line],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, people: Mapping[str, Person], namesakes: Mapping[str, list[Person]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._people, self._namesakes = people, namesakes
        self.fields["person"].widget = PersonSelect(people)
        self.chosen: Person | None = None

    def has_changed(self) -> bool:
        """Tell whether anything is said: a row that only stands at a place is still an empty one."""
        return any(name not in {"ORDER", "DELETE"} for name in self.changed_data)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        key, name = cleaned.get("person", ""), " ".join(cleaned.get("new_person", "").split())
        cleaned["new_person"] = name
        if key:
            self._choose(self._people.get(key), is_named=bool(name))
        elif name:
            self._recognise(name)
        elif not self.has_error("person") and not self.has_error("new_person"):
            self.add_error("person", _("Choose a person, or write the name of somebody new beside it."))
        if cleaned.get("character") and cleaned.get("role") not in {None, "", *_PLAYED}:
            self.add_error("character", _("Only the cast and narrators play somebody. Leave it empty for this role."))
        return cleaned

    def _choose(self, person: Person | None, *, is_named: bool) -> None:
        if person is None:
            self.add_error("person", _("This person is not there any more. Choose another."))
        elif is_named:
            self.add_error("new_person", _("Choose a person or name a new one, not both."))
        self.chosen = person

    def _recognise(self, name: str) -> None:
        """Take the one person who has that name already; if there are several, let the editor choose."""
        known = self._namesakes.get(name.casefold(), [])
        if len(known) > 1:
            self.add_error("new_person", _("Several people have this name. Choose one of them at the left."))
        self.chosen = known[0] if known else None


class CreditRows(Rows):
    """All credits of a movie, in the order of the page."""

    form = CreditForm
    tab = "people"
    can_order = True
    max_num = MOST_CREDITS
    absolute_max = MOST_CREDITS + 10
    ordering_widget = UnfoldAdminIntegerFieldWidget

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, defaults={}, **kwargs)
        shown = {str(credit.person_id): credit.person for credit in self.known}
        sent = self._sent("person") if self.is_bound else set()
        self.people = {**shown, **_people_by_key(sent - shown.keys())}
        self.namesakes = _people_by_name(self._sent("new_person")) if self.is_bound else {}

    def shown(self, known: Credit) -> dict[str, Any]:
        return {"person": str(known.person_id), "role": known.role, "character": known.character}

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {"people": self.people, "namesakes": self.namesakes}

    def clean(self) -> None:
        """Tell of a credit that somebody has twice at the second of the two."""
        super().clean()
        seen = set()
        for form in self.kept():
            if form.is_valid():
                said = form.cleaned_data
                who = form.chosen.pk if form.chosen else said["new_person"].casefold()
                line = (who, said["role"], said["character"])
                if line in seen:
                    form.add_error("new_person" if not said["person"] else "person", _("Has this credit already."))
                seen.add(line)

    def plans(self, *, by: User, at: Any) -> list[CreditPlan]:
        """Return the credits in their order, adding the people who are new."""
        added: dict[str, Person] = {}
        plans = []
        for form in sorted(self.kept(), key=self._place):
            said = form.cleaned_data
            name = said["new_person"]
            person = form.chosen or added.get(name.casefold())
            if person is None:
                person = added[name.casefold()] = create_person(name=name, by=by, at=at)
            plans.append(CreditPlan(person=person, role=Credit.Role(said["role"]), character=said["character"]))
        return plans

    def _place(self, form: CreditForm) -> tuple[int, int]:
        place = form.cleaned_data.get("ORDER")
        # What has no number comes last, in the order of the page.
        return (MOST_CREDITS * 2 if place is None else place, self.forms.index(form))

    def _sent(self, field: str) -> set[str]:
        names = (f"{self.prefix}-{number}-{field}" for number in range(self.total_form_count()))
        return {" ".join(self.data[name].split())[:120] for name in names if self.data.get(name)}


def credit_rows(movie: Movie, data: Any = None) -> CreditRows:
    """Return the rows of a movie, bound if there is `data`."""
    return CreditRows(data, known=read_credits(movie) if movie.pk else (), prefix="credits")


def _people_by_key(keys: Iterable[str]) -> dict[str, Person]:
    ids = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY]
    return {str(pk): person for pk, person in Person.objects.in_bulk(ids).items()}


def _people_by_name(names: Iterable[str]) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    wanted = [name.replace("\0", "") for name in names]
    if wanted:
        lowered = [name.lower() for name in wanted]
        for person in Person.objects.annotate(lower_name=Lower("name")).filter(lower_name__in=lowered):
            found.setdefault(person.name.casefold(), []).append(person)
    return found
