"""What a movie's page on the editors' desk shows of its packages and of the jobs that make them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import Movie
from catalog.pages import format_runtime
from catalog.uploads.parts import Part
from portal.models import User
from streaming.job_lines import SOCKET_PATH, JobLine, job_line, script_words
from streaming.lengths import format_length
from streaming.models import Package, PackagingJob

_MOST_LINES = 20
# Running times are said in minutes, and films made for television run faster, by a twenty-fourth.
_OTHER_LENGTH_S, _OTHER_LENGTH = 60, 0.05
PACKAGE_COLOURS = {
    Package.State.MAKING: "info",
    Package.State.GROWING: "primary",
    Package.State.READY: "success",
    Package.State.RETIRED: "warning",
    Package.State.DELETED: "danger",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """The latest job of a source. `again_url` is "" where it cannot be packaged again at the moment, or not by all."""

    line: JobLine
    again_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageLine:
    """One package; `length` is "1:34:12", and "" as long as nobody knows it."""

    name: str
    url: str
    state_words: str
    colour: str
    created_at: datetime
    ready_at: datetime | None
    length: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoviePackages:
    """The latest jobs and packages of a movie, the newest first.

    `socket_path` tells how the jobs go on, `movie_socket_path` when the movie can be played. `length_note` is "" unless
    the film has another length than the movie's page says.
    """

    movie_id: int
    length_note: str
    jobs: tuple[JobRow, ...]
    packages: tuple[PackageLine, ...]
    socket_path: str
    movie_socket_path: str
    words: Mapping[str, object]


def tell_packages(user: User, movie_id: int) -> Part | None:
    """Return the part of the tab; None for those who may not see jobs and packages."""
    if not user.has_perms(("streaming.view_packagingjob", "streaming.view_package")):
        return None
    movie = Movie.objects.only("slug", "runtime_s").get(pk=movie_id)
    page = MoviePackages(
        movie_id=movie_id,
        length_note=_length_note(movie),
        jobs=_jobs(user, movie_id),
        packages=_packages(movie_id),
        socket_path=SOCKET_PATH,
        movie_socket_path=f"/ws/movies/{movie.slug}/",
        words=script_words(),
    )
    return Part(template="admin/streaming/_movie_packages.html", page=page)


def _jobs(user: User, movie_id: int) -> tuple[JobRow, ...]:
    newest_first = PackagingJob.objects.filter(source__movie=movie_id).order_by("source", "-queued_at", "-pk")
    latest = newest_first.distinct("source").select_related("source").defer("plan", "probe", "log")
    shown = sorted(latest, key=lambda job: job.queued_at, reverse=True)[:_MOST_LINES]
    may_package = user.has_perm("streaming.add_packagingjob")
    return tuple(JobRow(line=job_line(job), again_url=again_url(job) if may_package else "") for job in shown)


def again_url(job: PackagingJob) -> str:
    """Return where the job's source is packaged anew; "" while a job is under way or if its file is gone."""
    is_under_way = job.state in (PackagingJob.State.QUEUED, PackagingJob.State.RUNNING)
    if is_under_way or not job.source.has_file:
        return ""
    return reverse("admin:streaming_source_package_again", args=[job.source_id])


def _length_note(movie: Movie) -> str:
    ready = Package.objects.filter(movie=movie, state=Package.State.READY)
    length_s = ready.values_list("duration_s", flat=True).first()
    if length_s is None or movie.runtime_s is None:
        return ""
    if abs(length_s - movie.runtime_s) <= max(_OTHER_LENGTH_S, movie.runtime_s * _OTHER_LENGTH):
        return ""
    text = _(
        "The film is %(length)s long, and the movie's page says %(runtime)s. Correct the running time on the tab "
        "“Details”, or upload the right film."
    )
    return text % {"length": format_length(length_s), "runtime": format_runtime(movie.runtime_s)}


def _packages(movie_id: int) -> tuple[PackageLine, ...]:
    packages = Package.objects.filter(movie=movie_id).select_related("source").defer("index")
    return tuple(
        PackageLine(
            name=str(package),
            url=reverse("admin:streaming_package_change", args=[package.pk]),
            state_words=package.get_state_display(),
            colour=PACKAGE_COLOURS[Package.State(package.state)],
            created_at=package.created_at,
            ready_at=package.ready_at,
            length=format_length(package.duration_s),
            size_bytes=package.size_bytes,
        )
        for package in packages.order_by("-created_at", "-id")[:_MOST_LINES]
    )
