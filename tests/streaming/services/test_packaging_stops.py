"""A worker that is stopped in the middle of a film, as operators do it, and the one that comes after it."""

from pathlib import Path

import pytest

from portal import clock
from streaming.models import Package, PackagingJob
from streaming.services import jobs
from tests.streaming.media.sources import make_film
from tests.streaming.services.packaging_way import make_small_ladder, upload
from tests.streaming.services.stumbling import StumblingFFmpeg
from tests.streaming.services.test_packaging_resume import ENCODED
from tests.streaming.services.workers import packaging_workers

pytestmark = pytest.mark.django_db(transaction=True)

State = PackagingJob.State


def is_at_rest() -> bool:
    return PackagingJob.objects.filter(step=PackagingJob.Step.REST).exists()


def test_a_worker_ends_within_seconds_and_the_next_one_goes_on_by_itself(media: Path, tmp_path: Path) -> None:
    """Its second phase is an FFmpeg that hangs, and takes no notice of being asked to end."""
    make_small_ladder()
    program = StumblingFFmpeg(tmp_path, at=2, mishap="trap '' TERM; exec sleep 600")
    job = jobs.enqueue_job(source_id=upload(make_film(tmp_path, ENCODED)).pk, by=None, at=clock.now())
    with packaging_workers(media.parent, NOVA_FFMPEG=str(program.path), NOVA_PACKAGING_PASSES="two") as workers:
        workers.wait_for(lambda: is_at_rest() and program.runs == 2)
        begun = Package.objects.get()

        # It ended by itself, and had not to be killed.
        assert workers.restart() == 0
        # Nobody wakes the next worker but the message that the first one has left.
        workers.wait_for(lambda: PackagingJob.objects.filter(state=State.SUCCEEDED).exists())

    job.refresh_from_db()
    assert (job.attempt, job.package, program.runs) == (1, begun, 3)
