"""Packaging jobs, for those who run the portal."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.conditions import signed_in
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.errors import MalformedRequest, NotFound, RequestTooLarge, UnsupportedMediaType
from streaming import access
from streaming.api.lists import LONGEST_SLUG, DeskList
from streaming.errors import JobHasSucceeded, JobIsOver, JobIsUnderWay, SourceIsGone
from streaming.models import PackagingJob
from streaming.services import jobs
from streaming.wording import failure_words, plan_words, warning_words

_THROTTLE = "packaging"
# They are large, and the list tells nothing of them.
_ONLY_IN_DETAIL = ("probe", "plan", "warnings", "log")
_NO_BODY = (RequestTooLarge, UnsupportedMediaType)


class CodeInWordsSerializer(serializers.Serializer[Any]):
    """A code for programs, and a sentence for people, in their language."""

    code = serializers.CharField()
    detail = serializers.CharField()


class JobSerializer(serializers.Serializer[PackagingJob]):
    """Where a job stands."""

    id = serializers.UUIDField()
    source = serializers.UUIDField(source="source_id")  # type: ignore[assignment]  # a field of this name is no attribute
    file_name = serializers.CharField(source="source.file_name")
    movie = serializers.CharField(
        source="source.movie.slug", allow_null=True, help_text="Slug; null: the source belongs to no movie yet."
    )
    package = serializers.UUIDField(
        source="package_id", allow_null=True, help_text="The package that it makes or has made; null before that."
    )
    state = serializers.ChoiceField(choices=PackagingJob.State.choices)
    step = serializers.ChoiceField(
        choices=PackagingJob.Step.choices, allow_blank=True, help_text="Empty before the first attempt."
    )
    priority = serializers.ChoiceField(choices=PackagingJob.Priority.choices)
    attempt = serializers.IntegerField(help_text="How often a worker took it.")
    percent = serializers.FloatField(help_text="0 to 100, over all steps.")
    speed = serializers.FloatField(allow_null=True, help_text="Seconds of film in a second; null: not known.")
    time_left_s = serializers.FloatField(allow_null=True, help_text="In seconds; null: not known.")
    failure = serializers.SerializerMethodField(help_text="Why it failed, and what helps; null unless it has failed.")
    is_cancel_asked = serializers.BooleanField(help_text="It stops as soon as its worker hears of it.")
    requested_by = serializers.CharField(
        source="requested_by.username", allow_null=True, help_text="null: the system, or an account that is gone."
    )
    queued_at = serializers.DateTimeField()
    not_before = serializers.DateTimeField(help_text="No worker takes it before this moment.")
    started_at = serializers.DateTimeField(allow_null=True, help_text="The latest attempt.")
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(CodeInWordsSerializer(allow_null=True))
    def get_failure(self, job: PackagingJob) -> dict[str, str] | None:
        if job.state != PackagingJob.State.FAILED:
            return None
        return {"code": job.failure_code, "detail": failure_words(job.failure_code, job.failure_facts)}


class JobDetailSerializer(JobSerializer):
    plan = serializers.DictField(allow_null=True, help_text="What is made, and how; null before the source was read.")
    notes = serializers.SerializerMethodField(help_text="The plan's reasons, in words.")
    warnings = serializers.SerializerMethodField(help_text="What to look at, though it succeeded.")
    log = serializers.CharField(help_text="FFmpeg's command and its last lines, of an attempt that failed.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_notes(self, job: PackagingJob) -> list[str]:
        return list(plan_words(job.plan))

    @extend_schema_field(CodeInWordsSerializer(many=True))
    def get_warnings(self, job: PackagingJob) -> list[dict[str, str]]:
        return [{"code": str(warning["code"]), "detail": warning_words(warning)} for warning in job.warnings]


class JobWriteSerializer(StrictSerializer):
    source = serializers.UUIDField(help_text="It has the id of its upload.")  # type: ignore[assignment]  # a field of this name is no attribute
    priority = serializers.ChoiceField(
        choices=PackagingJob.Priority.choices,
        default=PackagingJob.Priority.NORMAL,
        help_text="The highest comes first.",
    )


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    movie = django_filters.CharFilter(
        "source__movie__slugs__slug", max_length=LONGEST_SLUG, help_text="Slug of a movie, a former one too."
    )
    source = django_filters.UUIDFilter("source_id")
    state = django_filters.MultipleChoiceFilter(
        choices=PackagingJob.State.choices, distinct=False, help_text="Several: in any of them."
    )

    class Meta:
        model = PackagingJob
        fields: ClassVar[list[str]] = []


class JobListView(DeskList[PackagingJob]):
    """Packaging jobs, those that were queued last first."""

    queryset: QuerySet[PackagingJob] = PackagingJob.objects.all()
    serializer_class = JobSerializer
    filterset_class = JobFilter
    page_ordering = ("-queued_at", "-id")
    throttle_scopes: ClassVar = {"POST": _THROTTLE}

    def get_queryset(self) -> QuerySet[PackagingJob]:
        found = access.get_jobs(self.request.user).select_related("source__movie", "requested_by")
        return found.defer(*_ONLY_IN_DETAIL)

    @extend_schema(
        operation_id="jobs_list",
        tags=["jobs"],
        parameters=[IF_NONE_MATCH],
        responses={200: JobSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="jobs_create",
        tags=["jobs"],
        parameters=[IDEMPOTENCY_KEY],
        request=JobWriteSerializer,
        responses={201: JobDetailSerializer, **problems(JobIsUnderWay, SourceIsGone, *IDEMPOTENCY_PROBLEMS)},
        examples=[
            OpenApiExample(
                "Anew and soon",
                value={"source": "0198c7b2-a3f9-7e0d-8a4e-6a3c52f1d7aa", "priority": 10},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Package a source, or package it anew; what there is of it serves until then."""
        access.require_may_package(request.user)
        return create_once(request, lambda: _create(request))


