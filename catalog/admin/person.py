"""People, as editors see them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.models import Person
from catalog.search.finding import TsQuery
from catalog.search.queries import parse_query
from catalog.services import people
from catalog.slugs import SLUG_PATTERN
from catalog.trail import ACTION_LABELS
from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in

_MOST_FILMS = 200


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes its argument for mypy only
    slug = forms.CharField(
        label=_("Address"),
        max_length=120,
        required=False,
        validators=[RegexValidator(SLUG_PATTERN, _("Use lower-case letters, digits and single hyphens."))],
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The last part of the address of their page; empty: made from the name."),
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Person
        fields = ("name", "original_name", "slug", "biography")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.pk is not None:
            # In the transaction that saves: nobody changes them between this look and the writing.
            _films, current = people.lock_person(self.instance.pk)
            if current.version != cleaned.get("seen_version"):
                raise forms.ValidationError(
                    gettext("Somebody else changed this person after you opened the form. Open it anew."),
                    code="changed_meanwhile",
                )
        return cleaned


@admin.register(Person)
class PersonAdmin(TrailedAdmin):
    form = PersonForm
    action_labels = ACTION_LABELS
    list_display = ("name", "original_name", "film_count", "updated_at")
    search_fields = ("name", "original_name")
    ordering = ("name", "id")
    list_per_page = 50
    show_full_result_count = False
    fields = ("name", "original_name", "slug", "biography", "films", "seen_version")
    readonly_fields = ("films",)
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        queryset: QuerySet[Person] = super().get_queryset(request)
        return queryset.annotate(counted_films=Count("credits__movie", distinct=True))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Person], search_term: str
    ) -> tuple[QuerySet[Person], bool]:
        """Find by the words of a name, without their accents, and by any part of it."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        expression = parse_query(search_term).expression()
        if expression:
            alike = Person.objects.filter(search_name__vector=TsQuery(expression)).values("pk")
            found = queryset.filter(Q(pk__in=found.order_by().values("pk")) | Q(pk__in=alike))
        return found, may_repeat

    def get_fields(self, request: HttpRequest, obj: Person | None = None) -> Any:
        left_out = set() if obj else {"films"}
        if obj is not None and not self.has_change_permission(request, obj):
            left_out = {"seen_version"}
        return [name for name in self.fields if name not in left_out]

    @admin.display(description=_("films"), ordering="counted_films")
    def film_count(self, person: Any) -> int:
        return int(person.counted_films)

    @admin.display(description=_("Films"))
    def films(self, person: Person) -> SafeString | str:
        credits_ = person.credits.select_related("movie").order_by("-movie__year", "movie__title", "role")[:_MOST_FILMS]
        lines = ((f"../../../movie/{c.movie_id}/change/", c.movie.title, c.movie.year, _role(c)) for c in credits_)
        listed = format_html_join("", '<li><a class="nova-link" href="{}">{}</a> ({}), {}</li>', lines)
        return format_html("<ul>{}</ul>", listed) if listed else gettext("None yet.")

    def view_on_site(self, person: Person) -> str:
        return person.get_absolute_url()

    def save_model(self, request: HttpRequest, obj: Person, form: PersonForm, change: bool) -> None:
        writer, at = signed_in(request), clock.now()
        if change:
            changes: Any = {name: form.cleaned_data[name] for name in form.changed_data if name != "seen_version"}
            people.update_person(person_id=obj.pk, changes=changes, by=writer, at=at)
        else:
            facts: Any = {name: form.cleaned_data[name] for name in ("original_name", "slug", "biography")}
            obj.pk = people.create_person(name=obj.name, facts=facts, by=writer, at=at).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing more: credits belong to the films."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let whoever no film names be removed, one at a time: somebody who was added twice."""
        if not isinstance(obj, Person) or obj.credits.exists():
            return False
        return request.user.has_perm("catalog.delete_person")

    def delete_model(self, request: HttpRequest, obj: Person) -> None:
        people.delete_person(person_id=obj.pk, by=signed_in(request), at=clock.now())

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        """Leave it to the trail."""


def _role(credit: Any) -> str:
    return f"{credit.get_role_display()}: {credit.character}" if credit.character else str(credit.get_role_display())
