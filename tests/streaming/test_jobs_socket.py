"""`/ws/jobs/`: the desk follows packaging, and nobody else does."""

from datetime import timedelta

import pytest
from channels.db import database_sync_to_async

from portal.accounts.roles import Role
from portal.consumers import CloseCode
from portal.ids import uuid7
from portal.models import User
from streaming.models import PackagingJob
from streaming.services import jobs
from tests.factories import AT, make_job, make_movie, make_source, make_user
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATH = "/ws/jobs/"


def queue_one() -> PackagingJob:
    return jobs.enqueue_job(source_id=make_source(movie=make_movie()).pk, by=None, at=AT)


def take() -> PackagingJob:
    job = jobs.claim_job(worker="w", at=AT)
    assert job is not None
    return job


async def test_the_desk_hears_of_every_step(editor: User) -> None:
    queued = await database_sync_to_async(queue_one)()
    async with open_socket(PATH, user=editor) as socket:
        snapshot = await socket.receive_envelope()
        job = await database_sync_to_async(take)()
        taken = await socket.receive_envelope()
        await database_sync_to_async(jobs.renew_lease)(job=job, at=AT, progress={"percent": 12.34})
        further = await socket.receive_envelope()

    assert [entry["job_id"] for entry in snapshot["data"]["jobs"]] == [str(queued.pk)]
    assert snapshot["data"]["jobs"][0]["state"] == "QUEUED"
    assert (taken["type"], taken["data"]["state"]) == ("packaging_job.changed", "RUNNING")
    assert (further["data"]["percent"], further["seq"]) == (12.3, taken["seq"] + 1)


async def test_a_snapshot_and_its_events_are_a_new_snapshot(editor: User) -> None:
    await database_sync_to_async(queue_one)()
    async with open_socket(PATH, user=editor) as socket:
        known = {entry["job_id"]: entry for entry in (await socket.receive_envelope())["data"]["jobs"]}
        job = await database_sync_to_async(take)()
        await database_sync_to_async(jobs.fail)(
            job=job, failure=jobs.Failure(code="encrypted"), log="", at=AT + timedelta(seconds=1)
        )
        for _ in range(2):
            data = (await socket.receive_envelope())["data"]
            known[data["job_id"]] = data
    async with open_socket(PATH, user=editor) as socket:
        fresh = (await socket.receive_envelope())["data"]["jobs"]

    assert list(known.values()) == fresh


def queue_many() -> tuple[PackagingJob, PackagingJob]:
    """Queue more jobs than a snapshot holds; return the one that runs, and the one that is taken next."""
    many = (PackagingJob(id=uuid7(AT), source=make_source(), not_before=AT, queued_at=AT) for _ in range(200))
    PackagingJob.objects.bulk_create(many)
    later = AT + timedelta(hours=1)
    urgent = jobs.enqueue_job(source_id=make_source().pk, by=None, at=later, priority=10)
    return make_job(state="RUNNING"), urgent


async def test_a_snapshot_of_a_long_queue_begins_with_what_runs_and_comes_next(editor: User) -> None:
    running, next_one = await database_sync_to_async(queue_many)()
    async with open_socket(PATH, user=editor) as socket:
        shown = [entry["job_id"] for entry in (await socket.receive_envelope())["data"]["jobs"]]

    assert shown[:2] == [str(running.pk), str(next_one.pk)]
    assert len(shown) == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BROADCASTER])
async def test_whoever_does_not_package_is_sent_away(role: Role) -> None:
    user = await database_sync_to_async(make_user)(role)
    async with open_socket(PATH, user=user) as socket:
        assert await socket.receive_close_code() == CloseCode.NOT_ALLOWED


async def test_a_stranger_is_asked_to_sign_in_or_sent_away() -> None:
    async with open_socket(PATH) as socket:
        assert await socket.receive_close_code() == CloseCode.NOT_ALLOWED
