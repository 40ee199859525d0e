"""`/api/v1/jobs/`: packaging jobs, and having a source packaged."""

from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from portal.models import AuditEntry, User
from streaming.media.package_plan import VERSION, KeyFrameRule, Note, NoteCode, PackagingPlan, Phase
from streaming.models import PackagingJob, Source
from tests.factories import AT, make_job, make_movie, make_package, make_source

pytestmark = pytest.mark.django_db

URL = "/api/v1/jobs/"


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


def ids(answer: Any) -> list[str]:
    return [job["id"] for job in answer.json()["results"]]


def a_plan() -> dict[str, Any]:
    notes = (Note(code=NoteCode.SILENT), Note(code=NoteCode.SUBTITLES_KEPT, values=("th",)))
    plan = PackagingPlan(
        version=VERSION,
        duration_s=Fraction(60),
        segment_s=Fraction(4),
        key_frames=KeyFrameRule.COUNTED,
        picture=None,
        video=(),
        audio=(),
        texts=(),
        storyboard=None,
        posters=None,
        phases=(Phase(tracks=(), makes_stills=False),),
        notes=notes,
    )
    return plan.to_json()


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_begins_with_the_job_that_was_queued_last(desk: APIClient) -> None:
    first, last = make_job(), make_job(queued_at=AT + timedelta(1), not_before=AT + timedelta(1))

    assert ids(desk.get(URL)) == [str(last.pk), str(first.pk)]


def test_a_job_says_where_it_stands(desk: APIClient, editor: User) -> None:
    source = make_source(movie=make_movie(slug="film"), file_name="master.mov")
    package = make_package(source=source, state="GROWING", ready_at=None)
    job = make_job(
        source, package=package, state="RUNNING", step="REST", percent=42.5, speed=3.5, time_left_s=9.0,
        attempt=2, priority=10, requested_by=editor, started_at=AT,
    )  # fmt: skip

    (told,) = desk.get(URL).json()["results"]

    assert told == {
        "id": str(job.pk),
        "source": str(source.pk),
        "file_name": "master.mov",
        "movie": "film",
        "package": str(package.pk),
        "state": "RUNNING",
        "step": "REST",
        "priority": 10,
        "attempt": 2,
        "percent": 42.5,
        "speed": 3.5,
        "time_left_s": 9.0,
        "failure": None,
        "is_cancel_asked": False,
        "requested_by": "editor",
        "queued_at": "2026-11-20T18:00:00Z",
        "not_before": "2026-11-20T18:00:00Z",
        "started_at": "2026-11-20T18:00:00Z",
        "finished_at": None,
    }


def test_jobs_are_found_by_movie_source_and_state(desk: APIClient) -> None:
    movie = make_movie(slug="film")
    movie.slugs.create(slug="former")
    queued, failed = make_job(source=make_source(movie=movie)), make_job(state="FAILED")
    make_job(state="SUCCEEDED")

    assert ids(desk.get(URL, {"movie": "film"})) == ids(desk.get(URL, {"movie": "former"})) == [str(queued.pk)]
    assert ids(desk.get(URL, {"source": str(failed.source_id)})) == [str(failed.pk)]
    assert set(ids(desk.get(URL, {"state": ["QUEUED", "FAILED"]}))) == {str(queued.pk), str(failed.pk)}
    assert ids(desk.get(URL, {"movie": "other"})) == []


@pytest.mark.parametrize(("name", "value"), [("state", "DONE"), ("source", "7"), ("order", "id"), ("movie", "x" * 121)])
def test_a_query_that_means_nothing_is_refused(desk: APIClient, name: str, value: str) -> None:
    answer = desk.get(URL, {name: value})

    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json()["errors"]] == [name]


def test_the_list_is_read_page_by_page_and_sent_once(desk: APIClient) -> None:
    jobs = [str(make_job(queued_at=AT + timedelta(n), not_before=AT + timedelta(n)).pk) for n in range(3)]

    first = desk.get(URL, {"page_size": 2})
    second = desk.get(first.json()["next"])
    again = desk.get(URL, {"page_size": 2}, headers={"If-None-Match": first.headers["ETag"]})

    assert ids(first) + ids(second) == jobs[::-1]
    assert (again.status_code, again.content) == (304, b"")


