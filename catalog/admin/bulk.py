"""What editors do to many movies at once: each asks first, and tells what became of every single one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget

from catalog.admin.wording import describe_state, state_of
from catalog.forms.windows import ZONES_LIST_ID, WindowForm, time_zones
from catalog.models import Movie
from catalog.services import movies
from catalog.services.availability import WindowPlan, add_window, replace_windows
from portal import clock
from portal.admin.trailed import signed_in
from portal.errors import MalformedRequest, PortalError
from portal.models import User

Visibility = Movie.Visibility
_CONFIRMED = "confirmed"
# Enough to recognise a wrong selection; the number says the rest.
_TITLES_TO_CONFIRM = 50
# A key with more digits than these is none that PostgreSQL could look up.
_LONGEST_KEY = 18


class ScheduleForm(WindowForm):
    """One window for many movies."""

    how = forms.ChoiceField(
        label=gettext_lazy("Windows that they have"),
        choices=[
            ("add", gettext_lazy("Keep them, and add this one")),
            ("replace", gettext_lazy("Replace all of them")),
        ],
        initial="add",
        widget=UnfoldAdminRadioSelectWidget,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one movie."""

    title: str
    url: str
    before: str
    after: str
    outcome: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something to do to many movies. `apply` gets a movie and who does it when, and returns the movie as it is now."""

    question: str
    done: str
    apply: Callable[[Movie, User, datetime], Movie]


class BulkDesk:
    """Gives the list of movies its actions; stands before ModelAdmin among the bases."""

    def response_action(self, request: HttpRequest, queryset: QuerySet[Movie]) -> HttpResponse | None:
        """Refuse what no list of movies sends: Django would look up whatever is said to be selected."""
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY for key in selected):
            raise MalformedRequest()
        response: HttpResponse | None = super().response_action(request, queryset)  # type: ignore[misc]
        return response

    @admin.action(description=gettext_lazy("Publish the selected movies"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Movie]) -> HttpResponse:
        return self._change_visibility(request, queryset, Visibility.PUBLISHED)

    @admin.action(description=gettext_lazy("Hide the selected movies"), permissions=["change"])
    def hide_selected(self, request: HttpRequest, queryset: QuerySet[Movie]) -> HttpResponse:
        return self._change_visibility(request, queryset, Visibility.HIDDEN)

    @admin.action(description=gettext_lazy("Schedule the selected movies"), permissions=["change"])
    def schedule_selected(self, request: HttpRequest, queryset: QuerySet[Movie]) -> HttpResponse:
        """Ask for one window, then give it to each of them."""
        form = ScheduleForm(request.POST if _CONFIRMED in request.POST else None)
        question = _("When can these movies be seen?")
        if not form.is_valid():
            more = {"form": form, "time_zones": time_zones(), "time_zones_id": ZONES_LIST_ID}
            return self._ask(request, queryset, question, more)
        plan, is_added = form.plan(), form.cleaned_data["how"] == "add"

        def apply(movie: Movie, by: User, at: datetime) -> Movie:
            return _schedule(movie, plan, is_added=is_added, by=by, at=at)

        return self._carry_out(request, queryset, Change(question=question, done=_("Scheduled"), apply=apply))

    def _change_visibility(
        self, request: HttpRequest, queryset: QuerySet[Movie], visibility: Movie.Visibility
    ) -> HttpResponse:
        is_published = visibility == Visibility.PUBLISHED
        question = _("Publish these movies?") if is_published else _("Hide these movies from viewers?")
        if _CONFIRMED not in request.POST:
            return self._ask(request, queryset, question, {})

        def apply(movie: Movie, by: User, at: datetime) -> Movie:
            return movies.change_visibility(movie_id=movie.pk, visibility=visibility, by=by, at=at)

        done = _("Published") if is_published else _("Hidden")
        return self._carry_out(request, queryset, Change(question=question, done=done, apply=apply))

    def _ask(
        self, request: HttpRequest, queryset: QuerySet[Movie], question: str, more: dict[str, Any]
    ) -> HttpResponse:
        at = clock.now()
        shown = queryset.order_by("title").prefetch_related("windows")[:_TITLES_TO_CONFIRM]
        context = {
            "action": request.POST["action"],
            "is_everything": request.POST.get("select_across") == "1",
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "movies": [{"title": movie.title, "state": _state(movie, at)} for movie in shown],
            "total": queryset.count(),
        }
        return self._bulk_page(request, "confirm_bulk", question, {**context, **more})

    def _carry_out(self, request: HttpRequest, queryset: QuerySet[Movie], change: Change) -> HttpResponse:
        """Change each movie by itself, so that one that is refused stops no other."""
        by, at = signed_in(request), clock.now()
        results = [_result(movie, change, by, at) for movie in queryset.order_by("title").prefetch_related("windows")]
        refused = sum(result.is_refused for result in results)
        context = {"results": results, "refused": refused, "done": len(results) - refused}
        return self._bulk_page(request, "bulk_results", change.done, context)

    def _bulk_page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        site: Any = self.admin_site  # type: ignore[attr-defined]  # ModelAdmin's
        common = {**site.each_context(request), "title": title, "opts": Movie._meta}
        return TemplateResponse(request, f"admin/catalog/{template}.html", {**common, **context})


def _schedule(movie: Movie, plan: WindowPlan, *, is_added: bool, by: User, at: datetime) -> Movie:
    if is_added:
        return add_window(movie_id=movie.pk, plan=plan, by=by, at=at)
    return replace_windows(movie_id=movie.pk, plans=[plan], by=by, at=at)


def _result(movie: Movie, change: Change, by: User, at: datetime) -> Result:
    before = _state(movie, at)
    shown: dict[str, Any] = {
        "title": movie.title,
        "url": reverse("admin:catalog_movie_change", args=[movie.pk]),
        "before": before,
    }
    try:
        changed = change.apply(movie, by, at)
    except PortalError as error:
        outcome = " ".join(str(part) for part in (f"{error.title}.", error.detail) if part)
        return Result(**shown, after=before, outcome=outcome, is_refused=True)
    is_same = changed.version == movie.version
    outcome = _("Unchanged, because it was so already") if is_same else change.done
    return Result(**shown, after=_state(changed, at), outcome=outcome)


def _state(movie: Movie, at: datetime) -> str:
    return describe_state(state_of(movie, at=at), at=at)
