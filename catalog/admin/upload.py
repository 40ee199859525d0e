"""Uploads, as those see them who run the catalogue: what is on its way in, and what became of it."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from catalog import access
from catalog.admin.wording import movie_link
from catalog.models import Upload
from catalog.services import uploads
from catalog.trail import ACTION_LABELS
from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in
from portal.errors import MalformedRequest, PortalError

State = Upload.State
# Enough to recognise a wrong selection; the number says the rest.
_NAMES_TO_CONFIRM = 50


@admin.register(Upload)
class UploadAdmin(TrailedAdmin):
    """A list to look at; all that can be done here is to remove what no movie has."""

    action_labels = ACTION_LABELS
    list_display = ("file_name", "film", "owner", "size", "arrived", "shown_state", "touched_at", "expiry")
    list_select_related = ("movie", "owner")
    list_filter: ClassVar = [("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    list_before_template = "admin/catalog/_upload_states.html"
    search_fields = ("file_name", "movie__title", "owner__username")
    ordering = ("-created_at", "-id")
    list_per_page = 50
    actions = ("remove_selected",)
    readonly_fields = (
        *("file_name", "film", "owner", "size", "arrived", "shown_state"),
        *("created_at", "touched_at", "finished_at", "expiry", "container", "sha256"),
    )
    fields = readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Files come in on a movie's page and over the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Upload | None = None) -> bool:
        return False

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return access.may_upload(request.user)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Upload]) -> HttpResponse | None:
        """Refuse what no list of uploads sends: Django would look up whatever is said to be selected."""
        try:
            selected = [UUID(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)]
        except ValueError as error:
            raise MalformedRequest() from error
        response: HttpResponse | None = super().response_action(request, queryset.filter(pk__in=selected))
        return response

    @admin.display(description=gettext_lazy("Movie"), ordering="movie__title")
    def film(self, upload: Upload) -> str:
        return movie_link(upload.movie)

    @admin.display(description=gettext_lazy("Size"), ordering="size_bytes")
    def size(self, upload: Upload) -> str:
        return filesizeformat(upload.size_bytes)

    @admin.display(description=gettext_lazy("Arrived"))
    def arrived(self, upload: Upload) -> str:
        return f"{upload.percent} %"

    @display(
        description=gettext_lazy("State"),
        ordering="state",
        label={
            State.ACTIVE: "info",
            State.FINISHED: "success",
            State.CORRUPT: "danger",
            State.EXPIRED: "warning",
            State.REMOVED: "warning",
        },
    )
    def shown_state(self, upload: Upload) -> tuple[str, str]:
        if upload.state == State.FINISHED and upload.movie_id is None:
            return upload.state, gettext("Uploaded, no movie has it yet")
        return upload.state, upload.get_state_display()

    @admin.display(description=gettext_lazy("Expires"), ordering="expires_at")
    def expiry(self, upload: Upload) -> object:
        """Tell when it is deleted unless something happens; what a movie has, never."""
        is_pending = upload.state == State.ACTIVE or (upload.state == State.FINISHED and upload.movie_id is None)
        return upload.expires_at if is_pending else "–"

    @admin.action(description=gettext_lazy("Remove the selected uploads"), permissions=["remove"])
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[Upload]) -> HttpResponse | None:
        """Ask first; then tell of each that cannot be removed why."""
        if "confirmed" not in request.POST:
            return self._ask(request, queryset)
        by, at, removed = signed_in(request), clock.now(), 0
        for upload in queryset:
            try:
                uploads.remove_upload(upload_id=upload.pk, by=by, at=at)
                removed += 1
            except PortalError as error:
                self.message_user(request, f"{upload.file_name}: {_reason(upload, error)}", "error")
        if removed:
            text = ngettext("%(number)d upload was removed.", "%(number)d uploads were removed.", removed)
            self.message_user(request, text % {"number": removed})
        return None

    def _ask(self, request: HttpRequest, queryset: QuerySet[Upload]) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": gettext("Remove these uploads?"),
            "opts": self.opts,
            "action": "remove_selected",
            "is_everything": request.POST.get("select_across") == "1",
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "uploads": queryset[:_NAMES_TO_CONFIRM],
            "total": queryset.count(),
        }
        return TemplateResponse(request, "admin/catalog/remove_uploads.html", context)


def _reason(upload: Upload, error: PortalError) -> str:
    if upload.state == State.FINISHED and upload.movie_id:
        return gettext("A movie has it.")
    return str(error.title)
