"""Jobs: one worker at a time, and none is ever left behind."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from portal.models import AuditEntry, User
from streaming.errors import JobIsOver, JobIsUnderWay, SourceIsGone
from streaming.events import JobState
from streaming.models import PackagingJob, Source
from streaming.services import jobs
from streaming.services.jobs import CancelAsked, Failure, LeaseLost
from tests.concurrency import at_once
from tests.factories import AT, make_source

pytestmark = pytest.mark.django_db

State = PackagingJob.State
SOON = AT + timedelta(seconds=5)
LATE = AT + jobs.LEASE + timedelta(seconds=1)


def queued(*, at: datetime = AT, priority: int = 5) -> PackagingJob:
    return jobs.enqueue_job(source_id=make_source().pk, by=None, at=at, priority=priority)


def claimed() -> PackagingJob:
    queued()
    job = jobs.claim_job(worker="w1", at=AT)
    assert job is not None
    return job


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_worker_takes_a_job_that_waits_and_nobody_takes_it_again() -> None:
    job = claimed()

    assert (job.state, job.attempt, job.worker) == (State.RUNNING, 1, "w1")
    assert jobs.claim_job(worker="w2", at=AT) is None


def test_the_most_urgent_job_comes_first_and_then_the_oldest() -> None:
    low, normal = queued(priority=0), queued()
    high, later = queued(priority=10, at=SOON), queued(at=SOON)

    taken = [jobs.claim_job(worker="w", at=SOON) for _ in range(4)]

    assert [job and job.pk for job in taken] == [high.pk, normal.pk, later.pk, low.pk]


def test_films_leave_places_of_a_machine_to_other_work() -> None:
    for _ in range(4):
        queued()

    taken = [jobs.claim_job(worker=f"here:{number}", at=AT, most_here=2) for number in range(3)]
    elsewhere = jobs.claim_job(worker="here-too:1", at=AT, most_here=2)

    assert [job is not None for job in (*taken, elsewhere)] == [True, True, False, True]
    # Workers that are dead hold no place.
    assert jobs.claim_job(worker="here:3", at=LATE, most_here=2) is not None


def test_a_job_that_waits_is_made_more_urgent_and_the_trail_knows_it_once(editor: User) -> None:
    queued()
    job = queued(at=SOON)

    for _ in range(2):
        jobs.set_priority(job_id=job.pk, priority=10, by=editor, at=SOON)

    taken = jobs.claim_job(worker="w", at=SOON)
    assert taken is not None
    assert taken.pk == job.pk
    entry = AuditEntry.objects.get(action="packaging_job.prioritised")
    assert (entry.before, entry.after, entry.actor) == ({"priority": 5}, {"priority": 10}, editor)


def test_a_job_that_has_ended_is_as_urgent_as_it_was(editor: User) -> None:
    job = claimed()
    jobs.fail(job=job, failure=Failure(code="encrypted"), log="", at=SOON)

    with pytest.raises(JobIsOver):
        jobs.set_priority(job_id=job.pk, priority=10, by=editor, at=SOON)


def test_a_source_is_packaged_once_at_a_time() -> None:
    source = make_source()
    jobs.enqueue_job(source_id=source.pk, by=None, at=AT)

    with pytest.raises(JobIsUnderWay):
        jobs.enqueue_job(source_id=source.pk, by=None, at=AT)


def test_a_source_that_is_gone_is_not_packaged() -> None:
    source = make_source(state=Source.State.DISCARDED)

    with pytest.raises(SourceIsGone):
        jobs.enqueue_job(source_id=source.pk, by=None, at=AT)


def test_a_job_tells_how_far_it_is() -> None:
    job = claimed()

    jobs.renew_lease(job=job, at=SOON, progress={"percent": 42.0, "speed": 3.5})

    row = PackagingJob.objects.get()
    assert (row.percent, row.speed, row.lease_expires_at) == (42.0, 3.5, SOON + jobs.LEASE)


def test_a_job_whose_worker_is_silent_is_given_to_another() -> None:
    job = claimed()

    assert jobs.sweep(at=AT + jobs.LEASE - timedelta(seconds=1)) == 0
    assert jobs.sweep(at=LATE) == 1
    other = jobs.claim_job(worker="w2", at=LATE)

    assert other is not None
    assert (other.pk, other.attempt, other.worker) == (job.pk, 2, "w2")
    assert "packaging_job.interrupted" in actions()


def test_a_worker_that_lost_its_lease_is_told_at_whatever_it_does() -> None:
    job = claimed()
    jobs.sweep(at=LATE)
    jobs.claim_job(worker="w2", at=LATE)

    steps: tuple[Callable[[], object], ...] = (
        lambda: jobs.renew_lease(job=job, at=LATE, progress={}),
        lambda: jobs.fail(job=job, failure=Failure(code="unreadable"), log="", at=LATE),
        lambda: jobs.end_cancelled(job=job, at=LATE),
        lambda: jobs.give_back(job=job, at=LATE),
        lambda: jobs.succeed(job=job, warnings=(), at=LATE),
    )
    for step in steps:
        with pytest.raises(LeaseLost), transaction.atomic():
            step()

    assert PackagingJob.objects.get().worker == "w2"


def test_a_job_that_is_lost_again_and_again_fails_with_a_cause() -> None:
    queued()
    at = AT
    for _ in range(jobs.MOST_ATTEMPTS):
        assert jobs.claim_job(worker="w", at=at) is not None
        at += jobs.LEASE + timedelta(seconds=1)
        jobs.sweep(at=at)
        at = max(at, PackagingJob.objects.get().not_before)

    row = PackagingJob.objects.get()
    assert (row.state, row.failure_code) == (State.FAILED, "worker-lost")
    assert jobs.claim_job(worker="w", at=at + timedelta(days=1)) is None


def test_the_second_attempt_begins_at_once_and_later_ones_wait_longer_and_longer() -> None:
    queued()
    at, waits = AT, []
    for _ in range(jobs.MOST_ATTEMPTS - 1):
        job = jobs.claim_job(worker="w", at=at)
        assert job is not None
        jobs.fail(job=job, failure=Failure(code="killed", may_pass=True), log="", at=at)
        not_before = PackagingJob.objects.get().not_before
        waits.append((not_before - at).total_seconds())
        at = not_before

    assert waits[0] == 0
    assert waits == sorted(waits)
    assert waits[-1] > 60


def test_a_job_that_is_tried_again_tells_what_stands_in_the_way_until_it_is_taken() -> None:
    job = claimed()
    jobs.fail(job=job, failure=Failure(code="disk-full", facts={"free": 1}, may_pass=True), log="", at=SOON)
    row = PackagingJob.objects.get()
    assert (row.state, row.failure_code, row.failure_facts) == (State.QUEUED, "disk-full", {"free": 1})
    assert JobState.of(row).failure_code == ""  # it has not failed

    jobs.claim_job(worker="w", at=SOON)
    assert PackagingJob.objects.get().failure_code == ""


def test_a_job_that_is_cancelled_while_it_waits_for_another_attempt_has_not_failed(editor: User) -> None:
    jobs.fail(job=claimed(), failure=Failure(code="disk-full", may_pass=True), log="", at=SOON)
    row = jobs.cancel_job(job_id=PackagingJob.objects.get().pk, by=editor, at=SOON)
    assert (row.state, row.failure_code) == (State.CANCELLED, "")


def test_a_job_that_is_given_back_keeps_its_place_and_is_taken_at_once() -> None:
    job = claimed()
    queued(at=SOON)

    jobs.give_back(job=job, at=SOON)
    again = jobs.claim_job(worker="w2", at=SOON)

    assert again is not None
    assert (again.pk, again.worker) == (job.pk, "w2")
    assert AuditEntry.objects.get(action="packaging_job.interrupted").after == {"cause": "worker-stopped"}


def test_however_often_workers_are_stopped_no_job_fails_of_it() -> None:
    queued()
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        job = jobs.claim_job(worker="w", at=AT)
        assert job is not None
        jobs.give_back(job=job, at=AT)

    row = PackagingJob.objects.get()
    assert (row.state, row.attempt) == (State.QUEUED, 0)


@pytest.mark.parametrize("is_given_back", [True, False])
def test_a_job_that_was_to_be_cancelled_does_not_wait_for_another_attempt(editor: User, is_given_back: bool) -> None:
    """It might wait for hours, behind others, only to be cancelled then."""
    job = claimed()
    jobs.cancel_job(job_id=job.pk, by=editor, at=SOON)

    if is_given_back:
        jobs.give_back(job=job, at=SOON)
    else:
        jobs.fail(job=job, failure=Failure(code="killed", may_pass=True), log="", at=SOON)

    assert PackagingJob.objects.get().state == State.CANCELLED


def test_a_clock_that_is_set_back_holds_no_job_up() -> None:
    waits, running = queued(), queued()
    PackagingJob.objects.filter(pk=waits.pk).update(priority=0)
    taken = jobs.claim_job(worker="dead", at=AT)
    assert taken is not None
    assert taken.pk == running.pk
    before = AT - timedelta(days=1)

    assert jobs.sweep(at=before) == 1

    found = [jobs.claim_job(worker="w", at=before) for _ in range(2)]
    assert {job.pk for job in found if job} == {waits.pk, running.pk}


def test_a_wait_that_was_meant_is_no_clock_that_was_set_back() -> None:
    queued()
    at = AT
    for _ in range(jobs.MOST_ATTEMPTS - 1):
        job = jobs.claim_job(worker="w", at=at)
        assert job is not None
        jobs.fail(job=job, failure=Failure(code="killed", may_pass=True), log="", at=at)
        at = PackagingJob.objects.get().not_before

    assert jobs.claim_job(worker="w", at=at - timedelta(seconds=1)) is None


def test_a_failure_that_cannot_pass_is_final_and_keeps_the_log() -> None:
    job = claimed()

    jobs.fail(job=job, failure=Failure(code="encrypted", facts={"scheme": "cenc"}), log="the log", at=SOON)

    row = PackagingJob.objects.get()
    assert (row.state, row.failure_code, row.failure_facts) == (State.FAILED, "encrypted", {"scheme": "cenc"})
    assert (row.log, row.finished_at) == ("the log", SOON)


def test_a_failed_job_makes_room_for_another_one() -> None:
    job = claimed()
    jobs.fail(job=job, failure=Failure(code="encrypted"), log="", at=SOON)

    again = jobs.enqueue_job(source_id=job.source_id, by=None, at=SOON)

    assert again.pk != job.pk


def test_a_job_that_waits_is_cancelled_at_once(editor: User) -> None:
    job = queued()

    jobs.cancel_job(job_id=job.pk, by=editor, at=SOON)

    assert PackagingJob.objects.get().state == State.CANCELLED
    assert jobs.claim_job(worker="w", at=SOON) is None


def test_a_worker_hears_of_a_cancellation_when_it_renews_its_lease(editor: User) -> None:
    job = claimed()
    jobs.cancel_job(job_id=job.pk, by=editor, at=SOON)

    with pytest.raises(CancelAsked):
        jobs.renew_lease(job=job, at=SOON, progress={})
    jobs.end_cancelled(job=job, at=SOON)

    assert PackagingJob.objects.get().state == State.CANCELLED


def test_a_cancelled_job_of_a_dead_worker_ends_all_the_same(editor: User) -> None:
    job = claimed()
    jobs.cancel_job(job_id=job.pk, by=editor, at=SOON)

    jobs.sweep(at=LATE)

    assert PackagingJob.objects.get().state == State.CANCELLED


def test_what_is_over_cannot_be_cancelled(editor: User) -> None:
    job = queued()
    jobs.cancel_job(job_id=job.pk, by=editor, at=SOON)

    with pytest.raises(JobIsOver):
        jobs.cancel_job(job_id=job.pk, by=editor, at=SOON)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_each_gets_another_job() -> None:
    for _ in range(3):
        queued()

    taken = at_once(*(lambda number=number: jobs.claim_job(worker=f"w{number}", at=AT) for number in range(6)))

    found = [job.pk for job in taken if isinstance(job, PackagingJob)]
    assert len(found) == len(set(found)) == 3
    assert taken.count(None) == 3


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_comes_back_and_the_sweeper_never_both_win() -> None:
    job = claimed()

    def succeed() -> None:
        with transaction.atomic():
            jobs.succeed(job=job, warnings=(), at=LATE)

    at_once(succeed, lambda: jobs.sweep(at=LATE))

    row = PackagingJob.objects.get()
    assert row.state in (State.SUCCEEDED, State.QUEUED)
    assert (row.finished_at is not None) == (row.state == State.SUCCEEDED)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "RUNNING"},
        {"state": "FAILED", "finished_at": AT},
        {"state": "SUCCEEDED"},
        {"percent": 101},
        {"not_before": AT - timedelta(seconds=1)},
        {"state": "SOMETHING"},
    ],
)
def test_the_database_takes_no_job_in_an_impossible_state(broken: dict[str, object]) -> None:
    queued()

    with pytest.raises(IntegrityError), transaction.atomic():
        PackagingJob.objects.update(**broken)


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_the_same_moment_take_no_more_places_than_there_are() -> None:
    for _ in range(3):
        queued()

    taken = at_once(*(lambda: jobs.claim_job(worker="here:1", at=AT, most_here=1) for _ in range(3)))

    assert len([job for job in taken if isinstance(job, PackagingJob)]) == 1
    assert taken.count(None) == 2
