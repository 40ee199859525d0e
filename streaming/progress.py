"""What the editors' desk says of the sources of a movie."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from catalog.progress import Report
from catalog.uploads.sources import SourceLine
from streaming.models import PackagingJob, Source

_MOST_LINES = 100
State = PackagingJob.State


def report_sources(movie_ids: Collection[int]) -> dict[int, Report]:
    """Return in words where the latest source of each movie stands, by the movie's id; nothing if it is packaged."""
    # What was recorded is packaged already.
    with_files = Source.objects.exclude(state__in=[Source.State.RECORDED, Source.State.DISCARDED])
    sources = with_latest_job(with_files.filter(movie__in=movie_ids))
    rows = sources.order_by("created_at").values_list("movie_id", "state", "job_state", "job_percent")
    latest = {movie_id: facts for movie_id, *facts in rows}
    return {
        movie_id: Report(source_words(state, job_state, percent), has_bar=job_state == State.RUNNING)
        for movie_id, (state, job_state, percent) in latest.items()
        if job_state != State.SUCCEEDED
    }


def list_sources(movie_id: int) -> Iterator[SourceLine]:
    """Yield the sources of a movie that there still are, the latest first."""
    sources = with_latest_job(Source.objects.filter(movie=movie_id).exclude(state=Source.State.DISCARDED))
    for source in sources.order_by("-created_at", "-id")[:_MOST_LINES]:
        yield SourceLine(
            file_name=source.file_name,
            size_bytes=source.size_bytes,
            # Its job has a line of its own on the same page, which goes on by itself.
            state_words="" if source.job_state else capfirst(source_words(source.state, None, None)),
            uploaded_at=source.created_at,
        )


def with_latest_job(sources: QuerySet[Source]) -> QuerySet[Any]:
    """Read with each source how its latest job stands: `job_state` and `job_percent`, None where there was no job."""
    latest = PackagingJob.objects.filter(source=OuterRef("pk")).order_by("-queued_at", "-pk")
    return sources.annotate(
        job_state=Subquery(latest.values("state")[:1]), job_percent=Subquery(latest.values("percent")[:1])
    )


def source_words(state: str, job_state: str | None, job_percent: float | None) -> str:
    """Return where a source that is not discarded stands, as part of a sentence."""
    if state == Source.State.VERIFYING:
        return _("uploaded, being compared with its checksum")
    if state == Source.State.RECORDED:
        return _("recorded from a stream")
    match job_state:
        case State.RUNNING:
            return _("packaging %(percent)d %%") % {"percent": int(job_percent or 0)}
        case State.SUCCEEDED:
            return _("packaged")
        case State.FAILED:
            return _("packaging failed")
        case State.CANCELLED:
            return _("packaging was cancelled")
    return _("uploaded, waiting to be packaged")
