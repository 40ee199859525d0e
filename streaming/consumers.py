"""How packaging goes, as it happens."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from portal.consumers import SnapshotConsumer
from streaming import access, groups
from streaming.events import JobState

# Of those that wait or run, as many as anybody looks at; of the others as many as a page shows.
_MOST_UNFINISHED, _LATEST_FINISHED = 200, 20
# They can be long, and no state tells of them.
_LARGE = ("plan", "probe", "warnings", "log", "failure_facts")


class JobsConsumer(SnapshotConsumer):
    """`/ws/jobs/`: the desk follows packaging jobs."""

    def authorise(self) -> str:
        access.require_sight_of_jobs(self.scope["user"])
        return groups.JOBS

    def relies_on_rights(self, facts: Mapping[str, Any]) -> bool:
        return True

    def read_snapshot(self) -> Mapping[str, object]:
        jobs = access.get_jobs(self.scope["user"]).defer(*_LARGE)
        # Those that run, then those that wait, the one that is taken next first.
        unfinished = jobs.unfinished().order_by("-state", "-priority", "queued_at", "pk")[:_MOST_UNFINISHED]
        shown = [*unfinished, *jobs.finished().order_by("-finished_at")[:_LATEST_FINISHED]]
        return {"jobs": [asdict(JobState.of(job)) for job in shown]}
