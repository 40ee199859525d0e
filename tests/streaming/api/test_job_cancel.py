"""`/api/v1/jobs/<id>/cancel/`: to stop a job."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from portal.models import AuditEntry, User
from streaming.models import PackagingJob
from tests.factories import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(api: APIClient, operator: User) -> APIClient:
    api.force_authenticate(operator)
    return api


def url(job: PackagingJob) -> str:
    return f"/api/v1/jobs/{job.pk}/cancel/"


def test_a_job_that_waits_is_stopped_at_once(desk: APIClient, operator: User) -> None:
    job = make_job()

    answer = desk.post(url(job))

    assert (answer.status_code, answer.json()["state"]) == (200, "CANCELLED")
    assert answer.json()["finished_at"] is not None
    assert AuditEntry.objects.get(action="packaging_job.cancelled").actor == operator


def test_a_job_that_runs_is_asked_to_stop_and_may_be_asked_again(desk: APIClient) -> None:
    job = make_job(state="RUNNING")

    first, again = desk.post(url(job)), desk.post(url(job))

    for answer in (first, again):
        assert (answer.status_code, answer.json()["state"], answer.json()["is_cancel_asked"]) == (200, "RUNNING", True)


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_a_job_that_is_over_cannot_be_stopped(desk: APIClient, state: str) -> None:
    answer = desk.post(url(make_job(state=state)))

    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "job-is-over", state)


def test_a_job_that_there_is_not_is_not_found(desk: APIClient) -> None:
    assert desk.post(f"/api/v1/jobs/{uuid4()}/cancel/").status_code == 404


def test_what_the_call_does_not_take_is_refused(desk: APIClient) -> None:
    job = make_job()

    answer = desk.post(url(job), {"reason": "none"})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")
    assert PackagingJob.objects.get().state == "QUEUED"
