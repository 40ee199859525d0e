"""Packaging jobs: how each goes, why it failed, and what can be done about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from catalog.admin.wording import movie_link
from portal import clock
from portal.admin.trailed import TrailedAdmin, Wording, plain_words, signed_in
from portal.errors import PortalError
from portal.models import AuditEntry
from streaming.access import get_job_for_management
from streaming.admin.wording import fault_words, package_link
from streaming.job_lines import SOCKET_PATH, JobLine, job_line, script_words
from streaming.models import PackagingJob
from streaming.movie_packages import again_url
from streaming.plan_lines import track_lines
from streaming.services import jobs
from streaming.source_lines import source_lines
from streaming.wording import failure_words, plan_words, warning_words

State = PackagingJob.State
# A list needs none of these, and they can be long.
_LARGE = ("plan", "probe", "log", "warnings")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """What the page of one job shows beside its facts. `again_url` is "" where there is nothing to package anew."""

    line: JobLine
    source: tuple[str, ...]
    tracks: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    log: str
    can_cancel: bool
    can_go_first: bool
    can_retry: bool
    again_url: str


@admin.register(PackagingJob)
class PackagingJobAdmin(TrailedAdmin):
    list_display = ("file_name", "film", "progress", "priority", "requested_by", "queued_at")
    list_filter: ClassVar = [
        ("state", ChoicesDropdownFilter),
        ("priority", ChoicesDropdownFilter),
        ("queued_at", RangeDateTimeFilter),
    ]
    list_filter_submit = True
    list_before_template = "admin/streaming/_jobs_before.html"
    search_fields = ("source__file_name", "source__movie__title")
    ordering = ("-queued_at", "-id")
    list_per_page = 50
    readonly_fields = (
        *("file_name", "film", "made_package", "priority", "requested_by"),
        *("queued_at", "started_at", "finished_at", "attempt", "worker"),
    )
    fields = readonly_fields
    action_labels: ClassVar = {
        "packaging_job.queued": gettext_lazy("Queued"),
        "packaging_job.interrupted": gettext_lazy("Interrupted"),
        "packaging_job.succeeded": gettext_lazy("Done"),
        "packaging_job.failed": gettext_lazy("Failed"),
        "packaging_job.cancelled": gettext_lazy("Cancelled"),
        "packaging_job.prioritised": gettext_lazy("Made more or less urgent"),
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sources are packaged by themselves, and anew from their own pages."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PackagingJob | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PackagingJob]:
        queryset: QuerySet[PackagingJob] = super().get_queryset(request)
        return queryset.select_related("source__movie", "requested_by").defer(*_LARGE)

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, Callable[..., HttpResponse]] = {
            "cancel": self.cancel_view,
            "retry": self.retry_view,
            "first": self.first_view,
        }
        urls = [
            path(
                f"<uuid:job_id>/{verb}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"streaming_packagingjob_{verb}",
            )
            for verb, view in views.items()
        ]
        return [*urls, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **_live()})
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: PackagingJob | None = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context |= {"page": _page(request, obj), **_live()}
        response: HttpResponse = super().render_change_form(request, context, *args, obj=obj, **kwargs)
        return response

    def wording_of(self, entries: Sequence[AuditEntry]) -> Wording:
        return _said

    def field_label(self, name: str) -> str:
        return _("Cause") if name == "cause" else super().field_label(name)

    # --- The columns ---

    @admin.display(description=gettext_lazy("File"), ordering="source__file_name")
    def file_name(self, job: PackagingJob) -> str:
        return str(job)

    @admin.display(description=gettext_lazy("Movie"), ordering="source__movie__title")
    def film(self, job: PackagingJob) -> str:
        return movie_link(job.source.movie)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def progress(self, job: PackagingJob) -> SafeString:
        return render_to_string("admin/streaming/_job_region.html", {"line": job_line(job)})

    @admin.display(description=gettext_lazy("Package"))
    def made_package(self, job: PackagingJob) -> str:
        return package_link(job.package)

    # --- What can be done ---

    def cancel_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        job = get_job_for_management(request.user, job_id)
        try:
            cancelled = jobs.cancel_job(job_id=job.pk, by=signed_in(request), at=clock.now())
        except PortalError as error:
            messages.error(request, fault_words(error))
        else:
            is_over = cancelled.state == State.CANCELLED
            messages.success(request, _("Cancelled.") if is_over else _("It stops in a moment."))
        return redirect("admin:streaming_packagingjob_change", job_id)

    def first_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Have a job that waits taken before those that are less urgent."""
        job = get_job_for_management(request.user, job_id)
        try:
            jobs.set_priority(job_id=job.pk, priority=PackagingJob.Priority.HIGH, by=signed_in(request), at=clock.now())
        except PortalError as error:
            messages.error(request, fault_words(error))
        else:
            messages.success(request, _("It is taken before all that are less urgent."))
        return redirect("admin:streaming_packagingjob_change", job_id)

    def retry_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Queue another job for the same source, and go to that one."""
        job = get_job_for_management(request.user, job_id)
        try:
            queued = jobs.retry_job(job_id=job.pk, by=signed_in(request), at=clock.now())
        except PortalError as error:
            messages.error(request, fault_words(error))
            return redirect("admin:streaming_packagingjob_change", job_id)
        messages.success(request, _("Queued again."))
        return redirect("admin:streaming_packagingjob_change", queued.pk)


def _said(name: str, value: object) -> str:
    if name == "cause" and value:
        return failure_words(str(value), {})
    if name == "priority" and value in PackagingJob.Priority.values:
        return str(PackagingJob.Priority(value).label)
    return plain_words(value)


def _live() -> dict[str, object]:
    """Return what a page needs for its jobs to go on by themselves."""
    return {"job_words": script_words(), "jobs_socket": SOCKET_PATH}


def _page(request: HttpRequest, job: PackagingJob) -> JobPage:
    may_manage = request.user.has_perm("streaming.change_packagingjob")
    is_under_way = job.state in (State.QUEUED, State.RUNNING)
    may_package = request.user.has_perm("streaming.add_packagingjob")
    is_ended_early = job.state in (State.FAILED, State.CANCELLED)
    return JobPage(
        line=job_line(job),
        source=source_lines(job.probe),
        tracks=track_lines(job.plan),
        notes=plan_words(job.plan),
        warnings=tuple(map(warning_words, job.warnings)),
        log=job.log,
        can_cancel=may_manage and is_under_way and not job.is_cancel_asked,
        can_go_first=may_manage and job.state == State.QUEUED and job.priority < PackagingJob.Priority.HIGH,
        can_retry=may_manage and is_ended_early and bool(again_url(job)),
        again_url=again_url(job) if may_package else "",
    )
