"""How packaging goes, as it happens."""

from collections.abc import Mapping
from dataclasses import asdict

from portal.consumers import SnapshotConsumer
from streaming import access, groups
from streaming.events import JobState

# Those that wait or run, and as many of the others as a page shows.
_LATEST_FINISHED = 20


class JobsConsumer(SnapshotConsumer):
    """`/ws/jobs/`: the desk follows packaging jobs."""

    def authorise(self) -> str:
        access.require_sight_of_jobs(self.scope["user"])
        return groups.JOBS

    def read_snapshot(self) -> Mapping[str, object]:
        jobs = access.get_jobs(self.scope["user"])
        shown = [*jobs.unfinished(), *jobs.finished().order_by("-finished_at")[:_LATEST_FINISHED]]
        return {"jobs": [asdict(JobState.of(job)) for job in shown]}