class JobView(APIView):
    """One packaging job."""

    @extend_schema(
        operation_id="jobs_retrieve",
        tags=["jobs"],
        parameters=[IF_NONE_MATCH],
        responses={200: JobDetailSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        """Read how far it is, its plan in words, and why it failed."""
        refuse_unknown(request)
        return _answer(request, access.get_job_for_viewing(request.user, job_id))


class JobCancelView(APIView):
    """A job that somebody wants to be stopped."""

    throttle_scope = _THROTTLE

    @extend_schema(
        operation_id="jobs_cancel",
        tags=["jobs"],
        request=None,
        responses={200: JobDetailSerializer, **problems(JobIsOver, *_NO_BODY)},
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Stop a job: at once while it waits, within seconds while it runs. What served before goes on serving."""
        job = access.get_job_for_management(request.user, job_id)
        _refuse_body(request)
        return _answer(request, jobs.cancel_job(job_id=job.pk, by=signed_in(request), at=clock.now()))


class JobRetryView(APIView):
    """A job that came to nothing, once more."""

    throttle_scope = _THROTTLE

    @extend_schema(
        operation_id="jobs_retry",
        tags=["jobs"],
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={
            201: JobDetailSerializer,
            **problems(JobHasSucceeded, JobIsUnderWay, SourceIsGone, *IDEMPOTENCY_PROBLEMS, *_NO_BODY),
        },
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Package the source of a job that failed or was cancelled, by a new job of the same priority."""
        job = access.get_job_for_management(request.user, job_id)
        _refuse_body(request)
        by, at = signed_in(request), clock.now()
        return create_once(request, lambda: _created(request, jobs.retry_job(job_id=job.pk, by=by, at=at)))


def _create(request: Request) -> Response:
    serializer = JobWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    facts = serializer.validated_data
    try:
        job = jobs.enqueue_job(
            source_id=facts["source"], priority=facts["priority"], by=signed_in(request), at=clock.now()
        )
    except NotFound as error:
        fault = serializers.ErrorDetail(_("There is no such source."), code="unknown_source")
        raise serializers.ValidationError({"source": [fault]}) from error
    return _created(request, job)


def _created(request: Request, job: PackagingJob) -> Response:
    return _answer(request, job, status=201, headers={"Location": reverse("streaming-api:job-detail", args=[job.pk])})


def _answer(request: Request, job: PackagingJob, **rest: Any) -> Response:
    return tagged(request, JobDetailSerializer(job).data, **rest)


def _refuse_body(request: Request) -> None:
    if request.data:
        raise MalformedRequest(_("This call takes no body."))
