"""`/api/v1/jobs/<id>/retry/`: a job that came to nothing, once more."""

import pytest
from rest_framework.test import APIClient

from portal.models import AuditEntry, User
from streaming.models import PackagingJob, Source
from tests.factories import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(api: APIClient, operator: User) -> APIClient:
    api.force_authenticate(operator)
    return api


def url(job: PackagingJob) -> str:
    return f"/api/v1/jobs/{job.pk}/retry/"


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_job_that_came_to_nothing_gets_a_new_one_of_its_priority(desk: APIClient, operator: User, state: str) -> None:
    job = make_job(state=state, priority=10)

    answer = desk.post(url(job))

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["source"], told["state"], told["priority"]) == (str(job.source_id), "QUEUED", 10)
    assert told["id"] != str(job.pk)
    assert answer.headers["Location"] == f"/api/v1/jobs/{told['id']}/"
    assert AuditEntry.objects.get(action="packaging_job.queued", object_id=told["id"]).actor == operator
    job.refresh_from_db()
    assert job.state == state


def test_the_same_call_with_the_same_key_retries_once(desk: APIClient) -> None:
    job, key = make_job(state="FAILED"), {"Idempotency-Key": "once"}

    first, again = desk.post(url(job), headers=key), desk.post(url(job), headers=key)

    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 201, first.json()["id"])
    assert PackagingJob.objects.count() == 2


def test_a_job_that_made_its_package_needs_no_retry(desk: APIClient) -> None:
    answer = desk.post(url(make_job(state="SUCCEEDED")))

    assert (answer.status_code, answer.json()["code"]) == (409, "job-has-succeeded")


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING"])
def test_a_job_that_is_under_way_cannot_be_retried(desk: APIClient, state: str) -> None:
    job = make_job(state=state)

    answer = desk.post(url(job))

    assert (answer.status_code, answer.json()["code"], answer.json()["job"]) == (409, "job-is-under-way", str(job.pk))


def test_neither_can_one_whose_source_another_job_packages(desk: APIClient) -> None:
    failed = make_job(state="FAILED")
    other = make_job(source=failed.source)

    answer = desk.post(url(failed))

    assert (answer.status_code, answer.json()["job"]) == (409, str(other.pk))


def test_a_source_that_is_gone_cannot_be_retried(desk: APIClient) -> None:
    job = make_job(state="FAILED")
    Source.objects.update(state=Source.State.DISCARDED)

    answer = desk.post(url(job))

    assert (answer.status_code, answer.json()["code"]) == (409, "source-is-gone")


def test_what_the_call_does_not_take_is_refused(desk: APIClient) -> None:
    job = make_job(state="FAILED")

    answer = desk.post(url(job), {"priority": 10})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")
    assert PackagingJob.objects.count() == 1
