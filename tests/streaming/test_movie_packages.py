"""What a movie's page and line at the editors' desk say of its packages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.progress import progress_of
from portal.accounts.roles import Role
from portal.models import User
from streaming.models import PackagingJob, Source
from streaming.movie_packages import MoviePackages, tell_packages
from tests.factories import AT, make_job, make_movie, make_package, make_source, make_upload, make_user, receive_source

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)


def told_to(user: User, movie_id: int) -> MoviePackages:
    part = tell_packages(user, movie_id)
    assert part is not None
    assert isinstance(part.page, MoviePackages)
    return part.page


def test_a_movie_shows_the_latest_job_of_each_of_its_sources(editor: User) -> None:
    movie = make_movie()
    first, second = (make_source(movie=movie, file_name=name) for name in ("first.mkv", "second.mkv"))
    make_job(first, state="FAILED", queued_at=AT, not_before=AT)
    make_job(first, queued_at=LATER, not_before=LATER)
    make_job(second, state="SUCCEEDED")
    make_job()
    page = told_to(editor, movie.pk)
    assert [(row.line.name, row.line.state_words) for row in page.jobs] == [
        ("first.mkv", "Waiting for a worker"),
        ("second.mkv", "Done"),
    ]
    assert [bool(row.again_url) for row in page.jobs] == [False, True]


def test_a_movie_shows_its_packages_the_newest_first(editor: User) -> None:
    movie = make_movie()
    source = make_source(movie=movie)
    make_package(source, state="RETIRED", retired_at=LATER)
    make_package(source, created_at=LATER)
    make_package()
    page = told_to(editor, movie.pk)
    assert [package.state_words for package in page.packages] == ["Ready", "No longer used"]
    assert page.packages[0].length == "1:34:00"


@pytest.mark.parametrize(
    ("runtime_s", "length_s", "is_told"),
    [
        (None, 20.0, False),
        (5640, 5652.0, False),
        (5640, 5420.0, False),  # sped up for television
        (60, 20.0, False),
        (5640, 20.0, True),
        (5640, 7200.0, True),
    ],
)
def test_a_film_of_another_length_than_its_page_says_is_noticed(
    editor: User, runtime_s: int | None, length_s: float, is_told: bool
) -> None:
    movie = make_movie(runtime_s=runtime_s)
    make_package(make_source(movie=movie), duration_s=length_s)
    assert bool(told_to(editor, movie.pk).length_note) is is_told


def test_the_note_of_another_length_names_both_and_what_helps(client: Client, editor: User) -> None:
    client.force_login(editor)
    movie = make_movie(runtime_s=5640)
    make_package(make_source(movie=movie), duration_s=20.0)
    page = client.get(f"/admin/catalog/movie/{movie.pk}/change/").content.decode()
    assert "The film is 0:20 long, and the movie&#x27;s page says 1 h 34 min. Correct the running time" in page


def test_a_film_that_is_not_whole_yet_is_not_measured(editor: User) -> None:
    movie = make_movie()
    make_package(make_source(movie=movie), state="GROWING", ready_at=None, duration_s=4.0)
    assert told_to(editor, movie.pk).length_note == ""


def test_what_cannot_be_packaged_again_is_not_offered(editor: User) -> None:
    movie = make_movie()
    make_job(make_source(movie=movie), state="SUCCEEDED")
    Source.objects.update(state="DISCARDED")
    assert [row.again_url for row in told_to(editor, movie.pk).jobs] == [""]


def test_an_operator_sees_it_all_and_packages_nothing_anew() -> None:
    movie = make_movie()
    make_job(make_source(movie=movie), state="SUCCEEDED")
    (row,) = told_to(make_user(Role.OPERATOR), movie.pk).jobs
    assert row.again_url == ""


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BROADCASTER])
def test_nobody_else_is_told(role: Role) -> None:
    assert tell_packages(make_user(role), make_movie().pk) is None


def test_the_tab_of_a_movie_shows_packages_and_jobs(client: Client, editor: User) -> None:
    client.force_login(editor)
    movie = make_movie()
    job = make_job(make_source(movie=movie), state="RUNNING", percent=7.0)
    make_package(job.source)
    page = client.get(f"/admin/catalog/movie/{movie.pk}/change/").content.decode()
    assert "Making it playable, 7 %" in page
    assert f'data-jobs-movie="{movie.pk}"' in page
    assert f"/admin/streaming/packagingjob/{job.pk}/change/" in page
    assert "1:34:00" in page
    assert f'data-movie-socket="/ws/movies/{movie.slug}/"' in page


def test_a_new_movie_has_nothing_of_it(client: Client, editor: User) -> None:
    client.force_login(editor)
    assert "data-jobs" not in client.get("/admin/catalog/movie/add/").content.decode()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": "QUEUED"}, ("uploaded, waiting to be packaged",)),
        ({"state": "RUNNING", "percent": 42.9}, ("packaging 42 %",)),
        ({"state": "FAILED"}, ("packaging failed",)),
        ({"state": "CANCELLED"}, ("packaging was cancelled",)),
        ({"state": "SUCCEEDED"}, ()),
    ],
)
def test_the_line_of_a_movie_says_where_its_film_stands(facts: dict[str, Any], words: tuple[str, ...]) -> None:
    movie = make_movie()
    make_job(make_source(movie=movie), **facts)
    assert progress_of([movie.pk]).get(movie.pk, ()) == words
    # What has a bar on the movie's own page is not said there by a number that stands still.
    assert progress_of([movie.pk], beside_bars=True).get(movie.pk, ()) == (() if "percent" in facts else words)


def test_the_latest_film_of_a_movie_counts(editor: User) -> None:
    movie = make_movie()
    make_job(make_source(movie=movie), state="FAILED")
    make_job(make_source(movie=movie, created_at=LATER), state="SUCCEEDED")
    make_source(movie=movie, created_at=LATER + timedelta(hours=1), state="DISCARDED")
    assert progress_of([movie.pk]) == {}


def test_the_latest_job_of_a_film_counts() -> None:
    movie = make_movie()
    source = make_source(movie=movie)
    make_job(source, state="FAILED", queued_at=AT, not_before=AT)
    make_job(source, state="RUNNING", percent=1, queued_at=LATER, not_before=LATER)
    assert progress_of([movie.pk]) == {movie.pk: ("packaging 1 %",)}


def test_a_film_that_is_compared_with_its_checksum_is_not_packaged_yet() -> None:
    upload = make_upload(state="FINISHED", movie=make_movie(), sha256="0" * 64)
    receive_source(upload)
    assert not PackagingJob.objects.exists()
    words = "uploaded, being compared with its checksum"
    assert progress_of([upload.movie_id or 0]) == {upload.movie_id: (words,)}


def test_the_list_of_movies_says_it_in_words(client: Client, editor: User) -> None:
    client.force_login(editor)
    make_job(make_source(movie=make_movie(title="Night ferry")), state="RUNNING", percent=42.0)
    assert "packaging 42 %" in client.get("/admin/catalog/movie/").content.decode()


def test_the_page_of_a_movie_tells_no_number_that_would_stand_still(client: Client, editor: User) -> None:
    client.force_login(editor)
    movie = make_movie()
    job = make_job(make_source(movie=movie), state="RUNNING", percent=42.0)
    address = f"/admin/catalog/movie/{movie.pk}/change/"
    assert "packaging 42 %" not in client.get(address).content.decode().lower()
    PackagingJob.objects.filter(pk=job.pk).update(
        state="FAILED", failure_code="truncated", lease=None, lease_expires_at=None, finished_at=AT
    )
    assert "Published, packaging failed" in client.get(address).content.decode()
