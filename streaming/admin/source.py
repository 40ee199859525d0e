"""Sources: the films that came in, and where each of them stands."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from catalog.admin.wording import movie_link
from catalog.models import Upload
from catalog.trail import ACTION_LABELS
from portal import clock
from portal.admin.trailed import TrailedAdmin, signed_in
from portal.errors import PortalError
from streaming.admin.wording import as_key, fault_words
from streaming.models import PackagingJob, Source
from streaming.progress import source_words, with_latest_job
from streaming.services import jobs

State, JobState = Source.State, PackagingJob.State


class PackageAgainForm(forms.Form):
    priority = forms.TypedChoiceField(
        label=gettext_lazy("How urgent is it?"),
        choices=PackagingJob.Priority.choices,
        coerce=int,
        initial=PackagingJob.Priority.NORMAL,
        widget=forms.RadioSelect,
    )


@admin.register(Source)
class SourceAdmin(TrailedAdmin):
    action_labels = ACTION_LABELS
    list_display = ("file_name", "film", "size", "shown_state", "uploaded_by", "created_at")
    list_select_related = ("movie",)
    list_filter: ClassVar = [("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    list_before_template = "admin/streaming/_source_states.html"
    search_fields = ("file_name", "movie__title")
    ordering = ("-created_at", "-id")
    list_per_page = 50
    readonly_fields = ("file_name", "film", "size", "state_words", "uploaded_by", "created_at", "container", "sha256")
    fields = readonly_fields
    actions_detail: ClassVar = ["package_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Uploads become sources."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False

    def has_package_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return bool(request.user.has_perm("streaming.add_packagingjob"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        # A source has the id of its upload, which knows its owner.
        owner = Upload.objects.filter(pk=OuterRef("pk")).values("owner__username")
        queryset: QuerySet[Source] = super().get_queryset(request).annotate(owner_name=Subquery(owner))
        return with_latest_job(queryset)

    @admin.display(description=gettext_lazy("Movie"), ordering="movie__title")
    def film(self, source: Source) -> str:
        return movie_link(source.movie)

    @admin.display(description=gettext_lazy("Size"), ordering="size_bytes")
    def size(self, source: Source) -> str:
        return filesizeformat(source.size_bytes)

    @display(
        description=gettext_lazy("State"),
        ordering="state",
        label={
            State.VERIFYING: "info",
            State.WAITING: "info",
            State.RECORDED: "success",
            State.DISCARDED: "warning",
            JobState.RUNNING: "primary",
            JobState.SUCCEEDED: "success",
            JobState.FAILED: "danger",
            JobState.CANCELLED: "warning",
        },
    )
    def shown_state(self, source: Any) -> tuple[str, str]:
        is_told_by_job = source.state == State.WAITING and source.job_state not in (None, JobState.QUEUED)
        return source.job_state if is_told_by_job else source.state, self.state_words(source)

    @admin.display(description=gettext_lazy("State"))
    def state_words(self, source: Any) -> str:
        if source.state == State.DISCARDED:
            return str(source.get_state_display())
        return capfirst(source_words(source.state, source.job_state, source.job_percent))

    @admin.display(description=gettext_lazy("Uploaded by"))
    def uploaded_by(self, source: Any) -> str:
        return source.owner_name or "–"

    @action(
        description=gettext_lazy("Package again"), url_path="package-again", permissions=["package"], icon="movie_edit"
    )
    def package_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how urgent it is; then queue a job, and go to its page."""
        source = get_object_or_404(Source, pk=as_key(object_id))
        form = PackageAgainForm(request.POST or None)
        if form.is_valid():
            priority = form.cleaned_data["priority"]
            try:
                job = jobs.enqueue_job(source_id=source.pk, by=signed_in(request), at=clock.now(), priority=priority)
            except PortalError as error:
                messages.error(request, fault_words(error))
                return redirect("admin:streaming_source_change", source.pk)
            messages.success(request, _("Queued."))
            return redirect("admin:streaming_packagingjob_change", job.pk)
        title = _("Package “%(source)s” again?") % {"source": source}
        context = {**self.admin_site.each_context(request), "title": title, "form": form, "opts": self.opts}
        return TemplateResponse(request, "admin/streaming/package_again.html", context)
