"""Packaging jobs, their packages and their sources at the editors' desk."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from streaming.media.codable import encode
from streaming.models import PackagingJob
from tests.factories import AT, make_job, make_movie, make_package, make_source, make_user
from tests.streaming.media.planning import make_probe

pytestmark = pytest.mark.django_db

DESK = "/admin/streaming"
JOBS = f"{DESK}/packagingjob/"
State = PackagingJob.State
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    """An editor's browser at the admin."""
    client.force_login(editor)
    return client


def page_of(client: Client, job: PackagingJob) -> str:
    answer = client.get(f"{JOBS}{job.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_says_how_far_a_job_is(desk: Client) -> None:
    movie = make_movie(title="Night ferry")
    job = make_job(
        make_source(movie=movie, file_name="ferry.mkv"), state="RUNNING", percent=42.7, speed=3.14, time_left_s=125.0
    )
    page = desk.get(JOBS).content.decode()
    assert "ferry.mkv" in page
    assert "Night ferry" in page
    assert "Making it playable, 42 %, 3.1 × playing speed, 3 min left" in page
    assert f'data-job="{job.pk}"' in page
    assert 'value="42"' in page


def test_the_list_says_why_a_job_failed(desk: Client) -> None:
    make_job(state="FAILED", failure_code="truncated")
    page = desk.get(JOBS).content.decode()
    assert "The file ends too early" in page
    assert "<progress" not in page


def test_the_list_is_narrowed_down_and_searched(desk: Client) -> None:
    make_job(make_source(file_name="lost.mkv"), state="FAILED")
    make_job(make_source(file_name="waiting.mkv"))
    failed = desk.get(JOBS, {"state__exact": "FAILED"}).content.decode()
    found = desk.get(JOBS, {"q": "waiting"}).content.decode()
    assert ("lost.mkv" in failed, "waiting.mkv" in failed) == (True, False)
    assert ("lost.mkv" in found, "waiting.mkv" in found) == (False, True)


def test_the_page_brings_the_words_for_its_script(desk: Client) -> None:
    make_job()
    page = desk.get(JOBS).content.decode()
    assert 'data-jobs="/ws/jobs/"' in page
    assert "Making it playable" in page
    assert "admin_jobs" in page


# --- One job ----------------------------------------------------------------------------------------------------------


def test_a_failed_job_shows_its_cause_its_log_and_what_helps(desk: Client) -> None:
    job = make_job(state="FAILED", failure_code="disk-full", log="ffmpeg -i film\nNo space left on <device>")
    page = page_of(desk, job)
    assert "A disk of the portal is full." in page
    assert "No space left on &lt;device&gt;" in page
    assert f"{JOBS}{job.pk}/retry/" in page
    assert f"{DESK}/source/{job.source_id}/package-again/" in page
    assert f"{JOBS}{job.pk}/cancel/" not in page


def test_a_job_that_waits_can_be_cancelled_and_nothing_else(desk: Client) -> None:
    job = make_job()
    page = page_of(desk, job)
    assert f"{JOBS}{job.pk}/cancel/" in page
    assert "/retry/" not in page
    assert "/package-again/" not in page


def test_warnings_and_a_plan_of_another_version_are_told_in_words(desk: Client) -> None:
    job = make_job(state="SUCCEEDED", warnings=[{"code": "broken-frames", "count": 3}], plan={"version": 0})
    page = page_of(desk, job)
    assert "3 frames were damaged" in page
    assert "The plan was made by another version of the portal" in page


def test_a_job_shows_what_its_source_holds(desk: Client) -> None:
    page = page_of(desk, make_job(state="RUNNING", probe=encode(make_probe())))
    assert "What the file holds" in page
    assert "Picture: H.264, 1920 × 1080, 25 frames a second" in page
    assert "What the file holds" not in page_of(desk, make_job())


def test_a_job_leads_to_its_package_and_back(desk: Client) -> None:
    package = make_package()
    job = make_job(package.source, state="SUCCEEDED", package=package)
    assert f"{DESK}/package/{package.pk}/change/" in page_of(desk, job)
    assert f"{JOBS}{job.pk}/change/" in desk.get(f"{DESK}/package/{package.pk}/change/").content.decode()


def test_a_job_that_waits_can_be_taken_first(desk: Client, editor: User) -> None:
    earlier, urgent = make_job(), make_job(queued_at=AT + HOUR, not_before=AT + HOUR)
    assert f"{JOBS}{urgent.pk}/first/" in page_of(desk, urgent)
    page = desk.post(f"{JOBS}{urgent.pk}/first/", follow=True).content.decode()
    assert "It is taken before all that are less urgent." in page
    assert f"{JOBS}{urgent.pk}/first/" not in page
    assert [job.pk for job in PackagingJob.objects.claimable(AT + HOUR)] == [urgent.pk, earlier.pk]
    assert AuditEntry.objects.get(action="packaging_job.prioritised").actor == editor
    history = desk.get(f"{JOBS}{urgent.pk}/history/").content.decode()
    assert "Made more or less urgent" in history
    assert "Normal" in history


@pytest.mark.parametrize("state", ["RUNNING", "FAILED", "SUCCEEDED"])
def test_what_does_not_wait_is_not_offered_to_be_taken_first(desk: Client, state: str) -> None:
    job = make_job(state=state)
    assert f"{JOBS}{job.pk}/first/" not in page_of(desk, job)


def test_cancelling_a_job_that_waits_ends_it_at_once(desk: Client, editor: User) -> None:
    job = make_job()
    page = desk.post(f"{JOBS}{job.pk}/cancel/", follow=True).content.decode()
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert AuditEntry.objects.get(action="packaging_job.cancelled").actor == editor
    assert "Cancelled." in page


def test_cancelling_a_job_that_runs_asks_its_worker_to_stop(desk: Client) -> None:
    job = make_job(state="RUNNING")
    page = desk.post(f"{JOBS}{job.pk}/cancel/", follow=True).content.decode()
    job.refresh_from_db()
    assert (job.state, job.is_cancel_asked) == (State.RUNNING, True)
    assert "It stops in a moment." in page
    assert "Being cancelled" in page
    assert f"{JOBS}{job.pk}/cancel/" not in page


def test_what_is_over_is_not_cancelled_and_the_page_says_so(desk: Client) -> None:
    job = make_job(state="SUCCEEDED")
    assert "The job is over" in desk.post(f"{JOBS}{job.pk}/cancel/", follow=True).content.decode()
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_retrying_queues_another_job_of_the_same_source(desk: Client, editor: User, state: str) -> None:
    job = make_job(state=state, priority=10)
    answer = desk.post(f"{JOBS}{job.pk}/retry/")
    queued = PackagingJob.objects.get(state=State.QUEUED)
    assert (queued.source_id, queued.priority, queued.requested_by) == (job.source_id, 10, editor)
    assert answer.headers["Location"] == f"{JOBS}{queued.pk}/change/"
    assert AuditEntry.objects.filter(action="packaging_job.queued", actor=editor).count() == 1


def test_a_source_is_not_packaged_twice_at_a_time(desk: Client) -> None:
    failed = make_job(state="FAILED")
    make_job(failed.source)
    page = desk.post(f"{JOBS}{failed.pk}/retry/", follow=True).content.decode()
    assert "The source is being packaged already. Wait for that job, or cancel it first." in page
    assert PackagingJob.objects.count() == 2


@pytest.mark.parametrize("verb", ["cancel", "retry", "first"])
def test_a_link_alone_changes_no_job(desk: Client, verb: str) -> None:
    job = make_job(state="FAILED" if verb == "retry" else "QUEUED")
    assert desk.get(f"{JOBS}{job.pk}/{verb}/").status_code == 405
    assert desk.post(f"{JOBS}{uuid4()}/{verb}/").status_code == 404
    assert PackagingJob.objects.get().state == job.state


@pytest.mark.parametrize("verb", ["cancel", "retry", "first"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.BROADCASTER])
def test_whoever_is_no_editor_or_operator_is_asked_to_sign_in(client: Client, role: Role, verb: str) -> None:
    job = make_job(state="FAILED" if verb == "retry" else "QUEUED")
    client.force_login(make_user(role))
    assert client.post(f"{JOBS}{job.pk}/{verb}/").status_code == 302
    assert PackagingJob.objects.get().state == job.state


def test_an_operator_cancels_and_retries_and_packages_nothing_anew(client: Client) -> None:
    client.force_login(make_user(Role.OPERATOR))
    job = make_job()
    client.post(f"{JOBS}{job.pk}/cancel/")
    assert "/package-again/" not in page_of(client, job)
    client.post(f"{JOBS}{job.pk}/retry/")
    assert sorted(PackagingJob.objects.values_list("state", flat=True)) == [State.CANCELLED, State.QUEUED]


def test_the_history_of_a_job_is_told_in_words(desk: Client) -> None:
    job = make_job()
    AuditEntry.objects.create(
        at=AT,
        action="packaging_job.failed",
        object_type="streaming.packagingjob",
        object_id=str(job.pk),
        after={"cause": "truncated"},
    )
    page = desk.get(f"{JOBS}{job.pk}/history/").content.decode()
    assert "Cause: The file ends too early" in page
    assert "packaging_job." not in page


# --- Sources and packages ---------------------------------------------------------------------------------------------


def test_a_source_is_packaged_again_as_urgently_as_is_chosen(desk: Client, editor: User) -> None:
    source = make_job(state="SUCCEEDED").source
    address = f"{DESK}/source/{source.pk}/package-again/"
    assert "How urgent is it?" in desk.get(address).content.decode()
    assert PackagingJob.objects.count() == 1
    answer = desk.post(address, {"priority": "10"})
    queued = PackagingJob.objects.get(state=State.QUEUED)
    assert (queued.source, queued.priority, queued.requested_by) == (source, 10, editor)
    assert answer.headers["Location"] == f"{JOBS}{queued.pk}/change/"


@pytest.mark.parametrize("priority", ["", "11", "-1", "high"])
def test_a_priority_that_there_is_not_is_refused_in_the_form(desk: Client, priority: str) -> None:
    answer = desk.post(f"{DESK}/source/{make_source().pk}/package-again/", {"priority": priority})
    assert answer.status_code == 200
    assert answer.context["form"].errors["priority"]
    assert not PackagingJob.objects.exists()


def test_a_source_whose_file_is_gone_is_not_packaged(desk: Client) -> None:
    source = make_source(state="DISCARDED")
    page = desk.post(f"{DESK}/source/{source.pk}/package-again/", {"priority": "5"}, follow=True).content.decode()
    assert "The source file is gone" in page
    assert not PackagingJob.objects.exists()


@pytest.mark.parametrize("key", ["nothing", "0" * 32])
def test_a_source_that_there_is_not_is_not_found(desk: Client, key: str) -> None:
    assert desk.post(f"{DESK}/source/{key}/package-again/", {"priority": "5"}).status_code == 404


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": "QUEUED"}, "Uploaded, waiting to be packaged"),
        ({"state": "RUNNING", "percent": 12.9}, "Packaging 12 %"),
        ({"state": "SUCCEEDED"}, "Packaged"),
        ({"state": "FAILED"}, "Packaging failed"),
        ({"state": "CANCELLED"}, "Packaging was cancelled"),
    ],
)
def test_a_source_says_what_became_of_it(desk: Client, facts: dict[str, Any], words: str) -> None:
    job = make_job(**facts)
    assert words in desk.get(f"{DESK}/source/").content.decode()
    page = desk.get(f"{DESK}/source/{job.source_id}/change/").content.decode()
    assert words in page
    assert job.state not in page


def test_packages_are_listed_with_what_they_are(desk: Client) -> None:
    index = {"video": [{"width_px": 1920, "height_px": 800}, {"width_px": 854, "height_px": 356}]}
    package = make_package(make_source(movie=make_movie(title="Night ferry")), index=index)
    make_package(package.source, movie=None, state="RETIRED", retired_at=AT)
    page = desk.get(f"{DESK}/package/").content.decode()
    assert page.count("Night ferry") == 1
    assert "No longer used" in page
    assert "1:34:00" in page
    alone = desk.get(f"{DESK}/package/{package.pk}/change/").content.decode()
    assert "1920 × 800, 854 × 356" in alone
    assert "READY" not in alone