# --- One job ----------------------------------------------------------------------------------------------------------


def test_a_job_tells_its_plan_and_its_warnings_in_words(desk: APIClient) -> None:
    job = make_job(plan=a_plan(), warnings=[{"code": "broken-frames", "count": 3}], state="SUCCEEDED")

    told = desk.get(f"{URL}{job.pk}/").json()

    assert told["plan"]["segment_s"] == "4"
    assert told["notes"] == ["There is no sound.", "The file's own subtitles are taken: Thai."]
    assert [warning["code"] for warning in told["warnings"]] == ["broken-frames"]
    assert told["warnings"][0]["detail"].startswith("3 frames")


def test_a_job_that_failed_says_why_and_shows_the_log(desk: APIClient) -> None:
    job = make_job(state="FAILED", failure_code="hung", failure_facts={"wall_s": 240}, log="ffmpeg -i film\nbroken")

    told = desk.get(f"{URL}{job.pk}/").json()

    assert told["failure"]["code"] == "hung"
    assert "4 min" in told["failure"]["detail"]
    assert told["log"] == "ffmpeg -i film\nbroken"


def test_a_job_that_nobody_took_has_no_plan_yet(desk: APIClient) -> None:
    told = desk.get(f"{URL}{make_job(make_source()).pk}/").json()

    assert (told["plan"], told["notes"], told["warnings"], told["step"], told["movie"]) == (None, [], [], "", None)


def test_a_job_that_there_is_not_is_not_found(desk: APIClient) -> None:
    assert desk.get(f"{URL}{uuid4()}/").status_code == 404


# --- Another job ------------------------------------------------------------------------------------------------------


def test_an_editor_has_a_source_packaged_anew(desk: APIClient, editor: User) -> None:
    source = make_source()
    make_job(source=source, state="SUCCEEDED")

    answer = desk.post(URL, {"source": str(source.pk), "priority": 10})

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert answer.headers["Location"] == f"{URL}{told['id']}/"
    assert (told["state"], told["priority"], told["requested_by"]) == ("QUEUED", 10, "editor")
    assert AuditEntry.objects.get(action="packaging_job.queued", object_id=told["id"]).actor == editor


def test_without_a_priority_it_is_the_usual_one(desk: APIClient) -> None:
    assert desk.post(URL, {"source": str(make_source().pk)}).json()["priority"] == 5


def test_the_same_call_with_the_same_key_adds_one_job(desk: APIClient) -> None:
    body, key = {"source": str(make_source().pk)}, {"Idempotency-Key": "once"}

    first, again = desk.post(URL, body, headers=key), desk.post(URL, body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert PackagingJob.objects.count() == 1


def test_a_source_that_is_being_packaged_is_not_packaged_twice(desk: APIClient) -> None:
    job = make_job()

    answer = desk.post(URL, {"source": str(job.source_id)})

    assert (answer.status_code, answer.json()["code"], answer.json()["job"]) == (409, "job-is-under-way", str(job.pk))


def test_a_source_that_is_gone_cannot_be_packaged(desk: APIClient) -> None:
    answer = desk.post(URL, {"source": str(make_source(state=Source.State.DISCARDED).pk)})

    assert (answer.status_code, answer.json()["code"]) == (409, "source-is-gone")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"source": None}, ("/source", "null")),
        ({"source": "seven"}, ("/source", "invalid")),
        ({"source": str(uuid4())}, ("/source", "unknown_source")),
        ({"priority": 3}, ("/priority", "invalid_choice")),
        ({"plan": {}}, ("/plan", "unknown")),
    ],
)
def test_each_fault_is_pointed_at(desk: APIClient, change: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = desk.post(URL, {"source": str(make_source().pk)} | change)

    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [fault]
    assert not PackagingJob.objects.exists()


def test_who_adds_jobs_without_end_is_asked_to_wait(desk: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "packaging": "1/minute"}

    first, second = (desk.post(URL, {"source": str(make_source().pk)}) for _ in range(2))

    assert (first.status_code, second.status_code, second.json()["scope"]) == (201, 429, "packaging")
    assert desk.get(URL).status_code == 200
