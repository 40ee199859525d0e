"""What happens to packages and jobs, as open pages are told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from catalog import groups as catalog_groups
from catalog.events import ReleasePlan
from portal.events import Event
from streaming import groups

if TYPE_CHECKING:
    from streaming.models import Package, PackagingJob


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """Where a job stands; the `data` of `/ws/jobs/` is a list of them.

    `percent` runs from 0 to 100 over all steps; `speed` is seconds of film in a second; `time_left_s` is in seconds;
    both are null while nobody knows. `failure_code` is "" unless the job has failed.
    """

    job_id: str
    source_id: str
    movie_id: int | None
    state: str
    step: str
    priority: int
    attempt: int
    percent: float
    speed: float | None
    time_left_s: float | None
    failure_code: str
    is_cancel_asked: bool

    @classmethod
    def of(cls, job: "PackagingJob") -> Self:
        return cls(
            job_id=str(job.pk),
            source_id=str(job.source_id),
            movie_id=job.source.movie_id,
            state=job.state,
            step=job.step,
            priority=job.priority,
            attempt=job.attempt,
            percent=round(job.percent, 1),
            speed=job.speed,
            time_left_s=job.time_left_s,
            failure_code=job.failure_code if job.state == job.State.FAILED else "",
            is_cancel_asked=job.is_cancel_asked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChanged(JobState, Event):
    """A packaging job was queued, taken, has come further, or has ended; once or twice a second while it runs.

    Goes to people who may see packaging jobs. The fields are those of the snapshot's entries.
    """

    type: ClassVar[str] = "packaging_job.changed"

    def groups(self) -> tuple[str, ...]:
        return (groups.JOBS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieBecamePlayable(Event):
    """A package of the movie can be played from now on, or a better one can: ask for a playback session anew.

    Goes to everybody who may see the movie's page. `is_whole` is false while the package still grows. By `visibility`
    and `release` consumers judge who may know of it; pages are not told them.
    """

    type: ClassVar[str] = "movie.became_playable"

    movie_id: int
    package_id: str
    is_whole: bool
    visibility: str
    release: ReleasePlan

    @classmethod
    def of(cls, package: "Package") -> Self:
        if package.movie is None:
            raise ValueError("a package without a movie has no page")
        return cls(
            movie_id=package.movie.pk,
            package_id=str(package.pk),
            is_whole=package.state == package.State.READY,
            visibility=package.movie.visibility,
            release=ReleasePlan.of(package.movie),
        )

    def groups(self) -> tuple[str, ...]:
        return (catalog_groups.movie(self.movie_id),)

    def data(self) -> Mapping[str, object]:
        return {"movie_id": self.movie_id, "package_id": self.package_id, "is_whole": self.is_whole}

    def facts(self) -> Mapping[str, object]:
        return {"visibility": self.visibility, "release": asdict(self.release)}
